package main

import (
	"context"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/declared"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
)

// discreet is an inventory that shows of departments what privacy.k allows, as
// the API of a running gateway does.
type discreet struct {
	*inventory.Inventory
	k privacy.K
}

// Service returns all about one service.
func (d discreet) Service(ctx context.Context, name string) (*inventory.Detail, error) {
	detail, err := d.Inventory.Service(ctx, name)
	if err != nil || len(detail.GroupList) == 0 {
		return detail, err
	}
	departments, err := privacy.NewDepartments(ctx, d.k, d.Seen())
	if err != nil {
		return nil, err
	}
	departments.Service(detail)
	return detail, nil
}

// hideDepartments takes from differences the figures of departments, and the
// names of small ones: what one department did with one service is a cell of a
// table whose sums are known. Small ones are one difference: how many they are is
// not told.
func hideDepartments(ctx context.Context, k privacy.K, r privacy.Subjects, list []declared.Difference) ([]declared.Difference, error) {
	beyond := func(d declared.Difference) bool { return d.Kind == declared.BeyondDepartment }
	if k < 2 || !slices.ContainsFunc(list, beyond) {
		return list, nil
	}
	departments, err := privacy.NewDepartments(ctx, k, r)
	if err != nil {
		return nil, err
	}
	told := make(map[declared.Difference]bool)
	kept := list[:0]
	for _, d := range list {
		if beyond(d) {
			if !departments.Named(d.Observed) {
				d.Observed = departments.Others()
			}
			d.Requests, d.FirstSeen, d.LastSeen, d.Suppressed = 0, time.Time{}, time.Time{}, true
			if told[d] {
				continue
			}
			told[d] = true
		}
		kept = append(kept, d)
	}
	return kept, nil
}
