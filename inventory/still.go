package inventory

import "context"

// Still calls f with the inventory as it is at one moment, where the store can tell
// (SQLite): it can be read, not changed. Else it is as it is when asked, and State
// tells whether something changed meanwhile.
func (v *Inventory) Still(ctx context.Context, f func(*Inventory) error) error {
	s, ok := v.cfg.Store.(interface {
		Snapshot(ctx context.Context, f func(Store) error) error
	})
	if !ok {
		return f(v.reader(v.cfg.Store, v.digest))
	}
	return s.Snapshot(ctx, func(s Store) error { return f(v.reader(s, newDigest())) })
}

// reader returns an inventory that only reads, and no figures of a moment ago.
func (v *Inventory) reader(s Store, d *digest) *Inventory {
	r := &Inventory{cfg: v.cfg, mask: v.mask, digest: d, copy: v.copy, ended: v.ended}
	r.cfg.Store, r.cfg.Warm = s, false
	r.standings.Store(v.standings.Load())
	return r
}

// State returns what is another one after each change of a store that can't hold
// still, "" of others.
func (v *Inventory) State(ctx context.Context) (string, error) {
	s, ok := v.cfg.Store.(interface {
		State(ctx context.Context) (string, error)
	})
	if !ok {
		return "", nil
	}
	return s.State(ctx)
}
