package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// UnknownError says that no service goes by a name or id, and which come near.
type UnknownError struct {
	Name string
	Near []string // ids
}

func (e *UnknownError) Error() string {
	s := fmt.Sprintf("no service %q is known", e.Name)
	if len(e.Near) > 0 {
		s += ": did you mean " + strings.Join(e.Near, ", ") + "?"
	}
	return s
}

// Is makes errors.Is(err, ErrUnknown) hold.
func (e *UnknownError) Is(target error) bool { return target == ErrUnknown }

// maxNear bounds the suggestions of an UnknownError.
const maxNear = 4

// Resolve returns the id of the service that goes by a name or id, of those
// seen, decided upon or in the catalogue; letter case does not matter. The
// error is an *UnknownError.
func (v *Inventory) Resolve(ctx context.Context, name string) (string, error) {
	if _, ok := v.standings.Load().byID[name]; ok && name == strings.ToLower(name) { // an id, as most callers have it
		return name, nil
	}
	if s, ok := v.cfg.Store.(interface {
		Knows(ctx context.Context, id string) (bool, error)
	}); ok && name == strings.ToLower(name) {
		if known, err := s.Knows(ctx, name); err == nil && known {
			return name, nil
		}
	}
	names, err := v.names(ctx)
	if err != nil {
		return "", err
	}
	return find(names, name)
}

// find returns the id that goes by a name or id.
func find(names []named, name string) (string, error) {
	want := strings.ToLower(strings.TrimSpace(name))
	for _, n := range names { // an id goes before another service's name
		if strings.ToLower(n.id) == want {
			return n.id, nil
		}
	}
	for _, n := range names {
		if strings.ToLower(n.name) == want {
			return n.id, nil
		}
	}
	if want == "" {
		return "", &UnknownError{}
	}
	return "", &UnknownError{Name: text(name), Near: near(names, want)}
}

// Near returns which of some names come nearest to one that is not among them.
func Near(list []string, name string) []string {
	names := make([]named, len(list))
	for i, n := range list {
		names[i] = named{n, n}
	}
	return near(names, strings.ToLower(strings.TrimSpace(name)))
}

type named struct{ id, name string }

// names lists the catalogue, then what was seen beyond it.
func (v *Inventory) names(ctx context.Context) ([]named, error) {
	var names []named
	known := make(map[string]bool)
	for _, s := range v.cfg.Catalogue() {
		names = append(names, named{s.ID, s.Name})
		known[s.ID] = true
	}
	add := func(id, name string) {
		if !known[id] {
			known[id] = true
			names = append(names, named{id, name})
		}
	}
	if err := v.seenNames(ctx, add); err != nil {
		return nil, fmt.Errorf("reading the register: %w", err)
	}
	for id := range v.standings.Load().byID {
		add(id, "")
	}
	return names, nil
}

// seenNames calls f with the id and name of each service that was seen: of a
// store that can tell them apart from the figures, no more is read.
func (v *Inventory) seenNames(ctx context.Context, f func(id, name string)) error {
	if s, ok := v.cfg.Store.(interface {
		Names(ctx context.Context, f func(id, name string)) error
	}); ok {
		return s.Names(ctx, f)
	}
	rows, err := v.cfg.Store.Services(ctx)
	for _, r := range rows {
		f(r.ID, r.Service)
	}
	return err
}

// near returns the ids whose id or name comes nearest to want.
func near(names []named, want string) []string {
	type scored struct {
		id    string
		score int
	}
	if len(want) > maxText { // the distance costs the product of the lengths
		return nil
	}
	limit := max(2, len(want)/3)
	var hits []scored
	for _, n := range names {
		id, name := strings.ToLower(n.id), strings.ToLower(n.name)
		score := min(distance(id, want), distance(name, want))
		if len(want) >= 3 && (strings.Contains(id, want) || strings.Contains(name, want)) {
			score = min(score, 1)
		}
		if score <= limit {
			hits = append(hits, scored{n.id, score})
		}
	}
	slices.SortFunc(hits, func(a, b scored) int {
		return cmp.Or(a.score-b.score, cmp.Compare(len(a.id), len(b.id)), cmp.Compare(a.id, b.id))
	})
	var ids []string
	for _, h := range hits[:min(len(hits), maxNear)] {
		ids = append(ids, h.id)
	}
	return ids
}

// distance is the number of bytes to change, insert or delete to make b of a
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
