package inventory

import (
	"context"
	"errors"
	"fmt"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// maxBulk bounds the decisions that are taken at once.
const maxBulk = 20_000

// Outcome is what a decision makes of a service.
type Outcome struct {
	ID      string         `json:"id"`
	Service string         `json:"service"`
	Was     traffic.Status `json:"was"`
	Status  traffic.Status `json:"status"`
	Owner   string         `json:"owner"`
	Until   string         `json:"until"`
}

// DecideAll records many decisions at once, all of them or (on an error) none,
// and returns what they make of the services. It names everything that is wrong,
// not the first mistake alone. With preview nothing is recorded. The next call of
// Status sees them all.
func (v *Inventory) DecideAll(ctx context.Context, changes []Change, preview bool) ([]Outcome, error) {
	if len(changes) > maxBulk {
		return nil, &InvalidError{fmt.Sprintf("%d decisions are too many at once: at most %d", len(changes), maxBulk)}
	}
	names, err := v.names(ctx)
	if err != nil {
		return nil, err
	}
	titles := make(map[string]string, len(names))
	for _, n := range names {
		titles[n.id] = n.name
	}
	list, errs := make([]Outcome, len(changes)), []error(nil)
	seen := make(map[string]bool, len(changes))
	for i := range changes {
		c := &changes[i]
		o, err := v.outcome(c, names)
		if err == nil && seen[o.ID] {
			err = &InvalidError{fmt.Sprintf("%s is there twice", o.ID)}
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		seen[o.ID] = true
		o.Service = titles[o.ID]
		list[i] = o
	}
	if len(errs) > 0 || preview || len(list) == 0 {
		return list, errors.Join(errs...)
	}
	_, err = v.Write(ctx, changes[0].By, func(b *Book) (notes []Note, err error) {
		for i := range changes {
			if notes, err = v.notes(notes, b, list[i].ID, list[i].Status, &changes[i]); err != nil {
				return nil, err
			}
		}
		return notes, nil
	})
	if err != nil {
		return nil, fmt.Errorf("recording %d decisions: %w", len(list), err)
	}
	v.cfg.Log.Info("statuses changed", "services", len(list))
	return list, nil
}

// outcome checks a decision and says what it leads to.
func (v *Inventory) outcome(c *Change, names []named) (Outcome, error) {
	status, err := c.status()
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return Outcome{}, err
	}
	id, err := find(names, c.Service)
	return Outcome{ID: id, Was: v.Status(id), Status: status, Owner: v.owner(id, c), Until: c.Until}, err
}
