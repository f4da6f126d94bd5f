package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/rules"
)

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
				rows, err := onlySupplier(register.Suppliers(services, set, inv.Book()), args)
				if err != nil {
					return err
				}
				t := suppliersTable(rows)
				return out.write(cmd.OutOrStdout(), t, func(w io.Writer) error { return printTable(w, t, "No suppliers are known yet.") }, func(w io.Writer) error { return jsonLines(w, rows) })
			})
		},
	}
	out.add(cmd)
	return cmd
}

func suppliersTable(rows []register.Supplier) *export.Table {
	t := &export.Table{Name: "suppliers", Columns: []string{"vendor", "legal_entity", "services", "approved", "refused", "requests", "region", "dpa", "trains_on_inputs", "last_seen"}}
	for _, r := range rows {
		t.Rows = append(t.Rows, []any{r.Vendor, r.Entity, strings.Join(r.Services, ", "), r.Approved, r.Refused, r.Requests, strings.Join(r.Region, ", "), r.DPA, r.Trains, r.LastSeen})
	}
	return t
}

// onlySupplier returns the one that args name, or all.
func onlySupplier(list []register.Supplier, args []string) ([]register.Supplier, error) {
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
