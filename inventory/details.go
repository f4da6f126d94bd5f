package inventory

import (
	"context"
	"errors"
	"fmt"
)

// many is a Store that reads many services faster than one by one. Details calls
// f with what is known of those of ids that were seen, in their order: all of it
// as it was at one moment, where the store can tell. Of lists there are those of
// kinds; without any, all but those of people. f may not keep the store waiting
// for long.
type many interface {
	Details(ctx context.Context, ids []string, kinds []Kind, f func(*Detail) error) error
}

// EachFacts calls f with what Facts tells of services by id, in their order, as
// it is at one moment where the store can tell (SQLite can; Redis some dozens of
// services at a time). Of lists there are those of kinds; without any, all that
// Facts has. f should return soon: a store may have to keep what changes
// meanwhile.
func (v *Inventory) EachFacts(ctx context.Context, ids []string, kinds []Kind, f func(*Detail) error) error {
	standings, catalogue := v.standings.Load(), v.catalogue()
	whole := func(d *Detail) error {
		if err := v.wholeOf(d, catalogue, standings); err != nil {
			return err
		}
		d.UserList, d.ClientList = []Use{}, []Use{}
		return f(d)
	}
	store, ok := v.cfg.Store.(many)
	if !ok {
		return v.oneByOne(ctx, ids, whole)
	}
	next := 0
	until := func(id string) error { // those that were only decided upon
		for ; next < len(ids) && ids[next] != id; next++ {
			if err := whole(&Detail{Service: Service{ID: ids[next]}}); err != nil {
				return err
			}
		}
		return nil
	}
	err := store.Details(ctx, ids, kinds, func(d *Detail) error {
		if err := until(d.ID); err != nil {
			return err
		}
		next++
		return whole(d)
	})
	if err != nil {
		return fmt.Errorf("reading services: %w", err)
	}
	return until("")
}

func (v *Inventory) oneByOne(ctx context.Context, ids []string, f func(*Detail) error) error {
	for _, id := range ids {
		d, err := v.cfg.Store.Service(ctx, id)
		if errors.Is(err, ErrUnknown) {
			d, err = &Detail{Service: Service{ID: id}}, nil
		}
		if err != nil {
			return fmt.Errorf("reading service %q: %w", id, err)
		}
		if err := f(d); err != nil {
			return err
		}
	}
	return nil
}
