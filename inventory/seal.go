package inventory

import (
	"context"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Seal holds what was seen fast: a sighting that is changed, added or removed
// after it changes Root. Its entry in the ledger says when it was made.
type Seal struct {
	From   int64       `json:"from"` // Seq of the first batch
	To     int64       `json:"to"`   // and of the last
	Events int64       `json:"events"`
	First  time.Time   `json:"first"`            // time of the earliest sighting
	Last   time.Time   `json:"last"`             // and of the latest
	Root   ledger.Hash `json:"root"`             // of a tree (RFC 6962) whose leaves are the sightings' JSON, in the order of the batches
	Chain  ledger.Hash `json:"chain"`            // of the last batch
	Broken []int64     `json:"broken,omitempty"` // batches that were changed before they were sealed: they are no part of it

	// Key is what the key of pseudonyms is known by: under another one, sightings
	// since a rotation look changed.
	Key string `json:"people_key,omitempty"`

	// Sums is what the sightings add to the sums of days, when Summed; seals of
	// old versions, and of very many days at once, have none.
	Sums   []SealedSum `json:"sums,omitempty"`
	Summed bool        `json:"summed,omitempty"`

	// Lists is what they add to the lists of all time, when Listed; seals of old
	// versions have none.
	Lists  []SealedList `json:"lists,omitempty"`
	Listed bool         `json:"listed,omitempty"`
}

// recorder is who writes what no person does.
const recorder = "gnomon"

// SealNow seals all sightings that are in no seal yet. It returns nil when there
// are none. Batches that are not what was written are named in the seal, and in
// the log.
func (v *Inventory) SealNow(ctx context.Context) (*Seal, error) {
	last, err := v.lastSeal()
	if err != nil {
		return nil, err
	}
	book := v.Book()
	seal, err := v.seal(ctx, book, last.To)
	if err != nil || seal == nil {
		return nil, err
	}
	_, err = v.Write(ctx, recorder, func(b *Book) ([]Note, error) {
		now, err := v.lastSeal()
		rotated := len(b.topics[TopicRotation]) != len(book.topics[TopicRotation])
		if err != nil || now.To != last.To || rotated { // another process was first: the next look seals
			seal = nil
			return nil, err
		}
		return []Note{{TopicSeal, "", seal}}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("sealing sightings: %w", err)
	}
	return seal, nil
}

func (v *Inventory) lastSeal() (Seal, error) {
	s, _, err := Newest[Seal](v.Book(), TopicSeal, "")
	return s, err
}

// seal computes the seal of the batches after one, nil when there are none.
func (v *Inventory) seal(ctx context.Context, book *Book, after int64) (*Seal, error) {
	var s Seal
	var tree ledger.Tree
	sums := newDaySums(v.keptID)
	err := v.batches(ctx, book, after, func(b *Batch) error {
		if s.From == 0 {
			s.From = b.Seq
		}
		s.To, s.Chain = b.Seq, b.Chain
		if !b.Intact {
			v.cfg.Log.Error("stored sightings are not what was written: the store was changed from outside", "batch", b.Seq)
			s.Broken = append(s.Broken, b.Seq)
			return nil
		}
		return b.Events(func(e *Event) error {
			line, err := Line(e)
			if err != nil {
				return err
			}
			tree.Add(ledger.Leaf(line))
			s.span(e.Time)
			sums.add(e)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("sealing sightings: %w", err)
	}
	if s.From == 0 {
		return nil, nil
	}
	s.Events, s.Root = tree.Len(), tree.Root()
	s.Sums, s.Summed = sums.sealed()
	s.Lists, s.Listed = sums.sealedLists(), true
	s.Key = v.mask.check()
	return &s, nil
}

func (s *Seal) span(t time.Time) {
	if s.First.IsZero() || t.Before(s.First) {
		s.First = t
	}
	if t.After(s.Last) {
		s.Last = t
	}
}

// Line returns the JSON of a stored sighting that seals are computed over.
func Line(e *Event) ([]byte, error) {
	plain := *e
	plain.People = nil // names are no part of the log
	return AppendLine(nil, &plain)
}

// sealEvery is how often a look is taken whether a day has ended.
const sealEvery = 10 * time.Minute

// sealDays seals each day when it is over, in UTC, and at the first look what
// was left over from an earlier one.
func (v *Inventory) sealDays(ctx context.Context) {
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	for {
		if err := v.rotateDue(ctx); err != nil && ctx.Err() == nil {
			v.cfg.Log.Error("pseudonyms can't be rotated", "error", err)
		}
		if v.sealDue() {
			if _, err := v.SealNow(ctx); err != nil && ctx.Err() == nil {
				v.cfg.Log.Error("sightings can't be sealed", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (v *Inventory) sealDue() bool {
	e, ok := v.Book().Last(TopicSeal, "")
	return !ok || Day(e.Time) < Day(v.cfg.Now())
}
