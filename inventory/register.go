package inventory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// standings is one state of the ledger, and of all decisions in it. It is
// immutable.
type standings struct {
	book *Book
	byID map[string]*Decision // the newest one on each service
}

// pollEvery is how soon a decision made by another process is seen.
const pollEvery = 100 * time.Millisecond

// copyTick is how late the copy of the ledger may be.
const copyTick = 200 * time.Millisecond

// Status returns the standing of a service. It takes no lock and does not
// allocate for a service without an end to its approval.
func (v *Inventory) Status(id string) traffic.Status {
	d, ok := v.standings.Load().byID[id]
	switch {
	case !ok:
		return traffic.StatusUnreviewed
	case d.Until == "":
		return d.Status
	}
	return d.StatusAt(v.cfg.Now())
}

// load begins with the copy of the ledger, where there is one, and brings it up
// to date. Without the store a copy is enough to begin with, if that is wanted.
func (v *Inventory) load(ctx context.Context) error {
	book, problem := v.copy.read()
	if problem != nil {
		v.found("the copy of the ledger in the state directory was damaged (%v) and is made anew: a ledger that was cut off at its end before only shows by a head that was noted (--head)", problem)
		v.cfg.Log.Warn("the copy of the ledger is made anew", "problem", problem)
	}
	if book == nil {
		err := v.refresh(ctx)
		if err == nil {
			v.updateCopy(copyEvery)
		}
		return err
	}
	first, err := (&standings{book: new(Book)}).with(book)
	if err != nil {
		return fmt.Errorf("reading the copy of the register: %w", err)
	}
	v.standings.Store(first)
	err = v.confirm(ctx, book)
	if err == nil {
		err = v.refresh(ctx)
	}
	switch {
	case err == nil:
		v.updateCopy(copyEvery)
		return nil
	case v.cfg.Away || errors.Is(err, ErrLost):
		v.noteLedger(err)
		return nil
	}
	return fmt.Errorf("reading the register: %w", err)
}

// confirm looks whether the store has the last entry that is known.
func (v *Inventory) confirm(ctx context.Context, known *Book) error {
	version, err := v.cfg.Store.Version(ctx)
	if err != nil || version < known.chain.Seq || known.chain.Seq == 0 {
		return err // shorter: refresh sees to it
	}
	e, err := v.entryAt(ctx, known.chain.Seq)
	if err == nil && e.Hash != known.chain.Head {
		err = fmt.Errorf("%w: entry %d is another one (%s, known here is %s): `gnomon inventory ledger` says what can be done", ErrLost, e.Seq, e.Hash, known.chain.Head)
	}
	return err
}

// Refresh brings Book up to what is on record now, also by other processes: it
// asks the store for the number of the last entry, and for those that are new.
func (v *Inventory) Refresh(ctx context.Context) error { return v.refresh(ctx) }

// refresh loads what was put on record since it last did, and notes how the
// ledger is.
func (v *Inventory) refresh(ctx context.Context) error {
	err := v.follow(ctx)
	if err != nil {
		err = fmt.Errorf("reading the register: %w", err)
	}
	v.noteLedger(err)
	return err
}

func (v *Inventory) follow(ctx context.Context) error {
	old := v.standings.Load() // before the store is asked: else an entry written meanwhile looks as if the store had lost it
	if old == nil {
		old = &standings{book: new(Book)}
	}
	version, err := v.cfg.Store.Version(ctx)
	if err != nil {
		return err
	}
	switch known := old.book.chain.Seq; {
	case version < known:
		if !errors.Is(v.Lapse(), ErrLost) {
			v.mask.forget() // it may have lost names of people, too
		}
		if err := v.recover(ctx, old.book, version); err != nil {
			return err
		}
	case version == known && v.standings.Load() != nil:
		if errors.Is(v.Lapse(), ErrLost) {
			return v.confirm(ctx, old.book)
		}
		return nil
	}
	book, err := old.book.next(ctx, v.cfg.Store)
	if err != nil {
		broken, ok := errors.AsType[*ledger.BrokenError](err)
		if !ok {
			return err
		}
		if broken.Seq == old.book.chain.Seq+1 && broken.Seq > 1 { // another ledger, or a damaged one
			err = errors.Join(err, v.confirm(ctx, old.book))
		}
		return fmt.Errorf("%w: somebody else has written to the ledger in the store: take out there what does not follow (in Redis with RPOP, from the end of the list), then all goes on", err)
	}
	next, err := old.with(book)
	if err != nil {
		return err
	}
	v.swap(next)
	return nil
}

// with returns the standings after a later state of the ledger.
func (s *standings) with(book *Book) (*standings, error) {
	next := &standings{book: book, byID: s.byID}
	if sameHistories(s.book.topics[TopicDecision], book.topics[TopicDecision]) {
		return next, nil
	}
	next.byID = make(map[string]*Decision)
	for id, h := range book.topics[TopicDecision] {
		if old := s.book.topics[TopicDecision][id]; old == h {
			next.byID[id] = s.byID[id]
			continue
		}
		list := h.entries()
		if len(list) == 0 {
			continue
		}
		d, err := Read[Decision](&list[len(list)-1])
		if err != nil {
			return nil, err
		}
		next.byID[id] = &d
	}
	return next, nil
}

// sameHistories reports whether b, which follows a, has nothing new.
func sameHistories(a, b map[string]*history) bool {
	if len(a) != len(b) {
		return false
	}
	for k := range b {
		if a[k] != b[k] {
			return false
		}
	}
	return true
}

// swap installs next unless a newer state came first.
func (v *Inventory) swap(next *standings) {
	for {
		old := v.standings.Load()
		if old != nil && old.book.chain.Seq > next.book.chain.Seq || v.standings.CompareAndSwap(old, next) {
			return
		}
	}
}

// poll watches for the decisions of other processes until ctx ends.
func (v *Inventory) poll(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_ = v.refresh(ctx) // it has noted what is wrong
	}
}

// updateCopy brings the copy of the ledger up to date when it is so many entries
// behind.
func (v *Inventory) updateCopy(behind int64) {
	if err := v.copy.update(v.Book(), behind); err != nil {
		v.cfg.Log.Warn("the copy of the ledger can't be written: the next start is slower, and needs the store", "error", err)
	}
}

// keepCopy keeps the copy of the ledger up to date until ctx ends.
func (v *Inventory) keepCopy(ctx context.Context) {
	tick := time.NewTicker(copyTick)
	defer tick.Stop()
	failing := false
	for {
		var err error
		if !errors.Is(v.Lapse(), ErrLost) { // else somebody else may be about to decide what the copy is to be
			err = v.copy.follow(v.Book())
		}
		if err != nil && !failing {
			v.cfg.Log.Error("the copy of the ledger can't be written: without it the gateway can't start while its store is away", "error", err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			if !errors.Is(v.Lapse(), ErrLost) {
				_ = v.copy.follow(v.Book())
			}
			return
		case <-tick.C:
		}
	}
}
