package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/rules"
)

const (
	// maxSubjects bounds a list, unless --limit says otherwise: all of it is held. A
	// list that is not whole says so.
	maxSubjects = 200_000

	// maxNear bounds the names among which one that is not known is looked for.
	maxNear = 10_000
)

// subjectCommand is a command that lists one kind of subject.
type subjectCommand struct {
	use, short string
	kind       inventory.Kind
	counts     []inventory.Kind // shown as columns
}

func newSubjectCommands() []*cobra.Command {
	var list []*cobra.Command
	for _, c := range subjectCommands() {
		list = append(list, newSubjectCommand(c))
	}
	return append(list, newAccountsCommand(), newSuppliersCommand())
}

func subjectCommands() []subjectCommand {
	return []subjectCommand{
		{"keys", "List API keys by keyed hash: where they are used, by how many, and whether one stood in a prompt", inventory.KindKey, []inventory.Kind{inventory.KindService, inventory.KindUser, inventory.KindClient}},
		{"models", "List models", inventory.KindModel, []inventory.Kind{inventory.KindService, inventory.KindUser}},
		{"tools", "List tools that were declared or called", inventory.KindTool, []inventory.Kind{inventory.KindService, inventory.KindUser, inventory.KindAgent}},
		{"servers", "List remote MCP servers", inventory.KindServer, []inventory.Kind{inventory.KindService, inventory.KindUser, inventory.KindAgent}},
		{"agents", "List programs that use AI services", inventory.KindAgent, []inventory.Kind{inventory.KindService, inventory.KindUser}},
		{"users", "List users by pseudonym", inventory.KindUser, []inventory.Kind{inventory.KindService, inventory.KindClient, inventory.KindModel}},
		{"departments", "List departments", inventory.KindGroup, []inventory.Kind{inventory.KindService, inventory.KindUser}},
	}
}

// subjectRow is a subject with what is on record on it.
type subjectRow struct {
	inventory.Subject
	InPrompt *time.Time `json:"seen_in_prompt,omitempty"` // of keys: when it stood in a prompt

	people string    // of a department that is suppressed, as a table shows them
	few    privacy.K // numbers of fewer people are not shown
}

func newSubjectCommand(c subjectCommand) *cobra.Command {
	var out tableFlags
	var limit int
	cmd := &cobra.Command{
		Use:   c.use + " [NAME]",
		Short: c.short,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withPrivacy(cmd, func(ctx context.Context, inv *inventory.Inventory, p PrivacySettings) error {
				departments, err := privacy.NewDepartments(ctx, p.group(), inv.Seen())
				if err != nil {
					return err
				}
				if len(args) == 1 {
					return c.show(ctx, cmd.OutOrStdout(), inv, departments, args[0], out.json)
				}
				if limit < 1 {
					return &exitError{exitUsage, fmt.Errorf("--limit %d: say how many to list, 1 or more", limit)}
				}
				rows, left, err := c.rows(ctx, inv, departments, limit)
				if err != nil {
					return err
				}
				t := c.table(rows, left)
				if left > 0 {
					defer fmt.Fprintf(cmd.ErrOrStderr(), "%s\n", c.leftOut(left))
				}
				return out.write(cmd.OutOrStdout(), t, func(w io.Writer) error { return c.print(w, t, rows, departments) }, func(w io.Writer) error { return jsonLines(w, rows) })
			})
		},
	}
	out.add(cmd)
	cmd.Flags().IntVar(&limit, "limit", maxSubjects, "at most so many, the most used first")
	return cmd
}

// rows lists the subjects, with what is on record on them, and says how many more
// there are.
func (c *subjectCommand) rows(ctx context.Context, inv *inventory.Inventory, departments *privacy.Departments, limit int) (rows []subjectRow, left int64, err error) {
	subjects, err := inv.Seen().Subjects(ctx, c.kind, limit)
	if err != nil {
		return nil, 0, err
	}
	if len(subjects) == limit {
		all, err := inv.Seen().CountSubjects(ctx, c.kind)
		if err != nil {
			return nil, 0, err
		}
		left = max(0, all-int64(limit))
	}
	shown := departments.List(subjects)
	rows = make([]subjectRow, len(subjects))
	for i := range subjects {
		rows[i] = subjectRow{Subject: shown[i], people: departments.People(&subjects[i])}
		if rows[i].InPrompt, err = inPrompt(inv.Book(), c.kind, subjects[i].Name); err != nil {
			return nil, 0, err
		}
	}
	return rows, left, nil
}

// leftOut says what a list does not have.
func (c *subjectCommand) leftOut(n int64) string {
	return fmt.Sprintf("%d more %s are left out: these are the most used", n, c.use)
}

// inPrompt returns when a key stood in a prompt, nil when it did not.
func inPrompt(b *inventory.Book, kind inventory.Kind, name string) (*time.Time, error) {
	if kind != inventory.KindKey {
		return nil, nil
	}
	a, ok, err := inventory.Newest[inventory.Alert](b, inventory.TopicAlert, inventory.AlertSubject(inventory.KeyInPrompt, name))
	if err != nil || !ok {
		return nil, err
	}
	return &a.Seen, nil
}

// table makes a table, which says what it does not have.
func (c *subjectCommand) table(rows []subjectRow, left int64) *export.Table {
	t := &export.Table{Name: c.use, Columns: []string{strings.TrimSuffix(c.use, "s")}}
	for _, k := range c.counts {
		t.Columns = append(t.Columns, string(k)+"s")
	}
	t.Columns = append(t.Columns, "requests", "bytes_up", "bytes_down", "first_seen", "last_seen")
	if c.kind == inventory.KindKey {
		t.Columns = append(t.Columns, "seen_in_prompt")
	}
	t.Each = func(f func([]any) error) error {
		for i := range rows {
			if err := f(c.cells(&rows[i], len(t.Columns))); err != nil {
				return err
			}
		}
		if left == 0 {
			return nil
		}
		note := make([]any, len(t.Columns))
		for i := range note {
			note[i] = ""
		}
		note[0] = c.leftOut(left)
		return f(note)
	}
	return t
}

// cells returns the n cells of a row.
func (c *subjectCommand) cells(r *subjectRow, n int) []any {
	if r.Suppressed {
		return c.withheld(r, n)
	}
	cells := append(make([]any, 0, n), r.Name)
	for _, k := range c.counts {
		few := privacy.K(0)
		if k == inventory.KindUser {
			few = r.few
		}
		cells = append(cells, few.Cell(privacy.Number{N: r.Counts[k], AtLeast: r.Counts[k] >= inventory.MaxValues}))
	}
	cells = append(cells, r.Requests, r.Up, r.Down, r.FirstSeen, r.LastSeen)
	if c.kind != inventory.KindKey {
		return cells
	}
	if r.InPrompt == nil {
		return append(cells, "")
	}
	return append(cells, *r.InPrompt)
}

// withheld returns the cells of a department whose figures are not shown.
func (c *subjectCommand) withheld(r *subjectRow, n int) []any {
	cells := make([]any, n)
	for i := range cells {
		cells[i] = privacy.Withheld
	}
	cells[0] = r.Name
	if i := slices.Index(c.counts, inventory.KindUser); i >= 0 {
		cells[1+i] = r.people
	}
	return cells
}

// print prints a table for people, and says why figures are missing.
func (c *subjectCommand) print(w io.Writer, t *export.Table, rows []subjectRow, d *privacy.Departments) error {
	if err := printTable(w, t, "No "+c.use+" have been seen yet."); err != nil {
		return err
	}
	if !slices.ContainsFunc(rows, func(r subjectRow) bool { return r.Suppressed }) {
		return nil
	}
	_, err := fmt.Fprintf(w, "\n%s\n", d.Why())
	return err
}

// show prints all that is known of one subject.
func (c *subjectCommand) show(ctx context.Context, w io.Writer, inv *inventory.Inventory, departments *privacy.Departments, name string, asJSON bool) error {
	d, err := inv.Seen().Subject(ctx, c.kind, name)
	if errors.Is(err, inventory.ErrUnknown) {
		list, err := inv.Seen().Subjects(ctx, c.kind, maxNear)
		if err != nil {
			return err
		}
		known := make([]string, len(list))
		for i := range list {
			known[i] = list[i].Name
		}
		return fmt.Errorf("%q is none of the %s that were seen%s", printable(name), c.use, didYouMean(inventory.Near(known, name)))
	}
	if err != nil {
		return err
	}
	people := departments.People(&d.Subject)
	departments.Subject(d)
	when, err := inPrompt(inv.Book(), c.kind, name)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(visible.JSONWriter(w)).Encode(struct {
			*inventory.SubjectDetail
			InPrompt *time.Time `json:"seen_in_prompt,omitempty"`
		}{d, when})
	}
	t := newColumns(w)
	fmt.Fprintf(t, "%s\t%s\n", c.kind, printable(d.Name))
	if d.Suppressed {
		fmt.Fprintf(t, "people\t%s\n", people)
		fmt.Fprintf(t, "\t%s\n", departments.Why())
		return t.Flush()
	}
	fmt.Fprintf(t, "seen\t%s to %s\n", d.FirstSeen.UTC().Format(time.RFC3339), d.LastSeen.UTC().Format(time.RFC3339))
	fmt.Fprintf(t, "requests\t%d, %d bytes up, %d down\n", d.Requests, d.Up, d.Down)
	if when != nil {
		fmt.Fprintf(t, "seen in a prompt\t%s: revoke this key\n", when.UTC().Format(time.RFC3339))
	}
	for _, kind := range slices.Sorted(maps.Keys(d.Facets)) {
		if kind != inventory.KindTotal && len(d.Facets[kind]) > 0 {
			fmt.Fprintf(t, "%ss\t%s\n", kind, printable(uses(d.Facets[kind])))
		}
	}
	return t.Flush()
}

// printTable prints a table for people to read.
func printTable(w io.Writer, t *export.Table, empty string) error {
	tw := newColumns(w)
	n := 0
	err := t.Lines(func(row []any) error {
		if n++; n == 1 {
			fmt.Fprintln(tw, strings.ToUpper(strings.ReplaceAll(strings.Join(t.Columns, "\t"), "_", " ")))
		}
		cells := make([]string, len(row))
		for i, v := range row {
			if at, ok := v.(time.Time); ok {
				cells[i] = at.UTC().Format("2006-01-02 15:04")
				continue
			}
			cells[i] = orDash(fmt.Sprint(v))
		}
		_, err := fmt.Fprintln(tw, strings.Join(cells, "\t"))
		return err
	})
	switch {
	case err != nil:
		return err
	case n == 0:
		_, err := fmt.Fprintln(w, empty)
		return err
	}
	return tw.Flush()
}

// accountRow is an account at a service.
type accountRow struct {
	Service string `json:"service"`
	ID      string `json:"id"`
	inventory.AccountUse
}

func newAccountsCommand() *cobra.Command {
	var out tableFlags
	cmd := &cobra.Command{
		Use:   "accounts [SERVICE]",
		Short: "List the accounts that were used at services",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				ids, err := chosenServices(ctx, inv, args)
				if err != nil {
					return err
				}
				t := accountsTable(ctx, inv, ids)
				human := func(w io.Writer) error { return printTable(w, t, "No accounts have been seen yet.") }
				return out.write(cmd.OutOrStdout(), t, human, func(w io.Writer) error {
					enc := json.NewEncoder(visible.JSONWriter(w))
					return eachAccount(ctx, inv, ids, func(r *accountRow) error { return enc.Encode(r) })
				})
			})
		},
	}
	out.add(cmd)
	return cmd
}

// accountsTable returns the accounts of services by id, which are read when the
// table is written.
func accountsTable(ctx context.Context, inv *inventory.Inventory, ids []string) *export.Table {
	t := &export.Table{Name: "accounts", Columns: []string{"service", "id", "kind", "organisation", "plan", "key", "requests", "bytes_up", "bytes_down", "first_seen", "last_seen"}}
	t.Each = func(f func([]any) error) error {
		return eachAccount(ctx, inv, ids, func(r *accountRow) error {
			return f([]any{r.Service, r.ID, string(r.Kind), r.Organisation, r.Plan, r.Key, r.Requests, r.Up, r.Down, r.FirstSeen, r.LastSeen})
		})
	}
	return t
}

// eachAccount calls f with the accounts of services by id.
func eachAccount(ctx context.Context, inv *inventory.Inventory, ids []string, f func(*accountRow) error) error {
	return inv.EachFacts(ctx, ids, []inventory.Kind{inventory.KindAccount}, func(d *inventory.Detail) error {
		for _, a := range d.AccountList {
			if err := f(&accountRow{d.Service.Service, d.ID, a}); err != nil {
				return err
			}
		}
		return nil
	})
}
