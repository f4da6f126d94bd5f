package inventory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// standings is one state of all decisions. It is immutable.
type standings struct {
	version int64
	byID    map[string]*Decision
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

// refresh loads the decisions when they have changed.
func (v *Inventory) refresh(ctx context.Context) error {
	version, err := v.cfg.Store.Version(ctx)
	if err != nil {
		return fmt.Errorf("reading the register: %w", err)
	}
	old := v.standings.Load()
	if old != nil && old.version == version {
		return nil
	}
	list, err := v.cfg.Store.Standings(ctx)
	if err != nil {
		return fmt.Errorf("reading the register: %w", err)
	}
	// A decision that came between the two reads is loaded again at the next
	// poll: the version is the older one.
	next := &standings{version: version, byID: make(map[string]*Decision, len(list))}
	for i := range list {
		next.byID[list[i].ServiceID] = &list[i]
	}
	v.swap(next)
	return nil
}

// swap installs next unless a newer state came first.
func (v *Inventory) swap(next *standings) {
	for {
		old := v.standings.Load()
		if old != nil && old.version > next.version || v.standings.CompareAndSwap(old, next) {
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
