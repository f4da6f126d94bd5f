package inventory

import (
	"context"
	"errors"
	"fmt"
)

// VerifySums compares the sums of the store as Verify does, with what seals hold:
// of the sightings under them it reads only those whose seal has no sums. That
// sightings are what was sealed it does not look at.
func (v *Inventory) VerifySums(ctx context.Context) (*Verification, error) {
	out := &Verification{Problems: []string{}, Left: []string{}}
	book := v.Book()
	seals, _, err := sealsAndDeletions(book)
	if err != nil {
		return nil, err
	}
	c, err := v.newSumCheck(out, book)
	if err != nil {
		return nil, err
	}
	last := int64(0)
	for i := range seals {
		s := &seals[i].Seal
		from, err := v.sumsUnder(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("comparing sums: %w", err)
		}
		c.seal(s, from)
		last = s.To
	}
	err = v.Batches(ctx, last, func(b *Batch) error {
		last = b.Seq
		if !b.Intact {
			out.problem("batch %d of the sightings is not what was written", b.Seq)
			c.broken = true
			return nil
		}
		out.Unsealed += int64(b.N)
		return b.Events(func(e *Event) error {
			c.event(e)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("comparing sums: %w", err)
	}
	return out, c.run(ctx, last)
}

// sumsUnder adds up the sightings under a seal that holds no sums; nil when it
// does, or when they are not all there.
func (v *Inventory) sumsUnder(ctx context.Context, s *Seal) (*daySums, error) {
	if s.Summed && s.Listed {
		return nil, nil
	}
	sums, n := newDaySums(v.keptID), int64(0)
	err := v.Batches(ctx, s.From-1, func(b *Batch) error {
		if b.Seq > s.To {
			return errEnough
		}
		if !b.Intact {
			return nil
		}
		n += int64(b.N)
		return b.Events(func(e *Event) error {
			sums.add(e)
			return nil
		})
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	if n != s.Events {
		return nil, nil
	}
	return sums, nil
}
