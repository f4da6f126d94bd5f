package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/internal/visible"
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
				r, err := newRegisterReader(ctx, inv, set, settings.Privacy.group())
				if err != nil {
					return err
				}
				human := func(w io.Writer) error {
					rows, err := r.rows(ctx, ids)
					switch {
					case err != nil:
						return err
					case len(args) == 1:
						return printFields(w, r.schema, rows)
					}
					return printRows(w, rows)
				}
				return out.write(cmd.OutOrStdout(), r.table(ctx, ids), human, func(w io.Writer) error {
					enc := json.NewEncoder(visible.JSONWriter(w))
					return r.each(ctx, ids, func(row *register.Row) error { return enc.Encode(row) })
				})
			})
		},
	}
	out.add(cmd)
	return cmd
}

// registerRows puts together the register of services by id.
func registerRows(ctx context.Context, inv *inventory.Inventory, set *rules.Set, ids []string, k privacy.K) (*register.Schema, []register.Row, error) {
	r, err := newRegisterReader(ctx, inv, set, k)
	if err != nil {
		return nil, nil, err
	}
	rows, err := r.rows(ctx, ids)
	return r.schema, rows, err
}

// registerReader puts together rows of the register: what they share is read
// once, when it is made. One goroutine uses it.
type registerReader struct {
	inv         *inventory.Inventory
	schema      *register.Schema
	in          register.Input // of all rows
	departments *privacy.Departments
	risks       *assess.Register
	catalogue   map[string]*rules.Service
	entries     map[string]int
}

func newRegisterReader(ctx context.Context, inv *inventory.Inventory, set *rules.Set, k privacy.K) (r *registerReader, err error) {
	r = &registerReader{inv: inv, catalogue: make(map[string]*rules.Service, len(set.Services))}
	if r.schema, err = register.NewSchema(); err != nil {
		return nil, err
	}
	book := inv.Book()
	r.in = register.Input{Book: book, Now: time.Now().UTC(), K: k}
	if r.in.UseCases, err = register.UseCases(book); err != nil {
		return nil, err
	}
	if k < 2 { // else nothing: what a department did with a service is a cell of a table whose sums are known
		if r.in.Groups, err = useByGroup(ctx, inv, r.in.UseCases); err != nil {
			return nil, err
		}
	}
	if r.departments, err = privacy.NewDepartments(ctx, k, inv.Seen()); err != nil {
		return nil, err
	}
	if r.risks, err = riskRegister(ctx, inv, set, riskFlags{method: defaultMethod}, r.in.Now); err != nil {
		return nil, err
	}
	for i := range set.Services {
		r.catalogue[set.Services[i].ID] = &set.Services[i]
	}
	r.entries = register.Counts(book)
	return r, nil
}

// rows returns those of services by id.
func (r *registerReader) rows(ctx context.Context, ids []string) ([]register.Row, error) {
	rows := make([]register.Row, 0, len(ids))
	err := r.each(ctx, ids, func(row *register.Row) error {
		rows = append(rows, *row)
		return nil
	})
	return rows, err
}

// assessedAtOnce is how many services are assessed at a time: to look for a few
// among all costs as much as to assess some hundred.
const assessedAtOnce = 1000

// each calls f with the rows of services by id, in their order. No more are held
// than of some services.
func (r *registerReader) each(ctx context.Context, ids []string, f func(*register.Row) error) error {
	var risks map[string]map[string]register.Stated
	n := 0
	return r.inv.EachFacts(ctx, ids, nil, func(d *inventory.Detail) (err error) {
		if n%assessedAtOnce == 0 {
			if risks, err = computedRisks(r.risks, ids[n:min(n+assessedAtOnce, len(ids))]); err != nil {
				return err
			}
		}
		n++
		r.departments.Service(d)
		in := &r.in // not a copy: it keeps what it has read of the record
		in.Detail, in.Catalogue, in.Computed, in.Entries = d, r.catalogue[d.ID], risks[d.ID], r.entries[d.ID]
		list, err := r.schema.Rows(in)
		if err != nil {
			return err
		}
		for i := range list {
			if err := f(&list[i]); err != nil {
				return err
			}
		}
		return nil
	})
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
func computedRisks(r *assess.Register, ids []string) (map[string]map[string]register.Stated, error) {
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

// table returns the register with a column for each field; rows are read when it
// is written.
func (r *registerReader) table(ctx context.Context, ids []string) *export.Table {
	t := registerTable(r.schema)
	t.Each = func(f func([]any) error) error {
		return r.each(ctx, ids, func(row *register.Row) error { return f(registerCells(row)) })
	}
	return t
}

// registerTable returns the register with a column for each field.
func registerTable(schema *register.Schema) *export.Table {
	t := &export.Table{Name: "Register"}
	for i := range schema.Fields {
		t.Columns = append(t.Columns, schema.Fields[i].Name)
	}
	t.Columns = append(t.Columns, "disagreements")
	return t
}

func registerCells(row *register.Row) []any {
	cells := make([]any, 0, len(row.Fields)+1)
	var also []string
	for _, v := range row.Fields {
		cells = append(cells, v.Value)
		for _, a := range v.Also {
			also = append(also, fmt.Sprintf("%s: %s (%s)", v.Name, a.Value, a.Who))
		}
	}
	return append(cells, strings.Join(also, "; "))
}

func printRows(w io.Writer, rows []register.Row) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, "The register is empty: no AI service has been seen, decided upon or given a use case.")
		return err
	}
	t := newColumns(w)
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
		t := newColumns(w)
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
