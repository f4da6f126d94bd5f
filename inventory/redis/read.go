package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// maxList bounds each list of a detail: the most used values come first.
const maxList = 500

// Services implements inventory.Reader.
func (s *Store) Services(ctx context.Context) ([]inventory.Service, error) {
	s.fresh(ctx)
	c, err := s.node(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading services: %w", err)
	}
	list, err := s.known.list(ctx, s, c)
	if err != nil {
		return nil, fmt.Errorf("reading services: %w", err)
	}
	return list, nil
}

// Knows reports whether a service of that id was seen.
func (s *Store) Knows(ctx context.Context, id string) (bool, error) {
	s.fresh(ctx)
	c, err := s.node(ctx)
	if err != nil {
		return false, err
	}
	return c.HExists(ctx, s.keys.service, id).Result()
}

// Service implements inventory.Reader.
func (s *Store) Service(ctx context.Context, id string) (*inventory.Detail, error) {
	s.fresh(ctx)
	d, err := s.service(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("reading service %q: %w", id, err)
	}
	return d, nil
}

func (s *Store) service(ctx context.Context, id string) (*inventory.Detail, error) {
	c, err := s.node(ctx)
	if err != nil {
		return nil, err
	}
	text, err := c.HGet(ctx, s.keys.service, id).Result()
	if err == goredis.Nil {
		return nil, inventory.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	v, err := parseService(id, text)
	if err != nil { // as one that was not seen
		s.noteForeign(1, "a row of the register", s.keys.service)
		return nil, inventory.ErrUnknown
	}
	d := &inventory.Detail{Service: v.row, Features: v.features}
	facets, err := s.facets(ctx, c, id)
	if err != nil {
		return nil, err
	}
	for kind, list := range facets {
		d.SetCount(kind, int64(len(list)))
		for i, u := range list {
			d.SetTally(kind, u.Name, u.Requests)
			if i < maxList {
				d.AddUse(kind, u)
			}
		}
	}
	return d, nil
}

// facets returns all that was seen with a subject, the most used first.
func (s *Store) facets(ctx context.Context, c *goredis.Client, subject string) (map[inventory.Kind][]inventory.Use, error) {
	all, err := c.HGetAll(ctx, s.keys.facets(subject)).Result()
	if err != nil {
		return nil, err
	}
	facets := make(map[inventory.Kind][]inventory.Use)
	for field, text := range all {
		if strings.HasPrefix(field, "#") {
			continue
		}
		sum, err := parseSum(text)
		kind, name, ok := strings.Cut(field, "=")
		if err != nil || !ok {
			s.noteForeign(1, "a figure", s.keys.facets(subject))
			continue
		}
		facets[inventory.Kind(kind)] = append(facets[inventory.Kind(kind)], sum.use(name))
	}
	for _, list := range facets {
		slices.SortFunc(list, func(a, b inventory.Use) int {
			return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Name, b.Name))
		})
	}
	return facets, nil
}

// Subjects implements inventory.Reader.
func (s *Store) Subjects(ctx context.Context, kind inventory.Kind, limit int) ([]inventory.Subject, error) {
	s.fresh(ctx)
	list, err := s.subjects(ctx, kind, limit)
	if err != nil {
		return nil, fmt.Errorf("reading subjects of kind %s: %w", kind, err)
	}
	return list, nil
}

func (s *Store) subjects(ctx context.Context, kind inventory.Kind, limit int) ([]inventory.Subject, error) {
	c, err := s.node(ctx)
	if err != nil || limit <= 0 {
		return nil, err
	}
	names, err := c.ZRange(ctx, s.keys.top(string(kind)), 0, int64(limit)-1).Result()
	if err != nil {
		return nil, err
	}
	return s.named(ctx, c, kind, names)
}

// SubjectsAfter implements inventory.Reader.
func (s *Store) SubjectsAfter(ctx context.Context, kind inventory.Kind, after string, limit int) ([]inventory.Subject, error) {
	s.fresh(ctx)
	list, err := s.subjectsAfter(ctx, kind, after, limit)
	if err != nil {
		return nil, fmt.Errorf("reading subjects of kind %s: %w", kind, err)
	}
	return list, nil
}

func (s *Store) subjectsAfter(ctx context.Context, kind inventory.Kind, after string, limit int) ([]inventory.Subject, error) {
	c, err := s.node(ctx)
	if err != nil || limit <= 0 {
		return nil, err
	}
	names, err := c.ZRange(ctx, s.keys.top(string(kind)), 0, -1).Result() // all: they are in the order of use
	if err != nil {
		return nil, err
	}
	return s.named(ctx, c, kind, firstAfter(names, after, limit))
}

// firstAfter returns the first names after one, in order: of very many few.
func firstAfter(names []string, after string, limit int) []string {
	var first []string
	full := ""
	for _, name := range names {
		if name <= after || full != "" && name >= full {
			continue
		}
		if first = append(first, name); len(first) >= 2*limit {
			slices.Sort(first)
			first = first[:limit]
			full = first[limit-1]
		}
	}
	slices.Sort(first)
	return first[:min(len(first), limit)]
}

// CountSubjects implements inventory.Reader.
func (s *Store) CountSubjects(ctx context.Context, kind inventory.Kind) (int64, error) {
	s.fresh(ctx)
	c, err := s.node(ctx)
	if err != nil {
		return 0, fmt.Errorf("counting subjects of kind %s: %w", kind, err)
	}
	return c.ZCard(ctx, s.keys.top(string(kind))).Result()
}

// named returns the subjects of some names, in their order.
func (s *Store) named(ctx context.Context, c *goredis.Client, kind inventory.Kind, names []string) ([]inventory.Subject, error) {
	list := make([]inventory.Subject, 0, len(names))
	for names := range slices.Chunk(names, pipe) {
		found := make([]*goredis.SliceCmd, len(names))
		_, err := c.Pipelined(ctx, func(p goredis.Pipeliner) error {
			for i, name := range names {
				found[i] = p.HMGet(ctx, s.keys.facets(inventory.Of(kind, name)), subjectFields...)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for i, name := range names {
			v := inventory.Subject{Kind: kind, Name: name}
			switch known, err := readSubject(&v, found[i].Val()); {
			case err != nil:
				s.noteForeign(1, "a figure", s.keys.facets(inventory.Of(kind, name)))
			case known: // else it was deleted at this moment
				list = append(list, v)
			}
		}
	}
	return list, nil
}

// subjectKinds are the kinds that facets of subjects are of (inventory.Fold).
var subjectKinds = [...]inventory.Kind{
	inventory.KindService, inventory.KindUser, inventory.KindClient, inventory.KindAction, inventory.KindModel, inventory.KindAccount,
	inventory.KindAgent, inventory.KindGroup, inventory.KindClass, inventory.KindSurface,
}

// subjectFields are the total and the sizes.
var subjectFields = func() []string {
	list := []string{facetField(inventory.KindTotal, "")}
	for _, kind := range subjectKinds {
		list = append(list, sizeField(string(kind)))
	}
	return list
}()

func readSubject(v *inventory.Subject, found []any) (known bool, err error) {
	if len(found) != len(subjectFields) {
		return false, errDamaged
	}
	text, ok := found[0].(string)
	if !ok {
		return false, nil
	}
	total, err := parseSum(text)
	if err != nil {
		return false, err
	}
	v.Requests, v.Up, v.Down, v.FirstSeen, v.LastSeen = total.n, total.up, total.down, at(total.first), at(total.last)
	v.Counts = make(map[inventory.Kind]int64)
	for i, kind := range subjectKinds {
		if text, ok := found[i+1].(string); ok {
			if v.Counts[kind], err = strconv.ParseInt(text, 10, 64); err != nil {
				return false, errDamaged
			}
		}
	}
	return true, nil
}

// Subject implements inventory.Reader.
func (s *Store) Subject(ctx context.Context, kind inventory.Kind, name string) (*inventory.SubjectDetail, error) {
	s.fresh(ctx)
	c, err := s.node(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading %s %q: %w", kind, name, err)
	}
	facets, err := s.facets(ctx, c, inventory.Of(kind, name))
	if err != nil {
		return nil, fmt.Errorf("reading %s %q: %w", kind, name, err)
	}
	total := facets[inventory.KindTotal]
	if len(total) == 0 {
		return nil, inventory.ErrUnknown
	}
	delete(facets, inventory.KindTotal)
	d := &inventory.SubjectDetail{
		Subject: inventory.Subject{
			Kind: kind, Name: name, Requests: total[0].Requests, Up: total[0].Up, Down: total[0].Down,
			FirstSeen: total[0].FirstSeen, LastSeen: total[0].LastSeen, Counts: make(map[inventory.Kind]int64),
		},
		Facets: facets,
	}
	for k, list := range facets {
		d.Counts[k] = int64(len(list))
		facets[k] = list[:min(len(list), maxList)]
	}
	return d, nil
}

// maxBlindClients bounds the clients that are listed with a blind spot.
const maxBlindClients = 100

// BlindSpots implements inventory.Reader.
func (s *Store) BlindSpots(ctx context.Context) ([]inventory.BlindSpot, error) {
	s.fresh(ctx)
	c, err := s.node(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading blind spots: %w", err)
	}
	all, err := c.HGetAll(ctx, s.keys.blind).Result()
	if err != nil {
		return nil, fmt.Errorf("reading blind spots: %w", err)
	}
	uses := make(map[[2]string][]inventory.Use)
	for field, text := range all {
		var reason, name, client string
		sum, err := parseSum(text)
		if err := errors.Join(err, parseField(field, &reason, &name, &client)); err != nil {
			s.noteForeign(1, "a figure", s.keys.blind)
			continue
		}
		k := [2]string{reason, name}
		uses[k] = append(uses[k], sum.use(client))
	}
	var list []inventory.BlindSpot
	for k, clients := range uses {
		slices.SortFunc(clients, func(a, b inventory.Use) int {
			return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Name, b.Name))
		})
		b := inventory.BlindSpot{Reason: k[0], Name: k[1], FirstSeen: clients[0].FirstSeen, LastSeen: clients[0].LastSeen}
		for _, u := range clients {
			b.Add(u, maxBlindClients)
		}
		list = append(list, b)
	}
	return list, nil
}

// Person implements inventory.Reader.
func (s *Store) Person(ctx context.Context, id string) (inventory.Person, error) {
	p := inventory.Person{ID: id}
	c, err := s.node(ctx)
	if err == nil {
		p.Sealed, err = c.HGet(ctx, s.keys.people, id).Bytes()
	}
	if err == goredis.Nil {
		return p, inventory.ErrUnknown
	}
	if err != nil {
		return p, fmt.Errorf("reading a name: %w", err)
	}
	return p, nil
}
