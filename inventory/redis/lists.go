package redis

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// maxOdd bounds the contradictions that are listed.
const maxOdd = 20

// Lists implements inventory.Lister. Redis has no state that lasts: what was read
// counts when nothing was merged or counted meanwhile.
func (s *Store) Lists(ctx context.Context, l *inventory.Lists) (through int64, odd []inventory.Odd, err error) {
	c, err := s.node(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("reading lists: %w", err)
	}
	before, through, err := s.still(ctx, c)
	if err != nil {
		return 0, nil, fmt.Errorf("reading lists: %w", err)
	}
	r := &lists{s: s, ctx: ctx, c: c, l: l, totals: make(map[string]map[string]int64), sizes: make(map[string]map[string]int64)}
	for _, read := range []func() error{r.facets, r.services, r.blind, r.people, r.tops, r.periods, r.end} {
		if err := read(); err != nil {
			return 0, nil, fmt.Errorf("reading lists: %w", err)
		}
	}
	after, _, err := s.still(ctx, c)
	if err == nil && after != before {
		err = inventory.ErrMoving
	}
	if err != nil {
		return 0, nil, fmt.Errorf("reading lists: %w", err)
	}
	return through, r.odd, nil
}

// still returns what is another one after each change, and the last batch.
func (s *Store) still(ctx context.Context, c *goredis.Client) (state string, through int64, err error) {
	v, err := c.MGet(ctx, s.keys.version, s.keys.end, s.keys.counted).Result()
	if err != nil {
		return "", 0, err
	}
	text, _ := v[1].(string)
	e, err := parseEnd(text)
	if err != nil {
		return "", 0, err
	}
	pending, err := s.others(ctx, c, e.seq)
	if err == nil && pending {
		err = inventory.ErrMoving
	}
	return fmt.Sprintf("%q", v), e.seq, err
}

// lists reads all lists once.
type lists struct {
	s   *Store
	ctx context.Context
	c   *goredis.Client
	l   *inventory.Lists
	odd []inventory.Odd

	totals map[string]map[string]int64 // requests of subjects, by kind
	sizes  map[string]map[string]int64 // of services: how many values of a kind they have
}

func (r *lists) wrong(aged bool, format string, args ...any) {
	if len(r.odd) < maxOdd {
		r.odd = append(r.odd, inventory.Odd{Text: fmt.Sprintf(format, args...), Aged: aged})
	}
}

// facets reads what was seen with each subject.
func (r *lists) facets() error {
	prefix := r.s.keys.facets("")
	match := strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(prefix) + "*"
	seen := make(map[string]bool) // a scan may tell a key twice
	for cursor := uint64(0); ; {
		keys, next, err := r.c.Scan(r.ctx, cursor, match, pipe).Result()
		if err != nil {
			return err
		}
		keys = slices.DeleteFunc(keys, func(key string) bool {
			twice := seen[key]
			seen[key] = true
			return twice
		})
		for some := range slices.Chunk(keys, readSubjects) {
			if err := r.some(some, prefix); err != nil {
				return err
			}
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

func (r *lists) some(keys []string, prefix string) error {
	found := make([]*goredis.MapStringStringCmd, len(keys))
	_, err := r.c.Pipelined(r.ctx, func(p goredis.Pipeliner) error {
		for i, key := range keys {
			found[i] = p.HGetAll(r.ctx, key)
		}
		return nil
	})
	if err != nil && !mistyped(err) {
		return err
	}
	for i, key := range keys {
		if err := found[i].Err(); err != nil {
			r.wrong(false, "%.100q is a key that no gateway wrote", key)
			continue
		}
		if err := r.subject(strings.TrimPrefix(key, prefix), found[i].Val()); err != nil {
			return err
		}
	}
	return nil
}

func (r *lists) subject(subject string, fields map[string]string) error {
	counts, sizes := make(map[string]int64), make(map[string]int64)
	for field, text := range fields {
		if name, ok := strings.CutPrefix(field, "#"); ok {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				n = -1
			}
			sizes[name] = n
			continue
		}
		v, err := parseSum(text)
		kind, name, ok := strings.Cut(field, "=")
		if err != nil || !ok {
			r.s.noteForeign(1, "a figure", r.s.keys.facets(subject))
			r.wrong(false, "a figure of %.100q is none that a gateway wrote", subject)
			continue
		}
		counts[kind]++
		if err := r.l.Facet(inventory.FacetKey{Subject: subject, Kind: inventory.Kind(kind), Name: name}, v.tally()); err != nil {
			return err
		}
		if kind == string(inventory.KindTotal) {
			of, _ := isService(subject)
			if r.totals[string(of)] == nil {
				r.totals[string(of)] = make(map[string]int64)
			}
			r.totals[string(of)][subject[len(of)+1:]] = v.n
		}
	}
	for kind, n := range sizes {
		if counts[kind] != n {
			r.wrong(false, "the number of values of kind %.40s of %.100q is not how many are listed", kind, subject)
		}
	}
	for kind := range counts {
		if _, ok := sizes[kind]; !ok {
			r.wrong(false, "the number of values of kind %.40s of %.100q is missing", kind, subject)
		}
	}
	if _, service := isService(subject); service {
		r.sizes[subject] = counts
	}
	return nil
}

// services reads the rows of the register.
func (r *lists) services() error {
	all, err := r.c.HGetAll(r.ctx, r.s.keys.service).Result()
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		v, err := parseService(id, all[id])
		if err != nil {
			r.s.noteForeign(1, "a row of the register", r.s.keys.service)
			r.wrong(false, "the register's row of %.100q is none that a gateway wrote", id)
			continue
		}
		row, n := &v.row, r.sizes[id]
		for kind, is := range map[inventory.Kind]int64{inventory.KindUser: row.Users, inventory.KindClient: row.Clients, inventory.KindAccount: row.Accounts, inventory.KindModel: row.Models} {
			if n[string(kind)] != is {
				r.wrong(true, "the register's row of %.100q shows another number of values of kind %s than are listed", id, kind)
			}
		}
		// Of evidence of one strength the features are those that were counted
		// first, by whichever gateway.
		err = r.l.Service(&inventory.ServiceName{ID: id, Name: row.Service, Vendor: row.Vendor, Category: row.Category, Last: row.LastSeen, How: row.How})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *lists) blind() error {
	all, err := r.c.HGetAll(r.ctx, r.s.keys.blind).Result()
	if err != nil {
		return err
	}
	for field, text := range all {
		var k inventory.BlindKey
		v, err := parseSum(text)
		if errors.Join(err, parseField(field, &k.Reason, &k.Name, &k.Client)) != nil {
			r.s.noteForeign(1, "a figure", r.s.keys.blind)
			r.wrong(false, "a figure of the blind spots is none that a gateway wrote")
			continue
		}
		if err := r.l.Blind(k, v.tally()); err != nil {
			return err
		}
	}
	return nil
}

func (r *lists) people() error {
	for cursor := uint64(0); ; {
		pairs, next, err := r.c.HScan(r.ctx, r.s.keys.people, cursor, "", pipe).Result()
		if err != nil {
			return err
		}
		for i := 0; i+1 < len(pairs); i += 2 {
			if err := r.l.Person(inventory.Person{ID: pairs[i], Sealed: []byte(pairs[i+1])}); err != nil {
				return err
			}
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// tops compares the lists of the most used with the totals.
func (r *lists) tops() error {
	for _, kind := range topKinds {
		list, err := r.c.ZRangeWithScores(r.ctx, r.s.keys.top(string(kind)), 0, -1).Result()
		if err != nil {
			return err
		}
		totals := r.totals[string(kind)]
		for _, z := range list {
			name, _ := z.Member.(string)
			if n, ok := totals[name]; !ok || n != -int64(z.Score) {
				r.wrong(true, "the list of the most used of kind %s has %.60q, and its total is another one", kind, name)
			}
		}
		if len(list) != len(totals) {
			r.wrong(true, "the list of the most used of kind %s has %d of %d", kind, len(list), len(totals))
		}
	}
	return nil
}

// periods looks at the indexes of days and hours: one under another number would
// not be found.
func (r *lists) periods() error {
	for _, index := range []string{r.s.keys.days, r.s.keys.hours} {
		list, err := r.c.ZRangeWithScores(r.ctx, index, 0, -1).Result()
		if err != nil {
			return err
		}
		for _, z := range list {
			if name, _ := z.Member.(string); name != strconv.FormatInt(int64(z.Score), 10) {
				r.wrong(false, "%.100q has %.40q where %d belongs", index, name, int64(z.Score))
			}
		}
	}
	return nil
}

// end compares the noted end of the chain with the last batch.
func (r *lists) end() error {
	e, err := r.s.getEnd(r.ctx, r.c)
	if err != nil {
		return err
	}
	last, err := r.c.XRevRangeN(r.ctx, r.s.keys.stream, "+", "-", 1).Result()
	if err != nil || len(last) == 0 {
		return err
	}
	if v, err := parseRow(&last[0]); err != nil || v.seq > e.seq || v.seq == e.seq && v.chain != e.hash {
		r.wrong(false, "the noted end of the chain of sightings is not that of the last ones")
	}
	return nil
}

// LastBatch returns the Seq of the last batch that was ever written.
func (s *Store) LastBatch(ctx context.Context) (int64, error) {
	c, err := s.node(ctx)
	if err != nil {
		return 0, err
	}
	e, err := s.getEnd(ctx, c)
	return e.seq, err
}

// State returns what is another one after each merge and each count.
func (s *Store) State(ctx context.Context) (string, error) {
	c, err := s.node(ctx)
	if err != nil {
		return "", err
	}
	v, err := c.MGet(ctx, s.keys.version, s.keys.end).Result()
	return fmt.Sprintf("%q", v), err
}
