package evidence

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// stub is a line of ledger.jsonl for an entry after the period: its place in the
// chain.
type stub struct {
	Seq    int64       `json:"seq"`
	Prev   ledger.Hash `json:"prev"`
	Hash   ledger.Hash `json:"hash"`
	Hashed bool        `json:"hashed"` // true: that it is no entry in full
}

// needed reports whether an entry after the period is kept in full: what seals
// and deletes sightings of the period.
func needed(e *ledger.Entry) bool {
	return inventory.Topic(e.Kind) == inventory.TopicSeal || inventory.Topic(e.Kind) == inventory.TopicDeletion
}

// book is what of the ledger is needed to make or check a pack.
type book struct {
	end       Ledger
	record    map[string]int64
	seals     []sealEntry
	deletions []deletionEntry
	days      *inventory.DaysCheck // takes what is said of sums, nil: nobody does
}

type sealEntry struct {
	seq int64
	inventory.Seal
	gone []inventory.Gone // what retention has deleted of it, of which the hashes are on record
}

// days says of which days its sightings are.
func (s *sealEntry) days() string {
	first, last := s.First.Format(time.DateOnly), s.Last.Format(time.DateOnly)
	if first == last {
		return first
	}
	return first + " to " + last
}

// covers reports whether the hashes of a batch's sightings are on record, as it
// is deleted.
func (s *sealEntry) covers(batch int64) bool {
	return slices.ContainsFunc(s.gone, func(g inventory.Gone) bool { return g.Covers(batch) })
}

// shown returns how many of the deleted sightings have their hashes on record.
func (s *sealEntry) shown() (n int64) {
	for i := range s.gone {
		n += s.gone[i].Leaves.N
	}
	return n
}

type deletionEntry struct {
	seq int64
	inventory.Deletion
}

// note takes from an entry what is needed.
func (b *book) note(e *ledger.Entry, p Period) error {
	b.end.Full++
	if p.Contains(e.Time) {
		b.record[e.Kind]++
	}
	if b.days != nil {
		if err := b.days.Entry(e); err != nil {
			return err
		}
	}
	switch inventory.Topic(e.Kind) {
	case inventory.TopicSeal:
		s, err := inventory.Read[inventory.Seal](e)
		if err != nil {
			return err
		}
		if n := len(b.seals); s.From > s.To || n > 0 && s.From <= b.seals[n-1].To {
			return fmt.Errorf("ledger entry %d seals batches %d to %d again", e.Seq, s.From, s.To)
		}
		s.Sums = nil // there may be very many
		b.seals = append(b.seals, sealEntry{seq: e.Seq, Seal: s})
	case inventory.TopicDeletion:
		d, err := inventory.Read[inventory.Plan](e)
		if err != nil {
			return err
		}
		b.deletions = append(b.deletions, deletionEntry{e.Seq, d.Deletion})
		for _, g := range d.Gone {
			i, ok := slices.BinarySearchFunc(b.seals, g.Seal, func(s sealEntry, n int64) int { return cmp.Compare(s.seq, n) })
			if !ok {
				return fmt.Errorf("ledger entry %d deletes what entry %d seals, which is no seal", e.Seq, g.Seal)
			}
			b.seals[i].gone = append(b.seals[i].gone, g)
		}
	}
	return nil
}

// ledger writes the entries up to the head that the order names.
func (w *writer) ledger(src Source) (*book, error) {
	o, b := w.order, &book{record: make(map[string]int64)}
	var chain ledger.Chain
	err := w.file(ledgerFile, func(f io.Writer) error {
		out := bufio.NewWriter(f)
		enc := json.NewEncoder(out)
		err := src.Entries(w.ctx, 0, func(e *ledger.Entry) error {
			if chain.Seq == o.Head.Seq {
				return io.EOF
			}
			if err := chain.Follow(e); err != nil {
				return err
			}
			if !e.Time.Before(o.Period.Until) && !needed(e) {
				b.end.Hashed++
				return enc.Encode(stub{e.Seq, e.Prev, e.Hash, true})
			}
			if err := b.note(e, o.Period); err != nil {
				return err
			}
			return enc.Encode(e)
		})
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return errors.Join(err, out.Flush())
	})
	if err == nil && chain != o.Head {
		err = fmt.Errorf("the ledger ends with entry %d (%s), not with %d (%s): it was changed meanwhile", chain.Seq, chain.Head, o.Head.Seq, o.Head.Head)
	}
	b.end.Chain = chain
	return b, err
}
