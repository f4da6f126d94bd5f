package main

import (
	"context"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/rules"
)

// How often the gateway looks whether a service has to be assessed again, and
// how long after its start it does so for the first time.
const (
	riskLookEvery = 6 * time.Hour
	riskLookFirst = time.Minute
)

// watchRisks puts on record what calls for a new assessment, each reason once,
// until ctx ends.
func (g *gateway) watchRisks(ctx context.Context) {
	timer := time.NewTimer(riskLookFirst)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if n, err := noteTriggers(ctx, g.inventory, g.knowledge.Load().set, g.settings.Privacy.group(), time.Now()); err != nil && ctx.Err() == nil {
			g.log.Error("risks can't be looked at", "error", err)
		} else if n > 0 {
			g.log.Info("services must be assessed again: see gnomon risk triggers", "reasons", n)
		}
		timer.Reset(riskLookEvery)
	}
}

// noteTriggers puts on record the reasons for a new assessment that are not
// there yet, and returns how many those were.
func noteTriggers(ctx context.Context, inv *inventory.Inventory, set *rules.Set, k privacy.K, now time.Time) (n int, err error) {
	r, err := riskRegister(ctx, inv, set, riskFlags{method: defaultMethod, k: k}, now)
	if err != nil {
		return 0, err
	}
	rows, err := r.Rows()
	if err != nil {
		return 0, err
	}
	_, err = inv.Write(ctx, "gnomon", func(b *inventory.Book) ([]inventory.Note, error) {
		notes, err := assess.Unnoted(b, rows)
		n = len(notes)
		return notes, err
	})
	return n, err
}
