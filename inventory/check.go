package inventory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

const (
	// checkFirst is when the ledger is looked through after a start, and
	// checkEvery how often from then on: a start reads its copy, and each entry of
	// the store but once, so a change of what was read before shows in no other
	// way than `gnomon inventory verify`.
	checkFirst = time.Minute
	checkEvery = 24 * time.Hour
)

// checkLedger looks through the ledger now and then until ctx ends.
func (v *Inventory) checkLedger(ctx context.Context) {
	wait := time.NewTimer(checkFirst)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		if _, err := v.CheckLedger(ctx); err != nil && ctx.Err() == nil {
			v.cfg.Log.Warn("the ledger can't be looked through now", "error", err)
		}
		wait.Reset(checkEvery)
	}
}

// CheckLedger computes the chain of the ledger in the store again and compares
// it with what is known here. An entry that is not what was written is logged,
// and once put on record as an alert; problem says which. It holds one entry at a
// time.
func (v *Inventory) CheckLedger(ctx context.Context) (problem, err error) {
	here := v.Book().chain
	var chain ledger.Chain
	err = v.cfg.Store.Entries(ctx, 0, func(e *ledger.Entry) error {
		if err := chain.Follow(e); err != nil {
			return err
		}
		if e.Seq == here.Seq && e.Hash != here.Head {
			return &ledger.BrokenError{Seq: e.Seq, Problem: "is another one than is known here"}
		}
		return nil
	})
	broken, ok := errors.AsType[*ledger.BrokenError](err)
	if !ok {
		return nil, err // a ledger that is too short is what a poll sees at once
	}
	v.cfg.Log.Error("the ledger was changed from outside: run gnomon inventory verify, and restore a backup", "problem", broken)
	return broken, v.alertOfLedger(ctx, broken)
}

// alertOfLedger puts on record that an entry was changed, once for each.
func (v *Inventory) alertOfLedger(ctx context.Context, broken *ledger.BrokenError) error {
	about := fmt.Sprint(broken.Seq)
	subject := AlertSubject(LedgerChanged, about)
	_, err := v.Write(ctx, recorder, func(b *Book) ([]Note, error) {
		if _, ok := b.Last(TopicAlert, subject); ok {
			return nil, nil
		}
		return []Note{{TopicAlert, subject, Alert{
			Kind: LedgerChanged, About: about, Seen: v.cfg.Now().UTC(),
			Text: fmt.Sprintf("%v: the store was changed from outside. `gnomon inventory verify` says what else is wrong; what was true is in a backup or an evidence pack.", broken),
		}}}, nil
	})
	if err != nil {
		return fmt.Errorf("putting on record that the ledger was changed: %w", err)
	}
	return nil
}
