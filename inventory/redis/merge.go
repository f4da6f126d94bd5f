package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/pack"
)

const (
	// maxPending is how many sightings a process merges before it adds them to
	// the figures, and so what somebody who reads may have to add first.
	maxPending = 64 << 10

	// maxTurns bounds how often a batch is linked anew because another gateway
	// was first. With a hundred gateways a second try is rare.
	maxTurns = 100
)

// Merge implements inventory.Store.
func (s *Store) Merge(ctx context.Context, events []inventory.Event) error {
	if len(events) == 0 {
		return nil
	}
	if err := s.merge(ctx, events); err != nil {
		return fmt.Errorf("merging %d sightings: %w", len(events), err)
	}
	if s.pending.Add(int64(len(events))) >= maxPending {
		_ = s.settleNow(ctx) // they are merged: the figures may be late
	}
	return nil
}

func (s *Store) merge(ctx context.Context, events []inventory.Event) error {
	release, err := hold(ctx, s.merging)
	if err != nil {
		return err
	}
	defer release()
	list := pack.Addresses(events)
	for range maxTurns {
		unseen, err := s.unseen(ctx, list)
		if mistyped(err) && s.freed(ctx, list) {
			continue
		}
		if err != nil {
			return fmt.Errorf("looking for known ones: %w", err)
		}
		keys, args, next := s.batches(unseen)
		got, err := s.durably(ctx, mergeScript, keys, args...)
		if outrun(err) {
			if err = s.setAside(ctx); err == nil {
				err = s.seeEnd(ctx)
			}
			if err != nil {
				return err
			}
			continue
		}
		if mistyped(err) && s.freed(ctx, list) {
			if err := s.seeEnd(ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			s.end = end{} // whatever became of it
			return err
		}
		if got == nil {
			s.end = next
			return nil
		}
		text, _ := got.(string)
		if s.end, err = parseEnd(text); err != nil {
			err = s.seeEnd(ctx)
		}
		if err != nil {
			return err
		}
	}
	return errors.New("other gateways were first over and over")
}

// seeEnd looks at the end of the batches as it is now.
func (s *Store) seeEnd(ctx context.Context) error {
	s.end = end{}
	c, err := s.node(ctx)
	if err == nil {
		s.end, err = s.getEnd(ctx, c)
	}
	return err
}

// freed reports whether keys that a batch is written to were of another type and
// are out of the way now.
func (s *Store) freed(ctx context.Context, list []pack.Addressed) bool {
	c, err := s.node(ctx)
	if err != nil {
		return false
	}
	want := make(map[string]string)
	for i := range list {
		want[s.keys.ids(list[i].Span)] = "string"
	}
	some, err := s.retype(ctx, c, want)
	return err == nil && some
}

// unseen returns those of list that were not merged before. The end of the chain
// is looked at before the IDs: while it stays, there are no others.
func (s *Store) unseen(ctx context.Context, list []pack.Addressed) ([]pack.Addressed, error) {
	looked := false
	var c *goredis.Client
	look := func() (err error) {
		if looked {
			return nil
		}
		looked = true
		if c, err = s.node(ctx); err != nil {
			return err
		}
		s.end, err = s.getEnd(ctx, c)
		return err
	}
	return pack.Unseen(list, func(span int64, known map[pack.Key]bool) error {
		if err := look(); err != nil {
			return err
		}
		ids, err := c.Get(ctx, s.keys.ids(span)).Bytes()
		if err != nil && err != goredis.Nil {
			return err
		}
		pack.Mark(ids, known)
		return nil
	})
}

// batches returns what the script appends after the end.
func (s *Store) batches(list []pack.Addressed) (keys []string, args []any, next end) {
	next = s.end
	merged := time.Now().UnixMilli()
	people := s.people(list)
	keys = []string{s.keys.end, s.keys.stream, s.keys.spans, s.keys.people}
	args = append([]any{s.end.text, nil, len(people) / 2}, people...)
	_ = pack.Spans(list, func(part []pack.Addressed) error {
		ids, data := s.packer.Row(part)
		next = newEnd(next.seq+1, pack.Link(next.hash, part[0].Span, merged, ids, data))
		r := row{seq: next.seq, span: part[0].Span, merged: merged, n: len(part), chain: next.hash, data: string(data)}
		keys = append(keys, s.keys.ids(r.span))
		args = append(args, r.seq, r.span, ids, r.text())
		return nil
	})
	args[1] = next.text
	return keys, args, next
}

// people returns the pseudonyms in list and their sealed names.
func (s *Store) people(list []pack.Addressed) (pairs []any) {
	done := make(map[string]bool)
	for _, a := range list {
		for _, p := range a.People {
			if !done[p.ID] {
				done[p.ID] = true
				pairs = append(pairs, p.ID, p.Sealed)
			}
		}
	}
	return pairs
}
