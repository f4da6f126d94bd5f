package inventory

import (
	"context"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// Entries calls f with the entries of the ledger after a Seq, in order.
func (v *Inventory) Entries(ctx context.Context, after int64, f func(*ledger.Entry) error) error {
	return v.cfg.Store.Entries(ctx, after, f)
}

// Batches calls f with the batches of sightings after a Seq, in order, people by
// the pseudonyms of the time of each sighting.
func (v *Inventory) Batches(ctx context.Context, after int64, f func(*Batch) error) error {
	return v.batches(ctx, v.Book(), after, f)
}
