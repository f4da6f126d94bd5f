package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/rules"
)

func newSetCommand() *cobra.Command {
	var reason, file string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "set SERVICE[/USECASE] FIELD=VALUE...",
		Short: "Fill in fields of the register",
		Long: `Fill in fields of the register.

An empty value empties a field. With --file many rows are filled in at once, all of them or none,
from a CSV file whose first line names its columns, or from a YAML file with a list of entries under
"services": service, use_case, and fields, several values of one as in CSV. Who filled in
what, when and why is on record: see "gnomon inventory history". Fields: see "gnomon inventory
set --fields".`,
		Example: `  gnomon inventory set openai-api dpa=yes region=EU,US --reason "contract of 2026-03"
  gnomon inventory set openai-api/support-answers purpose="drafts of answers"
  gnomon inventory set --file suppliers.csv --dry-run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			schema, err := register.NewSchema()
			if err != nil {
				return err
			}
			if list, _ := cmd.Flags().GetBool("fields"); list {
				return printSchema(cmd.OutOrStdout(), schema)
			}
			if (file == "") != (len(args) >= 2) {
				return &exitError{exitUsage, errors.New("name a service and give FIELD=VALUE, or say --file")}
			}
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, set *rules.Set) error {
				source := inventory.FromPerson
				list, err := assignments(ctx, inv, args)
				if file != "" {
					source = file
					list, err = importedFields(ctx, inv, set, schema, file)
				}
				if err != nil {
					return err
				}
				if err := schema.CheckAll(list); err != nil {
					return fmt.Errorf("nothing was set: %w (gnomon inventory set --fields lists the fields)", err)
				}
				return setFields(ctx, cmd.OutOrStdout(), inv, list, source, reason, dryRun)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	cmd.Flags().StringVar(&file, "file", "", "fill in the rows of a CSV or YAML file")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only say what would change")
	cmd.Flags().Bool("fields", false, "list the fields that can be filled in")
	return cmd
}

// assignments reads SERVICE[/USECASE] FIELD=VALUE...
func assignments(ctx context.Context, inv *inventory.Inventory, args []string) (list []register.Assignment, err error) {
	if len(args) == 0 {
		return nil, nil
	}
	row, err := rowOf(ctx, inv, args[0], "")
	if err != nil {
		return nil, err
	}
	for _, a := range args[1:] {
		name, value, ok := strings.Cut(a, "=")
		if !ok {
			return nil, &exitError{exitUsage, fmt.Errorf("%q: write FIELD=VALUE", a)}
		}
		list = append(list, register.Assignment{Row: row, Field: strings.TrimSpace(name), Value: value})
	}
	return list, nil
}

// rowOf returns the id of the row of a service, by name or id, and a use case
// that it has.
func rowOf(ctx context.Context, inv *inventory.Inventory, service, useCase string) (string, error) {
	id, err := inv.Resolve(ctx, service)
	if err != nil && useCase == "" { // a name may have a slash of its own
		if i := strings.LastIndexByte(service, '/'); i > 0 {
			if known, knownErr := inv.Resolve(ctx, service[:i]); knownErr == nil {
				id, useCase, err = known, service[i+1:], nil
			}
		}
	}
	if err != nil || useCase == "" {
		return id, err
	}
	return register.RowOf(inv.Book(), id, useCase)
}

// importedFields reads a file of fields. It names every line that is wrong.
func importedFields(ctx context.Context, inv *inventory.Inventory, set *rules.Set, schema *register.Schema, file string) (list []register.Assignment, err error) {
	lines, err := readLines(file, append([]string{"use_case"}, schema.Settable()...))
	if err != nil {
		return nil, err
	}
	services, err := inv.Services(ctx)
	if err != nil {
		return nil, err
	}
	known := resolver(set, services)
	var errs []error
	for _, l := range lines {
		row, ok := known(l.Cells["service"])
		if !ok || l.Cells["use_case"] != "" {
			if row, err = rowOf(ctx, inv, l.Cells["service"], l.Cells["use_case"]); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", l.At, err))
				continue
			}
		}
		for _, name := range schema.Settable() {
			if value, ok := l.Cells[name]; ok {
				list = append(list, register.Assignment{Row: row, Field: name, Value: value})
			}
		}
	}
	return list, errors.Join(errs...)
}

func setFields(ctx context.Context, w io.Writer, inv *inventory.Inventory, list []register.Assignment, source, reason string, dryRun bool) error {
	var changed []register.Assignment
	_, err := inv.Write(ctx, operator(), func(b *inventory.Book) (notes []inventory.Note, err error) {
		if notes, changed = register.Notes(b, list, source, reason); dryRun {
			return nil, nil
		}
		return notes, nil
	})
	if err != nil {
		return err
	}
	verb := "set"
	if dryRun {
		verb = "would set"
	}
	for _, a := range changed {
		fmt.Fprintf(w, "%s %s of %s to %q, was %q\n", verb, a.Field, a.Row, a.Value, a.Was)
	}
	_, err = fmt.Fprintf(w, "%s %d of %s\n", verb, len(changed), amount(len(list), "field"))
	return err
}

func printSchema(w io.Writer, schema *register.Schema) error {
	t := newColumns(w)
	fmt.Fprintln(t, "FIELD\tGROUP\tTYPE\tVALUES\tTITLE")
	for _, d := range schema.Fields {
		if d.Set {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", d.Name, d.Group, d.Type, orDash(strings.Join(d.Values, ", ")), d.Title)
		}
	}
	return t.Flush()
}

func newHistoryCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "history SERVICE",
		Short: "Show all that is on record on a service: decisions, fields, use cases, risk",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				id, err := inv.Resolve(ctx, args[0])
				if err != nil {
					return err
				}
				list := register.History(inv.Book(), id)
				if asJSON {
					return jsonLines(cmd.OutOrStdout(), list)
				}
				return printHistory(cmd.OutOrStdout(), list)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the entries of the ledger, one JSON object a line")
	return cmd
}

func printHistory(w io.Writer, list []ledger.Entry) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "Nothing is on record.")
		return err
	}
	const longest = 160
	t := newColumns(w)
	fmt.Fprintln(t, "ENTRY\tTIME\tBY\tWHAT\tON\tSAYS")
	for i := range list {
		e := &list[i]
		data := []rune(string(e.Data))
		if len(data) > longest {
			data = append(data[:longest], []rune("...")...)
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", e.Seq, e.Time.UTC().Format(time.RFC3339), orDash(e.By), e.Kind, printable(e.Subject), printable(string(data)))
	}
	return t.Flush()
}
