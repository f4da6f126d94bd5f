package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// supplier is who runs some services.
type supplier struct {
	Vendor   string    `json:"vendor"`
	Entity   string    `json:"legal_entity"`
	Services []string  `json:"services"` // ids
	Approved int       `json:"approved"`
	Refused  int       `json:"refused"`
	Requests int64     `json:"requests"`
	Region   []string  `json:"region"`
	DPA      string    `json:"dpa"`
	Trains   string    `json:"trains_on_inputs"`
	LastSeen time.Time `json:"last_seen,omitzero"`
}

func newSuppliersCommand() *cobra.Command {
	var out tableFlags
	cmd := &cobra.Command{
		Use:   "suppliers [VENDOR]",
		Short: "List who runs the services of the register",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, set *rules.Set) error {
				services, err := inv.Services(ctx)
				if err != nil {
					return err
				}
				rows, err := onlySupplier(suppliersOf(services, set, inv.Book()), args)
				if err != nil {
					return err
				}
				t := &export.Table{Name: "suppliers", Columns: []string{"vendor", "legal_entity", "services", "approved", "refused", "requests", "region", "dpa", "trains_on_inputs", "last_seen"}}
				for _, r := range rows {
					t.Rows = append(t.Rows, []any{r.Vendor, r.Entity, strings.Join(r.Services, ", "), r.Approved, r.Refused, r.Requests, strings.Join(r.Region, ", "), r.DPA, r.Trains, r.LastSeen})
				}
				return out.write(cmd.OutOrStdout(), t, func(w io.Writer) error { return printTable(w, t, "No suppliers are known yet.") }, func(w io.Writer) error { return jsonLines(w, rows) })
			})
		},
	}
	out.add(cmd)
	return cmd
}

// suppliersOf groups services by vendor, the most used first. Facts are those
// that people filled in, else the catalogue's, of the most used service that has
// some.
func suppliersOf(services []inventory.Service, set *rules.Set, book *inventory.Book) []supplier {
	catalogue := make(map[string]*rules.Supplier)
	for i := range set.Services {
		catalogue[set.Services[i].ID] = &set.Services[i].Supplier
	}
	byName := make(map[string]*supplier)
	for i := range services {
		s := &services[i]
		name := cmp.Or(s.Vendor, "unknown")
		v := byName[name]
		if v == nil {
			v = &supplier{Vendor: name, Services: []string{}, Region: []string{}}
			byName[name] = v
		}
		v.add(s)
		facts := catalogue[s.ID]
		if facts == nil {
			facts = new(rules.Supplier)
		}
		v.Entity = cmp.Or(v.Entity, book.FieldValue(s.ID, "legal_entity"), facts.Entity)
		v.DPA = cmp.Or(v.DPA, book.FieldValue(s.ID, string(rules.FactDPA)), facts.DPA)
		v.Trains = cmp.Or(v.Trains, book.FieldValue(s.ID, string(rules.FactTrains)), facts.Trains)
		if len(v.Region) == 0 {
			if v.Region = facts.Region; book.FieldValue(s.ID, string(rules.FactRegion)) != "" {
				v.Region = strings.Split(book.FieldValue(s.ID, string(rules.FactRegion)), ", ")
			}
			if v.Region == nil {
				v.Region = []string{}
			}
		}
	}
	list := []supplier{}
	for _, v := range byName {
		list = append(list, *v)
	}
	slices.SortFunc(list, func(a, b supplier) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Vendor, b.Vendor))
	})
	return list
}

func (v *supplier) add(s *inventory.Service) {
	v.Services = append(v.Services, s.ID)
	v.Requests += s.Requests
	switch s.Status {
	case traffic.StatusApproved, traffic.StatusConditional:
		v.Approved++
	case traffic.StatusRefused:
		v.Refused++
	}
	if s.LastSeen.After(v.LastSeen) {
		v.LastSeen = s.LastSeen
	}
}

// onlySupplier returns the one that args name, or all.
func onlySupplier(list []supplier, args []string) ([]supplier, error) {
	if len(args) == 0 {
		return list, nil
	}
	known := make([]string, len(list))
	for i := range list {
		if known[i] = list[i].Vendor; strings.EqualFold(known[i], args[0]) {
			return list[i : i+1], nil
		}
	}
	return nil, fmt.Errorf("no supplier %q is known%s", printable(args[0]), didYouMean(inventory.Near(known, args[0])))
}
