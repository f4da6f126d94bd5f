package redis

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// Erase implements inventory.Eraser. It takes many steps, each done whole or not
// at all. The name goes first and the person's own figures, which show that there
// is something to erase, go last: after an erasure that was interrupted another
// one does the rest.
func (s *Store) Erase(ctx context.Context, id string) (done inventory.Erased, err error) {
	e := &erasing{id: id, done: &done}
	if err = s.settle(ctx); err == nil {
		e.pruning = pruning{s: s, ctx: ctx}
		e.c, err = s.node(ctx)
	}
	for _, step := range []func() error{e.name, e.facets, e.usage, e.blind, e.self} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		return done, fmt.Errorf("erasing %s: %w", id, err)
	}
	return done, nil
}

// erasing is one run of Erase.
type erasing struct {
	pruning
	id   string
	done *inventory.Erased
}

// The kinds that a pseudonym is of.
var personKinds = [...]inventory.Kind{inventory.KindUser, inventory.KindClient}

func (e *erasing) name() error {
	return e.change(func() (*change, func(), error) {
		known, err := e.c.HExists(e.ctx, e.s.keys.people, e.id).Result()
		if err != nil || !known {
			return nil, nil, err
		}
		ch := new(change)
		ch.op("HDEL", e.s.keys.people, e.id)
		return ch, func() { e.done.Names++ }, nil
	})
}

// facets takes the person out of what was seen with services and others.
func (e *erasing) facets() error {
	ids, err := e.c.HKeys(e.ctx, e.s.keys.service).Result()
	if err != nil {
		return err
	}
	if err := e.holders(ids, ""); err != nil {
		return err
	}
	for _, kind := range topKinds {
		names, err := e.c.ZRange(e.ctx, e.s.keys.top(string(kind)), 0, -1).Result()
		if err != nil {
			return err
		}
		if err := e.holders(names, kind); err != nil {
			return err
		}
	}
	return nil
}

// holders looks at many subjects at once: few of them have seen the person.
func (e *erasing) holders(names []string, kind inventory.Kind) error {
	for names := range slices.Chunk(names, pipe) {
		found := make([]*goredis.SliceCmd, len(names))
		_, err := e.c.Pipelined(e.ctx, func(p goredis.Pipeliner) error {
			for i, name := range names {
				found[i] = p.HMGet(e.ctx, e.s.keys.facets(subjectOf(kind, name)), e.fields()...)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for i, name := range names {
			if !slices.ContainsFunc(found[i].Val(), func(v any) bool { return v != nil }) {
				continue
			}
			if err := e.leave(kind, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// fields are those of the person in what was seen with a subject.
func (e *erasing) fields() (list []string) {
	for _, kind := range personKinds {
		list = append(list, facetField(kind, e.id))
	}
	return list
}

// leave takes the person out of what was seen with one subject; kind is "" for a
// service.
func (e *erasing) leave(kind inventory.Kind, name string) error {
	key := e.s.keys.facets(subjectOf(kind, name))
	return e.change(func() (*change, func(), error) {
		fields := e.fields()
		for _, k := range personKinds {
			fields = append(fields, sizeField(string(k)))
		}
		found, err := e.c.HMGet(e.ctx, key, fields...).Result()
		if err != nil {
			return nil, nil, err
		}
		ch, sizes := new(change), make(map[string]int64)
		for i, k := range personKinds {
			if found[i] == nil {
				continue
			}
			text, _ := found[len(personKinds)+i].(string)
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, nil, errDamaged
			}
			sizes[string(k)] = n - 1
			ch.op("HDEL", key, fields[i])
			ch.op("HSET", key, sizeField(string(k)), n-1)
		}
		if len(sizes) == 0 {
			return nil, nil, nil
		}
		if kind == "" {
			err = e.resize(ch, name, sizes)
		}
		return ch, func() { e.done.Facets += int64(len(sizes)) }, err
	})
}

// self deletes what is known of the person itself.
func (e *erasing) self() error {
	for _, kind := range personKinds {
		key := e.s.keys.facets(inventory.Of(kind, e.id))
		err := e.change(func() (*change, func(), error) {
			fields, err := e.c.HKeys(e.ctx, key).Result()
			if err != nil || len(fields) == 0 {
				return nil, nil, err
			}
			ch, n := new(change), int64(0)
			for _, f := range fields {
				if f[0] != '#' {
					n++
				}
			}
			ch.op("UNLINK", key)
			ch.op("ZREM", e.s.keys.top(string(kind)), e.id)
			return ch, func() { e.done.Facets += n }, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
