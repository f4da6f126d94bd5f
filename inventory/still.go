package inventory

import "context"

// Still calls f with the inventory as it is at one moment, where the store can tell
// (SQLite): it can be read, not changed. Else f gets v, and State tells whether
// something changed meanwhile.
func (v *Inventory) Still(ctx context.Context, f func(*Inventory) error) error {
	s, ok := v.cfg.Store.(interface {
		Snapshot(ctx context.Context, f func(Store) error) error
	})
	if !ok {
		return f(v)
	}
	return s.Snapshot(ctx, func(s Store) error {
		still := &Inventory{cfg: v.cfg, mask: v.mask, digest: newDigest(), copy: v.copy, ended: v.ended}
		still.cfg.Store = s
		still.standings.Store(v.standings.Load())
		return f(still)
	})
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
