package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/rules"
)

func newRegisterCommand() *cobra.Command {
	var out tableFlags
	cmd := &cobra.Command{
		Use:   "register [SERVICE]",
		Short: "Show the whole register: every field of each service and use case, and where it is from",
		Long: `Show the whole register: every field of each service and use case, and where it is from.

With a SERVICE the table lists its fields with source, day and confidence, and what other sources
say where they disagree; without one it lists all rows. CSV, XLSX and JSON have all fields.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, set *rules.Set) error {
				ids, err := chosenServices(ctx, inv, args)
				if err != nil {
					return err
				}
				schema, rows, err := registerRows(ctx, inv, set, ids, settings.Privacy.group())
				if err != nil {
					return err
				}
				human := func(w io.Writer) error { return printRows(w, rows) }
				if len(args) == 1 {
					human = func(w io.Writer) error { return printFields(w, schema, rows) }
				}
				return out.write(cmd.OutOrStdout(), registerTable(schema, rows), human, func(w io.Writer) error { return jsonLines(w, rows) })
			})
		},
	}
	out.add(cmd)
	return cmd
}

// registerRows puts together the register of services by id.
func registerRows(ctx context.Context, inv *inventory.Inventory, set *rules.Set, ids []string, k privacy.K) (*register.Schema, []register.Row, error) {
	schema, err := register.NewSchema()
	if err != nil {
		return nil, nil, err
	}
	book := inv.Book()
	in := register.Input{Book: book, Now: time.Now().UTC(), K: k}
	if in.UseCases, err = register.UseCases(book); err != nil {
		return nil, nil, err
	}
	if k < 2 { // else nothing: what a department did with a service is a cell of a table whose sums are known
		if in.Groups, err = useByGroup(ctx, inv, in.UseCases); err != nil {
			return nil, nil, err
		}
	}
	departments, err := privacy.NewDepartments(ctx, k, inv.Seen())
	if err != nil {
		return nil, nil, err
	}
	risks, err := computedRisks(ctx, inv, set, in.Now, ids, k)
	if err != nil {
		return nil, nil, err
	}
	catalogue := make(map[string]*rules.Service, len(set.Services))
	for i := range set.Services {
		catalogue[set.Services[i].ID] = &set.Services[i]
	}
	entries := register.Counts(book)
	rows := []register.Row{}
	for _, id := range ids {
		if in.Detail, err = inv.Facts(ctx, id); err != nil {
			return nil, nil, err
		}
		departments.Service(in.Detail)
		in.Catalogue, in.Computed, in.Entries = catalogue[id], risks[id], entries[id]
		list, err := schema.Rows(&in)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, list...)
	}
	return schema, rows, nil
}

// chosenServices returns the ids of the service in args, or of all that were
// seen, decided upon or given a use case.
func chosenServices(ctx context.Context, inv *inventory.Inventory, args []string) ([]string, error) {
	if len(args) == 1 {
		id, err := inv.Resolve(ctx, args[0])
		return []string{id}, err
	}
	return register.IDs(ctx, inv)
}

// useByGroup returns what the departments of use cases used.
func useByGroup(ctx context.Context, inv *inventory.Inventory, cases []register.UseCase) (map[string]map[string]inventory.Use, error) {
	groups := make(map[string]map[string]inventory.Use)
	for i := range cases {
		for _, g := range cases[i].Departments {
			if groups[g] != nil || cases[i].Retired {
				continue
			}
			groups[g] = make(map[string]inventory.Use)
			d, err := inv.Seen().Subject(ctx, inventory.KindGroup, g)
			if errors.Is(err, inventory.ErrUnknown) {
				continue
			}
			if err != nil {
				return nil, err
			}
			for _, u := range d.Facets[inventory.KindService] {
				groups[g][u.Name] = u
			}
		}
	}
	return groups, nil
}

// computedRisks returns the fields of risk by service.
func computedRisks(ctx context.Context, inv *inventory.Inventory, set *rules.Set, now time.Time, ids []string, k privacy.K) (map[string]map[string]register.Stated, error) {
	r, err := riskRegister(ctx, inv, set, riskFlags{method: defaultMethod, k: k}, now)
	if err != nil {
		return nil, err
	}
	rows, err := r.Some(ids)
	if err != nil {
		return nil, err
	}
	all := make(map[string]map[string]register.Stated, len(rows))
	for i := range rows {
		all[rows[i].ID] = riskFields(&rows[i])
	}
	return all, nil
}

func riskFields(r *assess.Row) map[string]register.Stated {
	a, t := r.Assessment, &r.Treatment
	computed := register.Provenance{Source: register.FromComputed, Who: a.Method + " " + a.Version, When: a.To.AddDate(0, 0, -1), Confidence: 1}
	treated := register.Provenance{Source: register.FromPerson, Who: "risk register", Confidence: 1}
	return map[string]register.Stated{
		"inherent_risk":   {Value: strconv.Itoa(a.Inherent), Provenance: computed},
		"controls":        {Value: effectsText(a.Controls), Provenance: computed},
		"residual_risk":   {Value: strconv.Itoa(a.Residual), Provenance: computed},
		"risk_level":      {Value: a.Level, Provenance: computed},
		"risk_method":     {Value: a.Method + " " + a.Version, Provenance: computed},
		"treatment":       {Value: string(t.Option), Provenance: treated},
		"treatment_owner": {Value: t.Owner, Provenance: treated},
		"treatment_due":   {Value: t.Due, Provenance: treated},
		"accepted_by":     {Value: t.AcceptedBy, Provenance: treated},
		"accepted_until":  {Value: t.AcceptedUntil, Provenance: treated},
	}
}

// registerTable returns the register with a column for each field.
func registerTable(schema *register.Schema, rows []register.Row) *export.Table {
	t := &export.Table{Name: "Register"}
	for i := range schema.Fields {
		t.Columns = append(t.Columns, schema.Fields[i].Name)
	}
	t.Columns = append(t.Columns, "disagreements")
	for i := range rows {
		cells := make([]any, 0, len(t.Columns))
		var also []string
		for _, v := range rows[i].Fields {
			cells = append(cells, v.Value)
			for _, a := range v.Also {
				also = append(also, fmt.Sprintf("%s: %s (%s)", v.Name, a.Value, a.Who))
			}
		}
		t.Rows = append(t.Rows, append(cells, strings.Join(also, "; ")))
	}
	return t
}

func printRows(w io.Writer, rows []register.Row) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, "The register is empty: no AI service has been seen, decided upon or given a use case.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "SERVICE\tUSE CASE\tSTATUS\tOWNER\tPURPOSE\tDATA\tREQUESTS\tINSPECTION\tDPA\tRESIDUAL RISK\tNEXT REVIEW")
	for i := range rows {
		r := &rows[i]
		fmt.Fprintf(t, "%s\t%s", printable(r.Service), orDash(r.UseCase))
		for _, name := range []string{"status", "owner", "purpose", "data_classes", "requests", "inspection", "dpa", "residual_risk", "next_review"} {
			fmt.Fprintf(t, "\t%s", orDash(r.Get(name)))
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// printFields prints the fields of rows that anything is known of, and counts
// the others.
func printFields(w io.Writer, schema *register.Schema, rows []register.Row) error {
	for i := range rows {
		r := &rows[i]
		fmt.Fprintf(w, "%s, %s\n\n", printable(r.Service), cmp.Or(printable(r.Get("use_case")), "all use"))
		t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		fmt.Fprintln(t, "FIELD\tVALUE\tSOURCE\tBY\tDAY\tCONFIDENCE\tOTHERS SAY")
		var empty []string
		for _, v := range r.Fields {
			if v.Source == "" {
				if d, ok := schema.Field(v.Name); ok && d.Set {
					empty = append(empty, v.Name)
				}
				continue
			}
			also := make([]string, len(v.Also))
			for j, a := range v.Also {
				also[j] = fmt.Sprintf("%s (%s)", a.Value, a.Who)
			}
			day := "-"
			if !v.When.IsZero() {
				day = v.When.UTC().Format(time.DateOnly)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%.2f\t%s\n", v.Name, printable(v.Value), v.Source, orDash(v.Who), day, v.Confidence, orDash(strings.Join(also, "; ")))
		}
		if err := t.Flush(); err != nil {
			return err
		}
		fmt.Fprintf(w, "\nnot filled in: %s\n\n", cmp.Or(strings.Join(empty, ", "), "nothing"))
	}
	return nil
}
