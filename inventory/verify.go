package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Verification is what a check of the whole store found.
type Verification struct {
	Entries  int64        `json:"entries"` // of the ledger, all of which follow from each other
	Ledger   ledger.Chain `json:"ledger"`
	Batches  int64        `json:"batches"`
	Events   int64        `json:"events"`
	Heads    int64        `json:"heads"`  // noted before, that are in the ledger
	Seals    int64        `json:"seals"`  // that hold: with hashes kept of what retention has deleted
	Pruned   int64        `json:"pruned"` // seals of sightings that retention has deleted, wholly or in part
	Unsealed int64        `json:"unsealed"`
	Sums     int64        `json:"sums"`         // sums of a service on a day that were compared with its sightings
	OtherKey int64        `json:"other_key"`    // seals of sightings since a rotation, under a key of pseudonyms that was lost: they can't be checked
	Unbound  int64        `json:"unbound_days"` // days whose sums nothing is left to compare with
	Lists    int64        `json:"lists"`        // of users, models, tools ... with a service or of all, that were compared with the sightings
	Names    int64        `json:"names"`        // of services
	People   int64        `json:"people"`       // sealed names of people that are those of their pseudonyms
	Left     []string     `json:"not_compared"` // what was not, and why
	Problems []string     `json:"problems"`

	Days []DaysCompared `json:"days"` // what was compared of which days, by What and in order
}

// maxProblems bounds the problems that are listed.
const maxProblems = 100

// Verify computes the chain of the ledger, that of the stored sightings and all
// seals again, from the store alone, and compares the sums of days, of hours and of
// the register's rows, the lists and the names of services with what the sightings
// add up to, and the names of people with their pseudonyms. A ledger that was cut off at its end is
// whole in itself: heads, noted before and kept elsewhere, and what this process
// knows, show that. What was wrong when this process began, and it has put right,
// is a problem, too.
func (v *Inventory) Verify(ctx context.Context, heads ...ledger.Chain) (*Verification, error) {
	return v.VerifyTelling(ctx, func(float64) {}, heads...)
}

// VerifyTelling is Verify that calls f now and then with how much of the sightings,
// of 1, has been looked at: they take the most of its time.
func (v *Inventory) VerifyTelling(ctx context.Context, f func(done float64), heads ...ledger.Chain) (*Verification, error) {
	out := &Verification{Problems: []string{}, Left: []string{}, Days: []DaysCompared{}}
	known := headCheck{out: out, noted: make(map[int64][]ledger.Hash)}
	v.lapse.mu.Lock()
	for _, text := range v.lapse.found {
		out.problem("%s", text)
	}
	v.lapse.mu.Unlock()
	for _, h := range heads {
		known.noted[h.Seq] = append(known.noted[h.Seq], h.Head)
	}
	known.here = v.Book().chain
	w := new(Book).writer()
	err := v.cfg.Store.Entries(ctx, 0, func(e *ledger.Entry) error {
		if err := w.add(e); err != nil {
			return err
		}
		known.entry(e)
		return nil
	})
	out.Ledger, out.Entries = w.book.chain, w.book.chain.Seq
	if err != nil {
		out.problem("%v", err) // what follows a broken entry says nothing
		return out, nil
	}
	known.finish()
	seals, through, err := sealsAndDeletions(w.book)
	if err != nil {
		return nil, err
	}
	last, err := v.lastBatch(ctx)
	if err != nil {
		return nil, fmt.Errorf("verifying sightings: %w", err)
	}
	sums, err := v.newSumCheck(out, w.book)
	if err != nil {
		return nil, err
	}
	c := sealCheck{out: out, seals: seals, through: through, last: last, sums: sums, days: make(sealedDays)}
	err = v.Batches(ctx, 0, func(b *Batch) error {
		f(float64(b.Seq) / float64(max(last, b.Seq)))
		return c.batch(b)
	})
	if err != nil {
		return nil, fmt.Errorf("verifying sightings: %w", err)
	}
	c.finish()
	if err := v.lastKnown(ctx, out, seals, c.next-1); err != nil {
		return nil, err
	}
	out.Days = runs(whatSightings, c.days)
	if err := sums.run(ctx, max(c.next-1, 0)); err != nil {
		return nil, err
	}
	return out, nil
}

// headCheck looks for heads that were noted before.
type headCheck struct {
	out   *Verification
	noted map[int64][]ledger.Hash
	here  ledger.Chain // the last one that this process knows
}

func (c *headCheck) entry(e *ledger.Entry) {
	for _, h := range c.noted[e.Seq] {
		if h == e.Hash {
			c.out.Heads++
		} else {
			c.out.problem("ledger entry %d is another one than was noted: it is %s, noted was %s", e.Seq, e.Hash, h)
		}
	}
	delete(c.noted, e.Seq)
	if e.Seq == c.here.Seq {
		if e.Hash != c.here.Head {
			c.out.problem("ledger entry %d is another one than is known here: it is %s, known is %s", e.Seq, e.Hash, c.here.Head)
		}
		c.here = ledger.Chain{}
	}
}

// finish says what the ledger is too short for.
func (c *headCheck) finish() {
	for _, seq := range slices.Sorted(maps.Keys(c.noted)) {
		if seq == 0 {
			c.out.Heads++ // of an empty ledger
			continue
		}
		c.out.problem("the ledger ends with entry %d, and entry %d was noted before: its end was cut off", c.out.Entries, seq)
	}
	if c.here.Seq != 0 {
		c.out.problem("the ledger ends with entry %d, and entry %d is known here: its end was cut off", c.out.Entries, c.here.Seq)
	}
}

// lastBatch returns the Seq of the last batch that was ever written, of a store
// that knows it; else -1.
func (v *Inventory) lastBatch(ctx context.Context) (int64, error) {
	s, ok := v.cfg.Store.(interface {
		LastBatch(ctx context.Context) (int64, error)
	})
	if !ok {
		return -1, nil
	}
	return s.LastBatch(ctx)
}

// left notes what was not compared.
func (o *Verification) left(format string, args ...any) {
	o.Left = append(o.Left, fmt.Sprintf(format, args...))
}

// lastKnown looks whether the store knows a batch that was there for the last one.
func (v *Inventory) lastKnown(ctx context.Context, out *Verification, seals []sealed, seen int64) error {
	last, err := v.lastBatch(ctx)
	if err != nil {
		return fmt.Errorf("verifying sightings: %w", err)
	}
	if n := len(seals); n > 0 {
		seen = max(seen, seals[n-1].To)
	}
	if last >= 0 && last < seen {
		out.problem("the number of the last batch is %d, and there was batch %d", last, seen)
	}
	return nil
}

func (o *Verification) problem(format string, args ...any) {
	if len(o.Problems) < maxProblems {
		o.Problems = append(o.Problems, fmt.Sprintf(format, args...))
	}
}

// sealed is a seal with what is known of it later.
type sealed struct {
	Seal
	entry int64  // Seq in the ledger
	gone  []Gone // what retention has deleted of it

	rotated bool // pseudonyms were, before it was made
}

// allGone reports whether no sighting of it is left.
func (s *sealed) allGone() bool {
	var n int64
	for i := range s.gone {
		n += s.gone[i].Leaves.N
	}
	return n >= s.Events
}

// sealsAndDeletions returns the seals in order, and the last batch that
// retention may ever have deleted: of a deletion that was planned and has no
// outcome on record, as the process was ended, that is all that was sealed then.
func sealsAndDeletions(b *Book) (seals []sealed, through int64, err error) {
	rotated := int64(math.MaxInt64)
	for _, history := range b.Subjects(TopicRotation) {
		rotated = min(rotated, history[0].Seq)
	}
	for _, e := range b.History(TopicSeal, "") {
		s, err := Read[Seal](&e)
		if err != nil {
			return nil, 0, err
		}
		seals = append(seals, sealed{Seal: s, entry: e.Seq, rotated: e.Seq > rotated})
	}
	find := func(entry int64) (i int, found bool) {
		return slices.BinarySearchFunc(seals, entry, func(s sealed, n int64) int { return cmp.Compare(s.entry, n) })
	}
	open := int64(0) // what a plan without an outcome so far may delete
	for _, e := range b.History(TopicDeletion, "") {
		d, err := Read[Plan](&e)
		if err != nil {
			return nil, 0, err
		}
		for _, g := range d.Gone {
			if i, ok := find(g.Seal); ok {
				seals[i].gone = append(seals[i].gone, g)
			}
		}
		if !d.Planned {
			through, open = max(through, d.Deleted.Through), 0
			continue
		}
		through = max(through, open)
		if i, _ := find(e.Seq); i > 0 {
			open = seals[i-1].To
		}
	}
	return seals, max(through, open), nil
}

// sealCheck computes seals from batches that come in order.
type sealCheck struct {
	out     *Verification
	seals   []sealed // that are still to come; the first is under way
	through int64
	tree    *SealTree // of the first, nil before its first batch
	seen    int64     // batches of the seal under way
	next    int64     // Seq that the next batch has, when none is missing
	last    int64     // Seq of the last batch that was written before, -1 when unknown

	sums *sumCheck
	days sealedDays
	raw  *daySums // of the seal under way, where it has none
}

func (c *sealCheck) batch(b *Batch) error {
	for len(c.seals) > 0 && b.Seq > c.seals[0].To {
		c.end()
	}
	c.out.Batches++
	c.out.Events += int64(b.N)
	if !b.Intact && !c.known(b.Seq) {
		c.out.problem("batch %d of the sightings is not what was written", b.Seq)
		c.sums.broken = true
	}
	if c.next != 0 && b.Seq != c.next || c.next == 0 && len(c.seals) > 0 && b.Seq != c.seals[0].From {
		if b.Seq-1 > c.through && len(c.seals) == 0 { // of others their seal tells
			c.out.problem("sightings before batch %d are missing, and no deletion of them is on record", b.Seq)
		}
	}
	c.next = b.Seq + 1
	if len(c.seals) == 0 || b.Seq < c.seals[0].From {
		c.out.Unsealed += int64(b.N)
		return c.unsealed(b)
	}
	c.seen++
	if !b.Intact {
		return nil // named in the seal, or a problem already
	}
	s := &c.seals[0]
	if slices.ContainsFunc(s.gone, func(g Gone) bool { return g.Covers(b.Seq) }) {
		return nil // its deletion is under way
	}
	if c.tree == nil {
		c.tree = NewSealTree(s.gone)
	}
	if c.raw == nil && (!s.Summed || !s.Listed) {
		c.raw = newDaySums(c.sums.v.keptID)
	}
	err := b.Events(func(e *Event) error {
		if c.raw != nil {
			c.raw.add(e)
		}
		line, err := Line(e)
		return errors.Join(err, c.tree.Leaf(ledger.Leaf(line)))
	})
	if err != nil {
		c.out.problem("batch %d of the sightings can't be read: %v", b.Seq, err)
	}
	return nil
}

// unsealed adds up a batch that is in no seal.
func (c *sealCheck) unsealed(b *Batch) error {
	if !b.Intact {
		return nil
	}
	err := b.Events(func(e *Event) error {
		c.sums.event(e)
		return nil
	})
	if err != nil {
		c.out.problem("batch %d of the sightings can't be read: %v", b.Seq, err)
		c.sums.broken = true
	}
	return nil
}

// known reports whether the seal of a batch says that it was broken before.
func (c *sealCheck) known(seq int64) bool {
	if len(c.seals) == 0 {
		return false
	}
	for _, n := range c.seals[0].Broken {
		if n == seq {
			return true
		}
	}
	return false
}

// end judges the seal under way: no batch of it is left.
func (c *sealCheck) end() {
	s := &c.seals[0]
	if c.tree == nil {
		c.tree = NewSealTree(s.gone)
	}
	missing := s.To - s.From + 1 - c.seen
	pruned := missing > 0 && s.From <= c.through
	holds := c.tree.Holds(&s.Seal)
	switch {
	case missing > 0 && !pruned:
		c.out.problem("seal of batches %d to %d: %d of them are missing, and no deletion of them is on record", s.From, s.To, missing)
	case pruned && (c.seen == 0 || len(s.gone) == 0):
		c.out.Pruned++ // nothing is left to check, or to check it with
	case !holds && s.Key != "" && s.Key != c.sums.v.mask.check():
		c.out.OtherKey++
	case !holds && s.Key == "" && s.rotated:
		c.out.problem("seal of batches %d to %d does not hold: the sightings were changed, or people.key is another one than it was", s.From, s.To)
	case !holds:
		c.out.problem("seal of batches %d to %d does not hold: the sightings were changed", s.From, s.To)
	default:
		c.out.Seals++
		if pruned {
			c.out.Pruned++
		}
	}
	c.days.note(&s.Seal, c.outcome(s, holds, pruned))
	if missing > 0 || !holds {
		c.raw = nil
	}
	c.sums.seal(&s.Seal, c.raw)
	c.seals, c.tree, c.raw, c.seen = c.seals[1:], nil, nil, 0
}

func (c *sealCheck) finish() {
	sealed := int64(0) // of what is sealed its seal tells
	if n := len(c.seals); n > 0 {
		sealed = c.seals[n-1].To
	}
	if c.last >= max(c.next, 1) && c.last > max(c.through, sealed) {
		c.out.problem("the sightings of the last batches, up to %d, are missing, and no deletion of them is on record", c.last)
	}
	for len(c.seals) > 0 {
		c.end()
	}
}
