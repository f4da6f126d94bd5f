package sqlite

import (
	"context"
	"database/sql"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// addUsage adds the figures of keys, which are sorted, as addFacets does.
func (s *Store) addUsage(ctx context.Context, tx *sql.Tx, f *inventory.Fold, keys []inventory.UsageKey) error {
	w := s.writer(ctx, tx, upsertUsage, upsertUsages)
	for len(keys) > 0 {
		n := 1
		for n < len(keys) && keys[n].Day == keys[0].Day {
			n++
		}
		fit, err := s.roomForUsage(ctx, tx, keys[0].Day, n)
		if err != nil {
			return err
		}
		for _, k := range keys[:n] {
			u := f.Usage[k]
			if !fit {
				known, err := s.updateUsage(ctx, tx, k, u)
				if err != nil {
					return err
				}
				if known {
					continue
				}
				k = s.caps.use(k)
			}
			if err := w.row(append(usageFigures(u), k.Day, k.Service, k.Account, k.User, k.Client, k.Model)...); err != nil {
				return err
			}
		}
		keys = keys[n:]
	}
	return w.flush()
}

// use returns k, or the key under which it is counted when it is one too many of
// its day, whose number is exact.
func (c *caps) use(k inventory.UsageKey) inventory.UsageKey {
	r := c.usage[k.Day]
	if r.n >= maxUsage {
		return inventory.UsageKey{Day: k.Day, Service: k.Service, Account: other, User: other, Client: other, Model: other}
	}
	r.n++
	return k
}

func usageFigures(u *inventory.UsageTally) []any {
	return append(make([]any, 0, 16), u.N, u.Up, u.Down, u.First.UnixMilli(), u.Last.UnixMilli(), u.Findings, u.Altered, u.Blocked, u.Sensitive, u.Handled)
}

// updateUsage adds to a row that is there, and reports whether it is.
func (s *Store) updateUsage(ctx context.Context, tx *sql.Tx, k inventory.UsageKey, u *inventory.UsageTally) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return changed(s.in(ctx, tx, updateUsage).ExecContext(context.WithoutCancel(ctx), // as for writer
		append(usageFigures(u), k.Day, k.Service, k.Account, k.User, k.Client, k.Model)...))
}
