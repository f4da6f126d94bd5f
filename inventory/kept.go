package inventory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Gone is a run of batches under a seal that retention deletes. The hashes of
// their sightings stay, so that the seal's root can be computed with what is left.
type Gone struct {
	Seal   int64       `json:"seal"` // Seq of its entry in the ledger
	From   int64       `json:"from"` // Seq of the first batch
	To     int64       `json:"to"`   // and of the last
	Leaves ledger.Span `json:"leaves"`
}

// Covers reports whether a batch is one of the run.
func (g *Gone) Covers(batch int64) bool { return g.From <= batch && batch <= g.To }

// Plan is what the ledger holds of a deletion before it begins: a Deletion that
// is planned, with what stays of the sightings.
type Plan struct {
	Deletion
	Gone []Gone `json:"gone,omitempty"`
}

// SealTree computes the root of a seal from the sightings that are left, in
// order, and from runs that are gone.
type SealTree struct {
	ledger.Tree
	gone []Gone
}

// NewSealTree returns the tree of a seal of which runs are gone.
func NewSealTree(gone []Gone) *SealTree { return &SealTree{gone: sortedGone(gone)} }

func sortedGone(gone []Gone) []Gone {
	gone = slices.Clone(gone)
	slices.SortFunc(gone, func(a, b Gone) int { return cmp.Compare(a.Leaves.From, b.Leaves.From) })
	return gone
}

// Leaf adds a sighting that is there.
func (t *SealTree) Leaf(h ledger.Hash) error {
	err := t.fill()
	t.Add(h)
	return err
}

// fill adds what is gone at this place.
func (t *SealTree) fill() error {
	for len(t.gone) > 0 && t.gone[0].Leaves.From == t.Len() {
		g := &t.gone[0].Leaves
		t.gone = t.gone[1:]
		if err := t.AddSpan(g); err != nil {
			return err
		}
	}
	return nil
}

// Holds reports whether what was added, and what is gone, is what was sealed.
func (t *SealTree) Holds(s *Seal) bool {
	return t.fill() == nil && len(t.gone) == 0 && t.Len() == s.Events && t.Root() == s.Root
}

// maxGone bounds the hashes that one plan holds, to some 600 kB. A deletion has
// some dozens, as long as sightings come about in the order of their time.
const maxGone = 8192

// goes returns the runs of batches that retention is about to delete, of the
// seals in a book.
func (v *Inventory) goes(ctx context.Context, book *Book, before time.Time) ([]Gone, error) {
	seals, _, err := sealsAndDeletions(book)
	if err != nil {
		return nil, err
	}
	seals = slices.DeleteFunc(seals, func(s sealed) bool { return !s.First.Before(before) || s.allGone() })
	if len(seals) == 0 {
		return nil, nil
	}
	p := planning{seals: seals, before: before}
	p.known = sortedGone(seals[0].gone)
	stop := errors.New("no more seals")
	err = v.cfg.Store.Batches(ctx, seals[0].From-1, func(b *Batch) error {
		for b.Seq > p.seals[0].To {
			if p.end(); len(p.seals) == 0 {
				return stop
			}
		}
		return p.batch(b)
	})
	if err != nil && !errors.Is(err, stop) {
		return nil, err
	}
	for len(p.seals) > 0 {
		p.end()
	}
	if p.unkept > 0 {
		v.cfg.Log.Warn("of sightings that are deleted no hashes are kept, as they lie too scattered or some are missing: their seals can't be checked any more", "seals", p.unkept)
	}
	return p.gone, nil
}

// planning goes through the batches of seals in order.
type planning struct {
	seals  []sealed // that are still to come; the first is under way
	before time.Time
	gone   []Gone // of seals that are done
	hashes int    // in them
	unkept int    // seals of which nothing can be kept

	known []Gone // of the seal under way, deleted before
	here  []Gone // and now
	at    int64  // leaf that the next batch begins with
	full  bool
}

func (p *planning) batch(b *Batch) error {
	s := &p.seals[0]
	if b.Seq < s.From || slices.Contains(s.Broken, b.Seq) || slices.ContainsFunc(s.gone, func(g Gone) bool { return g.Covers(b.Seq) }) {
		return nil
	}
	p.skip()
	at := p.at
	p.at += int64(b.N)
	if p.full || b.Until.After(p.before) {
		return nil
	}
	if n := len(p.here); n == 0 || p.here[n-1].Leaves.From+p.here[n-1].Leaves.N != at {
		p.here = append(p.here, Gone{Seal: s.entry, From: b.Seq, Leaves: ledger.Span{From: at}})
	}
	g := &p.here[len(p.here)-1]
	g.To = b.Seq
	err := b.Events(func(e *Event) error {
		line, err := Line(e)
		g.Leaves.Add(ledger.Leaf(line))
		return err
	})
	p.full = p.hashes+p.size() > maxGone
	return err
}

// skip goes over the leaves that are gone already.
func (p *planning) skip() {
	for len(p.known) > 0 && p.known[0].Leaves.From == p.at {
		p.at += p.known[0].Leaves.N
		p.known = p.known[1:]
	}
}

func (p *planning) size() (n int) {
	for i := range p.here {
		n += 2 + len(p.here[i].Leaves.Hashes) // the rest of a run takes about two more
	}
	return n
}

// end closes the seal under way. Where some of it is missing, the places of the
// rest are not known.
func (p *planning) end() {
	p.skip()
	switch {
	case p.full || p.at != p.seals[0].Events:
		p.unkept++
	default:
		p.hashes += p.size()
		p.gone = append(p.gone, p.here...)
	}
	p.seals, p.here, p.at, p.full = p.seals[1:], nil, 0, false
	if len(p.seals) > 0 {
		p.known = sortedGone(p.seals[0].gone)
	}
}
