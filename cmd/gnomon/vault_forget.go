package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/gnomon-proxy/gnomon/dlp/vault"
	"github.com/gnomon-proxy/gnomon/inventory"
)

// forgetEvery is how soon the vault follows an erasure, wherever it was asked for.
const forgetEvery = 200 * time.Millisecond

// forgetting has the vault of a gateway forget who is erased from the inventory.
type forgetting struct {
	inventory *inventory.Inventory
	vault     *vault.Vault
	since     time.Time // erasures from then on may concern what gateways share
	log       *slog.Logger

	seq    int64 // of the last entry of the ledger that was looked at
	failed bool
}

func (g *gateway) newForgetting() *forgetting {
	return &forgetting{inventory: g.inventory, vault: g.vault, since: time.Now().Add(-g.settings.DLP.Vault.Keep), log: g.log}
}

// run follows erasures until ctx ends. A store that is away is asked again.
func (f *forgetting) run(ctx context.Context) error {
	tick := time.NewTicker(forgetEvery)
	defer tick.Stop()
	for {
		if now := f.inventory.Book().Chain().Seq; now != f.seq {
			err := f.follow(ctx)
			if err == nil {
				f.seq = now
			} else if !f.failed && ctx.Err() == nil {
				f.log.Error("values of an erased person can't be deleted now: that is tried again", "error", err)
			}
			f.failed = err != nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// follow has the vault forget who was erased after the last entry looked at, one
// after the other.
func (f *forgetting) follow(ctx context.Context) error {
	list, err := f.inventory.ErasedAfter(f.seq)
	if err != nil {
		return err
	}
	for i := range list {
		p := &list[i]
		if p.Time.Before(f.since) {
			continue // what there was has run out
		}
		n, err := f.vault.Forget(ctx, p.Person)
		if n > 0 {
			host, _ := os.Hostname()
			err = errors.Join(err, f.inventory.NoteFollowed(ctx, p, host, n))
		}
		if err != nil {
			return err
		}
		f.seq = p.Seq
	}
	return nil
}
