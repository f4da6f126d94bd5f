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

// refresh loads what was put on record since it last did.
func (v *Inventory) refresh(ctx context.Context) error {
	version, err := v.cfg.Store.Version(ctx)
	if err != nil {
		return fmt.Errorf("reading the register: %w", err)
	}
	old := v.standings.Load()
	if old == nil {
		old = &standings{book: new(Book)}
	} else if old.book.chain.Seq >= version {
		return nil
	}
	book, err := old.book.next(ctx, v.cfg.Store)
	if err != nil {
		return fmt.Errorf("reading the register: %w", err)
	}
	next, err := old.with(book)
	if err != nil {
		return fmt.Errorf("reading the register: %w", err)
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
	for id, history := range book.topics[TopicDecision] {
		if old := s.book.topics[TopicDecision][id]; len(old) == len(history) {
			next.byID[id] = s.byID[id]
			continue
		}
		d, err := Read[Decision](&history[len(history)-1])
		if err != nil {
			return nil, err
		}
		next.byID[id] = &d
	}
	return next, nil
}

// sameHistories reports whether b, which follows a, has nothing new.
func sameHistories(a, b map[string][]ledger.Entry) bool {
	if len(a) != len(b) {
		return false
	}
	for k := range b {
		if len(a[k]) != len(b[k]) {
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
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := v.refresh(ctx)
		if err != nil && !failing && !errors.Is(err, context.Canceled) {
			v.cfg.Log.Error("decisions of other processes can't be read", "error", err)
		}
		failing = err != nil
	}
}
