package evidence

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// SealError says that stored sightings are not what was sealed.
type SealError struct {
	Entry   int64 // of the seal in the ledger
	Problem string
}

func (e *SealError) Error() string {
	return fmt.Sprintf("the sightings under the seal that is entry %d of the ledger are not what was sealed: %s", e.Entry, e.Problem)
}

// within reports whether sightings under a seal may lie in the period.
func (s *sealEntry) within(p Period) bool { return s.First.Before(p.Until) && !s.Last.Before(p.From) }

// events writes the sightings under each seal, and counts those of the period.
func (w *writer) events(src Source, b *book, t *tally) ([]SealFile, error) {
	seals := []SealFile{}
	have, err := w.kept(src, b)
	if err != nil {
		return nil, err
	}
	var missing int64
	for i := range b.seals {
		s := &b.seals[i]
		missing += s.Events - have[s.seq]
		if !s.within(w.order.Period) {
			continue
		}
		f := SealFile{Entry: s.seq, Events: s.Events, Deleted: s.Events - have[s.seq], Shown: s.shown(), Broken: s.Broken}
		if f.Deleted != 0 {
			if f.Deletion = b.deleted(s); f.Deletion == 0 || f.Deleted < 0 {
				return nil, &SealError{s.seq, fmt.Sprintf("%d were sealed, the store has %d, and no deletion is on record that explains it", s.Events, have[s.seq])}
			}
		}
		if err := w.seal(src, s, &f, t); err != nil {
			return nil, err
		}
		seals = append(seals, f)
	}
	var allowed int64
	interrupted := false // a deletion was planned, and nobody lived to say how much it was
	for i := range b.deletions {
		d := &b.deletions[i]
		allowed += d.Deleted.Events
		interrupted = interrupted || d.Planned && (i+1 == len(b.deletions) || b.deletions[i+1].Planned)
	}
	if missing > allowed && !interrupted {
		return nil, fmt.Errorf("%d sealed sightings are missing from the store, and deletions on record explain only %d: the store was changed from outside", missing, allowed)
	}
	return seals, nil
}

// kept counts, by seal, how many sealed sightings are still there, and not about
// to be deleted.
func (w *writer) kept(src Source, b *book) (map[int64]int64, error) {
	have := make(map[int64]int64, len(b.seals))
	i := 0
	err := src.Batches(w.ctx, 0, func(batch *inventory.Batch) error {
		for i < len(b.seals) && b.seals[i].To < batch.Seq {
			i++
		}
		if i == len(b.seals) {
			return io.EOF
		}
		if s := &b.seals[i]; s.From <= batch.Seq && !slices.Contains(s.Broken, batch.Seq) && !s.covers(batch.Seq) {
			have[s.seq] += int64(batch.N)
		}
		return nil
	})
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return have, err
}

// deleted returns the entry that has it on record that sightings under a seal
// were past their time, 0 when there is none.
func (b *book) deleted(s *sealEntry) int64 {
	for i := range b.deletions {
		d := &b.deletions[i]
		ended := i+1 < len(b.deletions) && !b.deletions[i+1].Planned
		explains := d.Deleted.Events > 0 && d.Deleted.Through >= s.From || d.Planned && !ended
		if d.seq > s.seq && explains && s.First.Before(d.Before.Sightings) {
			return d.seq
		}
	}
	return 0
}

// seal writes the leaves of one seal and compares their root with it.
func (w *writer) seal(src Source, s *sealEntry, f *SealFile, t *tally) error {
	name := fmt.Sprintf("%s/%d.jsonl.zst", eventsDir, s.seq)
	tree := inventory.NewSealTree(s.gone)
	var end ledger.Hash
	left := int64(0)
	err := w.file(name, func(to io.Writer) error {
		zip, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1)) // the same bytes each time
		if err != nil {
			return err
		}
		out := bufio.NewWriterSize(zip, 64<<10)
		err = w.leaves(src, s, func(batch *inventory.Batch, e *inventory.Event, line []byte) error {
			end = batch.Chain
			leaf := ledger.Leaf(line)
			left++
			if err := tree.Leaf(leaf); err != nil {
				return &SealError{s.seq, err.Error()}
			}
			if w.order.Period.Contains(e.Time) {
				f.Inside++
				if err := t.add(e); err != nil {
					return err
				}
			} else if line, err = json.Marshal(leaf); err != nil {
				return err
			}
			out.Write(line) // errors stay until Flush
			return out.WriteByte('\n')
		})
		return errors.Join(err, out.Flush(), zip.Close())
	})
	if err != nil {
		return err
	}
	f.File, f.State = name, SealWhole
	switch {
	case left != s.Events-f.Deleted:
		return &SealError{s.seq, fmt.Sprintf("they changed while they were read: %d were there, then %d", s.Events-f.Deleted, left)}
	case f.Deleted == f.Shown && !tree.Holds(&s.Seal):
		return &SealError{s.seq, fmt.Sprintf("their root is %s, and %s was sealed", tree.Root(), s.Root)}
	case left == 0 && f.Deleted > 0:
		f.State = SealGone
	case f.Deleted > 0:
		f.State = SealPartly
	case len(s.Broken) == 0 && end != s.Chain:
		return &SealError{s.seq, fmt.Sprintf("the hash of their last batch is %s, and %s was sealed", end, s.Chain)}
	}
	if f.Inside == 0 {
		if f.State == SealWhole {
			f.State = SealOutside
		}
		f.File = ""
		return w.drop(name)
	}
	return nil
}

// leaves calls f with the sightings under a seal that are still there.
func (w *writer) leaves(src Source, s *sealEntry, f func(*inventory.Batch, *inventory.Event, []byte) error) error {
	err := src.Batches(w.ctx, s.From-1, func(batch *inventory.Batch) error {
		if batch.Seq > s.To {
			return io.EOF
		}
		if slices.Contains(s.Broken, batch.Seq) || s.covers(batch.Seq) {
			return nil
		}
		if !batch.Intact {
			return &SealError{s.seq, fmt.Sprintf("batch %d is not what was written: the store was changed from outside (`gnomon inventory verify` says more)", batch.Seq)}
		}
		if err := w.ctx.Err(); err != nil {
			return err
		}
		return batch.Events(func(e *inventory.Event) error {
			line, err := inventory.Line(e)
			if err != nil {
				return err
			}
			return f(batch, e, line)
		})
	})
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// counted returns what was counted in a form for other packages.
func (t *tally) counted(seals []SealFile) *Counted {
	c := &Counted{Figures: t.figures(), Totals: t.totals(), Days: t.days, Seals: seals, Whole: true}
	for _, s := range seals {
		c.Whole = c.Whole && s.Deleted == 0 && len(s.Broken) == 0
	}
	c.Groups = t.departmentsOf()
	for key, h := range t.hidden {
		c.Hidden = append(c.Hidden, Hidden{key[0], key[1], h.Requests, h.people.n()})
	}
	slices.SortFunc(c.Hidden, func(a, b Hidden) int {
		return cmp.Or(cmp.Compare(b.Flows, a.Flows), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Name, b.Name))
	})
	return c
}
