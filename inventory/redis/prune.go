package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

const (
	// pruneHold is how long the one gateway that prunes keeps others out; should
	// it take longer, two of them delete the same.
	pruneHold = 2 * time.Minute

	// pruneSome is how much is deleted at once: new sightings wait for it.
	pruneSome = 500

	// readSubjects is how many subjects are looked at at once.
	readSubjects = 50
)

// Prune implements inventory.Store. Of several gateways one does it at a time;
// for the others nothing is left.
func (s *Store) Prune(ctx context.Context, cut inventory.Cutoffs) (done inventory.Pruned, err error) {
	unlock, ok, err := s.lock(ctx, "prune", pruneHold)
	if err != nil || !ok {
		return done, err
	}
	defer unlock()
	c, err := s.node(ctx)
	if err != nil {
		return done, err
	}
	p := &pruning{s: s, ctx: ctx, c: c, cut: cut, done: &done}
	for _, step := range []func() error{s.settleStep(ctx), p.days, p.hours, p.facets, p.blind, p.people, p.sightings} {
		if err := step(); err != nil {
			return done, fmt.Errorf("deleting what is past its time: %w", err)
		}
	}
	return done, nil
}

func (s *Store) settleStep(ctx context.Context) func() error {
	return func() error { return s.settle(ctx) }
}

// pruning is one run of Prune.
type pruning struct {
	s    *Store
	ctx  context.Context
	c    *goredis.Client
	cut  inventory.Cutoffs
	done *inventory.Pruned
}

// change deletes what plan says, which is asked again when the figures have
// moved. Deletions come first: they need no memory, and the rest may then go
// beyond what Redis has.
func (p *pruning) change(plan func() (ch *change, tell func(), err error)) error {
	for range attempts {
		version, err := p.s.version(p.ctx, p.c)
		if err != nil {
			return err
		}
		ch, tell, err := plan()
		if err != nil || ch == nil {
			return err
		}
		if ch.end == "" {
			ch.end = "*"
		}
		ch.op("INCR", p.s.keys.version)
		if !ch.other {
			ch.marks(&p.s.keys)
		}
		if err = p.s.commit(p.ctx, version, ch); err == nil {
			tell()
			return nil
		}
		if !errors.Is(err, errStale) {
			return err
		}
		if err := p.s.settle(p.ctx); err != nil {
			return err
		}
	}
	return errStale
}

func (p *pruning) before(index string, limit int64) ([]int64, error) {
	list, err := byScore(p.ctx, p.c, index, "-inf", "("+strconv.FormatInt(limit, 10))
	out := make([]int64, len(list))
	for i, text := range list {
		if err == nil {
			out[i], err = strconv.ParseInt(text, 10, 64)
		}
	}
	return out, err
}

func (p *pruning) days() error {
	days, err := p.before(p.s.keys.days, inventory.Day(p.cut.Rollups))
	if err != nil {
		return err
	}
	for _, day := range days {
		var keys []string
		for b := range buckets {
			keys = append(keys, p.s.keys.usage(day, b), p.s.keys.day(day, b))
		}
		if err := p.drop(p.s.keys.days, day, keys, &p.done.Days); err != nil {
			return err
		}
	}
	return nil
}

func (p *pruning) hours() error {
	hours, err := p.before(p.s.keys.hours, inventory.Hour(p.cut.Hours))
	if err != nil {
		return err
	}
	for _, hour := range hours {
		if err := p.drop(p.s.keys.hours, hour, []string{p.s.keys.hour(hour)}, &p.done.Hours); err != nil {
			return err
		}
	}
	return nil
}

// drop deletes hashes and their place in an index.
func (p *pruning) drop(index string, member int64, keys []string, count *int64) error {
	return p.change(func() (*change, func(), error) {
		var n int64
		ch := new(change)
		sizes := make([]*goredis.IntCmd, len(keys))
		_, err := p.c.Pipelined(p.ctx, func(pipe goredis.Pipeliner) error {
			for i, key := range keys {
				sizes[i] = pipe.HLen(p.ctx, key)
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
		for i, key := range keys {
			n += sizes[i].Val()
			ch.op("UNLINK", key)
		}
		ch.op("ZREM", index, member)
		return ch, func() { *count += n }, nil
	})
}

// facets deletes subjects that were not seen for long, and who was not seen with
// those that were.
func (p *pruning) facets() error {
	ids, err := p.c.HKeys(p.ctx, p.s.keys.service).Result()
	if err != nil {
		return err
	}
	if err := p.subjects(ids, ""); err != nil {
		return err
	}
	for _, kind := range topKinds {
		names, err := p.c.ZRange(p.ctx, p.s.keys.top(string(kind)), 0, -1).Result()
		if err != nil {
			return err
		}
		if err := p.subjects(names, kind); err != nil {
			return err
		}
	}
	return nil
}

// subjects looks at many at once: few of them have something old.
func (p *pruning) subjects(names []string, kind inventory.Kind) error {
	for names := range slices.Chunk(names, readSubjects) {
		found := make([]*goredis.MapStringStringCmd, len(names))
		_, err := p.c.Pipelined(p.ctx, func(pipe goredis.Pipeliner) error {
			for i, name := range names {
				found[i] = pipe.HGetAll(p.ctx, p.s.keys.facets(subjectOf(kind, name)))
			}
			return nil
		})
		if err != nil {
			return err
		}
		for i, name := range names {
			old, _, err := p.old(found[i].Val(), kind == "")
			if err == nil && len(old) > 0 {
				err = p.subject(subjectOf(kind, name), kind, name)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func subjectOf(kind inventory.Kind, name string) string {
	if kind == "" {
		return name
	}
	return inventory.Of(kind, name)
}

// topKinds are those of subjects that are no services.
var topKinds = [...]inventory.Kind{
	inventory.KindUser, inventory.KindGroup, inventory.KindClient, inventory.KindKey, inventory.KindModel, inventory.KindAgent,
	inventory.KindTool, inventory.KindServer,
}

// subject deletes what is old of one; kind is "" for a service.
func (p *pruning) subject(subject string, kind inventory.Kind, name string) error {
	key := p.s.keys.facets(subject)
	return p.change(func() (*change, func(), error) {
		all, err := p.c.HGetAll(p.ctx, key).Result()
		if err != nil {
			return nil, nil, err
		}
		old, gone, err := p.old(all, kind == "")
		if err != nil || len(old) == 0 {
			return nil, nil, err
		}
		ch := new(change)
		n := int64(len(old))
		if kind != "" && slices.Contains(old, any(facetField(inventory.KindTotal, ""))) {
			ch.op("UNLINK", key)
			ch.op("ZREM", p.s.keys.top(string(kind)), name)
			return ch, func() { p.done.Facets += n }, nil
		}
		ch.op("HDEL", key, old...)
		sizes := make(map[string]int64)
		for k, n := range gone {
			size, err := strconv.ParseInt(all[sizeField(k)], 10, 64)
			if err != nil {
				return nil, nil, errDamaged
			}
			sizes[k] = size - n
			ch.op("HSET", key, sizeField(k), sizes[k])
		}
		if kind == "" {
			err = p.resize(ch, name, sizes)
		}
		return ch, func() { p.done.Facets += n }, err
	})
}

// old returns the fields that are past their time, and how many of each kind.
// Of a service those stay that are no names of people or of what they chose.
func (p *pruning) old(all map[string]string, service bool) (fields []any, gone map[string]int64, err error) {
	gone = make(map[string]int64)
	for field, text := range all {
		if !strings.Contains(field, "=") {
			continue
		}
		kind := kindOf(field)
		if service {
			switch inventory.Kind(kind) {
			case inventory.KindUser, inventory.KindClient, inventory.KindAccount, inventory.KindModel:
			default:
				continue
			}
		}
		v, err := parseSum(text)
		if err != nil {
			p.s.noteForeign(1, "a figure", "of a subject")
			continue
		}
		if v.last < millis(p.cut.Rollups) {
			fields = append(fields, field)
			gone[kind]++
		}
	}
	return fields, gone, nil
}

// resize writes the new sizes into the row of a service.
func (p *pruning) resize(ch *change, id string, sizes map[string]int64) error {
	text, err := p.c.HGet(p.ctx, p.s.keys.service, id).Result()
	if err == goredis.Nil {
		return nil
	}
	if err != nil {
		return err
	}
	v, err := parseService(id, text)
	if err != nil {
		p.s.noteForeign(1, "a row of the register", p.s.keys.service)
		return nil
	}
	for kind, n := range sizes {
		v.row.SetCount(inventory.Kind(kind), n)
	}
	ch.op("HSET", p.s.keys.service, id, v.text())
	return nil
}

func (p *pruning) blind() error {
	return p.change(func() (*change, func(), error) {
		all, err := p.c.HGetAll(p.ctx, p.s.keys.blind).Result()
		if err != nil {
			return nil, nil, err
		}
		var old []any
		for field, text := range all {
			v, err := parseSum(text)
			if err != nil || v.last < millis(p.cut.Rollups) { // or no gateway wrote it
				old = append(old, field)
			}
		}
		if len(old) == 0 {
			return nil, nil, nil
		}
		ch := new(change)
		ch.op("HDEL", p.s.keys.blind, old...)
		return ch, func() { p.done.Blind += int64(len(old)) }, nil
	})
}

// people deletes the names of those who were not seen for long. A batch that
// names one of them again must not come between the look and the deletion.
func (p *pruning) people() error {
	clients, err := p.blindClients()
	if err != nil {
		return err
	}
	var cursor uint64
	for {
		list, next, err := p.c.HScanNoValues(p.ctx, p.s.keys.people, cursor, "", pruneSome).Result()
		if errUnknown(err) { // before Redis 7.4
			var pairs []string
			pairs, next, err = p.c.HScan(p.ctx, p.s.keys.people, cursor, "", pruneSome).Result()
			list = list[:0]
			for i := 0; i < len(pairs); i += 2 {
				list = append(list, pairs[i])
			}
		}
		if err != nil {
			return err
		}
		if err := p.forget(list, clients); err != nil {
			return err
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// errUnknown reports whether Redis does not know a command or its option.
func errUnknown(err error) bool {
	return err != nil && (strings.HasPrefix(err.Error(), "ERR syntax") || strings.HasPrefix(err.Error(), "ERR unknown"))
}

// blindClients returns the clients that something hid lately.
func (p *pruning) blindClients() (map[string]bool, error) {
	all, err := p.c.HGetAll(p.ctx, p.s.keys.blind).Result()
	if err != nil {
		return nil, err
	}
	clients := make(map[string]bool)
	for field, text := range all {
		var reason, name, client string
		v, err := parseSum(text)
		if err := errors.Join(err, parseField(field, &reason, &name, &client)); err != nil {
			continue
		}
		if v.last >= millis(p.cut.People) {
			clients[client] = true
		}
	}
	return clients, nil
}

func (p *pruning) forget(ids []string, clients map[string]bool) error {
	if len(ids) == 0 {
		return nil
	}
	return p.change(func() (*change, func(), error) {
		end, err := p.s.getEnd(p.ctx, p.c)
		if err != nil {
			return nil, nil, err
		}
		if _, left, err := p.s.left(p.ctx); err != nil {
			return nil, nil, err
		} else if left {
			return &change{end: "not counted yet"}, nil, nil // no end: come again
		}
		total := facetField(inventory.KindTotal, "")
		seen := make([][2]*goredis.StringCmd, len(ids))
		_, err = p.c.Pipelined(p.ctx, func(pipe goredis.Pipeliner) error {
			for i, id := range ids {
				for j, kind := range [...]inventory.Kind{inventory.KindUser, inventory.KindClient} {
					seen[i][j] = pipe.HGet(p.ctx, p.s.keys.facets(inventory.Of(kind, id)), total)
				}
			}
			return nil
		})
		if err != nil && err != goredis.Nil {
			return nil, nil, err
		}
		var gone []any
		for i, id := range ids {
			recent := clients[id]
			for _, cmd := range seen[i] {
				if cmd.Err() == nil {
					v, err := parseSum(cmd.Val())
					recent = recent || err != nil || v.last >= millis(p.cut.People)
				}
			}
			if !recent {
				gone = append(gone, id)
			}
		}
		if len(gone) == 0 {
			return nil, nil, nil
		}
		ch := &change{end: end.text}
		ch.op("HDEL", p.s.keys.people, gone...)
		return ch, func() { p.done.People += int64(len(gone)) }, nil
	})
}

// sightings deletes the batches of spans that are over.
func (p *pruning) sightings() error {
	limit := millis(p.cut.Sightings) >> pack.SpanBits
	for {
		list, err := p.c.ZRangeByScoreWithScores(p.ctx, p.s.keys.spans, &goredis.ZRangeBy{Min: "-inf", Max: "(" + strconv.FormatInt(limit, 10), Count: 1}).Result()
		if err != nil || len(list) == 0 {
			return err
		}
		if err := p.span(int64(list[0].Score)); err != nil {
			return err
		}
	}
}

// span deletes what there is of one. All of it is counted: who merges more of it
// meanwhile moves the end.
func (p *pruning) span(span int64) error {
	return p.change(func() (*change, func(), error) {
		end, err := p.s.getEnd(p.ctx, p.c)
		if err != nil {
			return nil, nil, err
		}
		if _, left, err := p.s.left(p.ctx); err != nil {
			return nil, nil, err
		} else if left {
			return &change{end: "not counted yet"}, nil, nil
		}
		score := strconv.FormatInt(span, 10)
		seqs, err := byScore(p.ctx, p.c, p.s.keys.spans, score, score)
		if err != nil || len(seqs) == 0 {
			return nil, nil, err
		}
		size, err := p.c.StrLen(p.ctx, p.s.keys.ids(span)).Result()
		if err != nil {
			return nil, nil, err
		}
		ch := &change{end: end.text}
		ids, members := make([]any, len(seqs)), make([]any, len(seqs))
		through := int64(0)
		for i, seq := range seqs {
			n, err := strconv.ParseInt(seq, 10, 64)
			if err != nil {
				return nil, nil, errDamaged
			}
			through = max(through, n)
			ids[i], members[i] = strconv.FormatInt(n, 10)+"-0", seq
		}
		ch.op("UNLINK", p.s.keys.ids(span))
		ch.op("XDEL", p.s.keys.stream, ids...)
		ch.op("ZREM", p.s.keys.spans, members...)
		return ch, func() {
			p.done.Batches += int64(len(seqs))
			p.done.Events += size / int64(len(pack.Key{}))
			p.done.Through = max(p.done.Through, through)
		}, nil
	})
}
