package redis

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// attempts bounds how often figures are computed anew because another gateway
// wrote some meanwhile.
const attempts = 50

// addFold adds the figures of batches, and notes that these are counted.
func (s *Store) addFold(ctx context.Context, c *goredis.Client, f *inventory.Fold, count []string) error {
	if err := s.crowded(ctx, c, f); mistyped(err) {
		if _, err := s.retype(ctx, c, (&gathering{s: s}).types(f)); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	for range attempts {
		version, err := s.version(ctx, c)
		if err != nil {
			return err
		}
		ch := &change{end: "*", count: count}
		ch.op("INCR", s.keys.version) // refused when Redis is out of memory
		ch.op("INCRBY", s.keys.counted, len(count))
		ch.marks(&s.keys)
		g := &gathering{s: s, ctx: ctx, c: c, change: ch}
		if err = g.add(f); err != nil {
			err = fmt.Errorf("reading figures: %w", err)
		} else {
			err = s.commit(ctx, version, ch)
		}
		if mistyped(err) {
			some, again := s.retype(ctx, c, g.types(f))
			if err = errors.Join(err, again); some && again == nil {
				err = errStale
			}
		}
		if !errors.Is(err, errStale) {
			return err
		}
	}
	return errStale
}

// version returns that of the figures. What others have made of its key is moved
// out of the way: nothing would be counted any more.
func (s *Store) version(ctx context.Context, c *goredis.Client) (string, error) {
	v, err := c.Get(ctx, s.keys.version).Result()
	if mistyped(err) {
		_, err = s.retype(ctx, c, make(map[string]string))
		return "0", err
	}
	if err == goredis.Nil {
		return "0", nil
	}
	return v, err
}

// gathering brings together what a fold adds to and what it adds.
type gathering struct {
	s      *Store
	ctx    context.Context
	c      *goredis.Client
	change *change
	hashes []*hash
}

// hash is a Redis hash that figures are added to.
type hash struct {
	key    string
	kinds  bool            // the number of facets of each kind is kept with them
	sums   map[string]*sum // by field; after read, with what was there
	sizes  map[string]int64
	grown  map[string]bool // sizes that changed
	beyond func(field string) string
	room   int // for new fields; less than 0: as many as come

	foreign int64 // values that no gateway wrote
}

// add computes what Redis is to hold.
func (g *gathering) add(f *inventory.Fold) error {
	subjects := g.facets(f)
	if err := g.days(f); err != nil {
		return err
	}
	g.hours(f)
	if err := g.blind(f); err != nil {
		return err
	}
	if err := g.read(); err != nil {
		return err
	}
	for _, h := range g.hashes {
		h.write(g.change)
	}
	g.totals(subjects)
	return g.services(f, subjects)
}

func (g *gathering) hash(h *hash) *hash {
	h.sums = make(map[string]*sum)
	g.hashes = append(g.hashes, h)
	return h
}

func (h *hash) put(field string, s sum) {
	old := h.sums[field]
	if old == nil {
		old = new(sum)
		h.sums[field] = old
	}
	old.add(s)
}

// facetField names the figure of one value that was seen with a subject, and
// sizeField how many values of a kind there are.
func facetField(kind inventory.Kind, name string) string { return string(kind) + "=" + name }
func sizeField(kind string) string                       { return "#" + kind }

func (g *gathering) facets(f *inventory.Fold) map[string]*hash {
	subjects := make(map[string]*hash)
	for k, t := range f.Facets {
		h := subjects[k.Subject]
		if h == nil {
			h = g.hash(&hash{key: g.s.keys.facets(k.Subject), kinds: true, room: -1, sizes: make(map[string]int64), grown: make(map[string]bool)})
			subjects[k.Subject] = h
		}
		h.put(facetField(k.Kind, k.Name), sumOf(t))
	}
	return subjects
}

func (g *gathering) days(f *inventory.Fold) error {
	byKey := make(map[string]*hash)
	days := make(map[int64]bool)
	bucket := func(key string, day int64, beyond func(string) string) *hash {
		h := byKey[key]
		if h == nil {
			h = g.hash(&hash{key: key, room: -1, beyond: beyond})
			byKey[key] = h
			days[day] = true
		}
		return h
	}
	for k, u := range f.Usage {
		field := fieldOf(k.Service, k.Account, k.User, k.Client, k.Model)
		bucket(g.s.keys.usage(k.Day, bucketOf(field)), k.Day, otherUsage).put(field, sumOfUsage(u))
	}
	for k, t := range f.Days {
		field := fieldOf(k.Service, string(k.Kind), k.Name)
		bucket(g.s.keys.day(k.Day, bucketOf(field)), k.Day, otherDay).put(field, sumOf(t))
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		g.change.op("ZADD", g.s.keys.days, day, day)
		g.change.mark(&g.s.keys, day)
	}
	return g.rooms(byKey)
}

// otherUsage is the field under which usage is counted when a day has no room.
func otherUsage(field string) string {
	var service, skip string
	_ = parseField(field, &service, &skip, &skip, &skip, &skip)
	return fieldOf(service, other, other, other, other)
}

func otherDay(field string) string {
	var service, kind, skip string
	_ = parseField(field, &service, &kind, &skip)
	return fieldOf(service, kind, other)
}

// rooms sets how many fields may be new in each bucket: those of a day are
// filled alike.
func (g *gathering) rooms(byKey map[string]*hash) error {
	return g.each(slices.Sorted(maps.Keys(byKey)), func(p goredis.Pipeliner, key string) func() error {
		n := p.HLen(g.ctx, key)
		return func() error {
			limit := maxUsage / buckets
			if h := byKey[key]; h.isDay() {
				limit = maxDays / buckets
			}
			byKey[key].room = max(0, limit-int(n.Val()))
			return n.Err()
		}
	})
}

func (h *hash) isDay() bool {
	for _, s := range h.sums {
		return !s.wide
	}
	return false
}

func (g *gathering) hours(f *inventory.Fold) {
	byHour := make(map[int64]*hash)
	for k, u := range f.Hours {
		h := byHour[k.Hour]
		if h == nil {
			h = g.hash(&hash{key: g.s.keys.hour(k.Hour), room: -1}) // as many as there are services, which are bounded
			byHour[k.Hour] = h
			g.change.op("ZADD", g.s.keys.hours, k.Hour, k.Hour)
		}
		h.put(k.Service, sumOfUsage(u))
	}
}

func (g *gathering) blind(f *inventory.Fold) error {
	if len(f.Blind) == 0 {
		return nil
	}
	n, err := g.c.HLen(g.ctx, g.s.keys.blind).Result()
	if err != nil {
		return err
	}
	h := g.hash(&hash{key: g.s.keys.blind, room: max(0, maxBlind-int(n)), beyond: otherBlind})
	for k, t := range f.Blind {
		h.put(fieldOf(k.Reason, k.Name, k.Client), sumOf(t))
	}
	return nil
}

func otherBlind(field string) string {
	var reason, skip string
	_ = parseField(field, &reason, &skip, &skip)
	return fieldOf(reason, other, other)
}

// pipe is how many commands are sent at once.
const pipe = 1000

// each sends a command for each key, and calls what it returned with the answer.
func (g *gathering) each(keys []string, send func(p goredis.Pipeliner, key string) func() error) error {
	for keys := range slices.Chunk(keys, pipe) {
		answers := make([]func() error, len(keys))
		_, err := g.c.Pipelined(g.ctx, func(p goredis.Pipeliner) error {
			for i, key := range keys {
				answers[i] = send(p, key)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, answer := range answers {
			if err := answer(); err != nil {
				return err
			}
		}
	}
	return nil
}

// read adds what Redis has to what comes. New fields for which there is no room
// go under another name, which takes a second look.
func (g *gathering) read() error {
	wanted := make(map[*hash][]string, len(g.hashes))
	for _, h := range g.hashes {
		wanted[h] = slices.Collect(maps.Keys(h.sums))
		if h.kinds {
			kinds := make(map[string]bool)
			for _, field := range wanted[h] {
				kinds[kindOf(field)] = true
			}
			for kind := range kinds {
				wanted[h] = append(wanted[h], sizeField(kind))
			}
		}
	}
	again, err := g.readFields(wanted, true)
	if err != nil || len(again) == 0 {
		return err
	}
	_, err = g.readFields(again, false)
	return err
}

func kindOf(field string) string {
	for i := range len(field) {
		if field[i] == '=' {
			return field[:i]
		}
	}
	return field
}

func (g *gathering) readFields(wanted map[*hash][]string, first bool) (again map[*hash][]string, err error) {
	again = make(map[*hash][]string)
	list := slices.Collect(maps.Keys(wanted))
	for part := range slices.Chunk(list, pipe) {
		answers := make([]*goredis.SliceCmd, len(part))
		_, err := g.c.Pipelined(g.ctx, func(p goredis.Pipeliner) error {
			for i, h := range part {
				answers[i] = p.HMGet(g.ctx, h.key, wanted[h]...)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for i, h := range part {
			moved, err := h.merge(wanted[h], answers[i].Val(), first)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", h.key, err)
			}
			g.s.noteForeign(h.foreign, "a figure", h.key)
			if h.foreign = 0; len(moved) > 0 {
				again[h] = moved
			}
		}
	}
	return again, nil
}

// merge adds what was found in the fields. It returns those that take what there
// is no room for.
func (h *hash) merge(fields []string, found []any, first bool) (again []string, err error) {
	if len(found) != len(fields) {
		return nil, errDamaged
	}
	fresh := make([]string, 0, len(fields))
	for i, field := range fields {
		text, ok := found[i].(string)
		switch {
		case h.kinds && field[0] == '#':
			if ok {
				if h.sizes[field[1:]], err = strconv.ParseInt(text, 10, 64); err != nil {
					h.foreign++
				}
			}
		case !ok:
			fresh = append(fresh, field)
		default:
			old, err := parseSum(text)
			if err != nil { // what was there is gone: Verify tells
				h.foreign++
				continue
			}
			h.sums[field].add(old)
		}
	}
	slices.Sort(fresh)
	for _, field := range fresh {
		if to := h.place(field, first); to != field {
			v := *h.sums[field]
			delete(h.sums, field)
			if _, there := h.sums[to]; !there {
				again = append(again, to)
			}
			h.put(to, v)
		}
	}
	return again, nil
}

// place returns the field that a new one is written to, and takes its room.
func (h *hash) place(field string, first bool) string {
	if h.kinds {
		kind := kindOf(field)
		if first && h.sizes[kind] >= int64(inventory.Kind(kind).Room(maxFacets)) {
			return facetField(inventory.Kind(kind), other)
		}
		h.sizes[kind]++
		h.grown[kind] = true
		return field
	}
	if first && h.room == 0 {
		return h.beyond(field)
	}
	if h.room > 0 {
		h.room--
	}
	return field
}

// write adds to c what Redis is to hold.
func (h *hash) write(c *change) {
	args := make([]any, 0, 2*len(h.sums)+2*len(h.grown))
	for field, s := range h.sums {
		args = append(args, field, s.text())
	}
	for kind := range h.grown {
		args = append(args, sizeField(kind), h.sizes[kind])
	}
	c.op("HSET", h.key, args...)
}

// totals notes how much the subjects are used, for the list of the most used.
func (g *gathering) totals(subjects map[string]*hash) {
	for subject, h := range subjects {
		total := h.sums[facetField(inventory.KindTotal, "")]
		kind, service := isService(subject)
		if total == nil || service {
			continue
		}
		// The sign puts the most used first, and those alike in the order of names.
		g.change.op("ZADD", g.s.keys.top(string(kind)), -total.n, subject[len(kind)+1:])
	}
}

// services writes the rows of the register.
func (g *gathering) services(f *inventory.Fold, subjects map[string]*hash) error {
	ids := slices.Sorted(maps.Keys(f.Services))
	if len(ids) == 0 {
		return nil
	}
	old, err := g.c.HMGet(g.ctx, g.s.keys.service, ids...).Result()
	if err != nil {
		return err
	}
	args := make([]any, 0, 2*len(ids))
	for i, id := range ids {
		v := service{row: inventory.Service{ID: id}}
		if text, ok := old[i].(string); ok {
			if v, err = parseService(id, text); err != nil { // what was there is gone: Verify tells
				g.s.noteForeign(1, "a row of the register", g.s.keys.service)
				v = service{row: inventory.Service{ID: id}}
			}
		}
		v.add(f.Services[id])
		if h := subjects[id]; h != nil {
			v.take(h)
		}
		args = append(args, id, v.text())
	}
	g.change.op("HSET", g.s.keys.service, args...)
	return nil
}

// take copies the figures that lists show.
func (v *service) take(h *hash) {
	for field, s := range h.sums {
		kind := kindOf(field)
		v.row.SetTally(inventory.Kind(kind), field[len(kind)+1:], s.n)
	}
	for kind := range h.grown {
		v.row.SetCount(inventory.Kind(kind), h.sizes[kind])
	}
}
