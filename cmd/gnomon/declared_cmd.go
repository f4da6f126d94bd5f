package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/declared"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func newDeclareCommand() *cobra.Command {
	var name string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "declare FILE",
		Short: "Import the list of what is approved, to compare it with what is seen",
		Long: `Import the list of what is approved, to compare it with what is seen.

The file is YAML:

  name: IT list
  services:
    - service: OpenAI API          # name or id
      use_case: support answers
      purpose: drafts of answers
      surfaces: [api]              # web, api, ide, cli, agent, embedded
      departments: [support]
      data: [contact]              # classes of data that it may get; [none]: none
      accounts: [corporate, api_key]
      models: [gpt-4*]
      vendor: OpenAI
      terms: "2026-01"             # version of the supplier's terms
      owner: ann
      approved_on: 2026-01-10
      review_by: 2027-01-10
      until: 2027-12-31

or CSV whose first line has these keys, with ";" between the values of a list. What is left out
allows everything. A list of the same name takes the place of the older one. It decides nothing:
"gnomon inventory approve" does.`,
		Example: `  gnomon inventory declare approved.yaml
  gnomon inventory declare approved.csv --name procurement --dry-run`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := readDeclared(args[0], name)
			if err != nil {
				return err
			}
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				return declare(cmd, ctx, inv, list, dryRun)
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "name of the list (default: the one in the file, else the file's)")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only say what would change")
	return cmd
}

func readDeclared(path, name string) (*declared.List, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	read := declared.ReadYAML
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		read = declared.ReadCSV
	}
	list, err := read(path, data)
	if err != nil {
		return nil, &configError{err}
	}
	list.Name = cmp.Or(name, list.Name, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)))
	return list, nil
}

// declare puts a list on record and says what is new in it.
func declare(cmd *cobra.Command, ctx context.Context, inv *inventory.Inventory, list *declared.List, dryRun bool) error {
	for i := range list.Items {
		if _, err := inv.Resolve(ctx, list.Items[i].Service); err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "note: %v; it is kept, and compared once it is seen\n", err)
		}
	}
	var added, changed, removed int
	compose := func(b *inventory.Book) ([]inventory.Note, error) {
		old, _, err := inventory.Newest[declared.List](b, inventory.TopicDeclared, list.Name)
		if err != nil {
			return nil, err
		}
		if added, changed, removed = declared.Changes(&old, list); dryRun || added+changed+removed == 0 {
			return nil, nil
		}
		return []inventory.Note{{Topic: inventory.TopicDeclared, Subject: list.Name, Data: list}}, nil
	}
	if _, err := inv.Write(ctx, operator(), compose); err != nil {
		return err
	}
	verb := "declared"
	if dryRun {
		verb = "would declare"
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s %q: %s, %d added, %d changed, %d removed\n", verb, printable(list.Name), amount(len(list.Items), "use"), added, changed, removed)
	return err
}

func newDriftCommand() *cobra.Command {
	var since string
	var out tableFlags
	var fail bool
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Compare what is declared and approved with what was seen",
		Long: `Compare what is declared and approved with what was seen: services in use that nobody approved,
approved ones that nobody uses, use beyond the approved purpose, data, department, kind of account or
model, suppliers and models that changed since the approval, reviews that are overdue.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			from := time.Now().UTC().AddDate(0, 0, -90)
			if since != "" {
				var err error
				if from, err = time.Parse(time.DateOnly, since); err != nil {
					return &exitError{exitUsage, fmt.Errorf("--since %q is no day: write it as YYYY-MM-DD", since)}
				}
				if from.After(time.Now()) {
					return &exitError{exitUsage, fmt.Errorf("--since %s is still to come", since)}
				}
			}
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, set *rules.Set) error {
				list, unknown, err := driftOf(ctx, inv, set, from, time.Now())
				if err != nil {
					return err
				}
				if list, err = hideDepartments(ctx, settings.Privacy.group(), inv.Seen(), list); err != nil {
					return err
				}
				for _, name := range unknown {
					fmt.Fprintf(cmd.ErrOrStderr(), "note: nothing is known of the declared service %q\n", printable(name))
				}
				err = out.write(cmd.OutOrStdout(), driftTable(list), func(w io.Writer) error { return printDrift(w, list) }, func(w io.Writer) error { return jsonLines(w, list) })
				if err == nil && fail && len(list) > 0 {
					return &exitError{exitFindings, nil}
				}
				return err
			})
		},
	}
	out.add(cmd)
	cmd.Flags().StringVar(&since, "since", "", "look at what was seen from this day on, YYYY-MM-DD (default: 90 days ago)")
	cmd.Flags().BoolVar(&fail, "fail", false, "exit with 3 when there is a difference")
	return cmd
}

// driftOf compares all lists with what was seen since a day. unknown are
// declared services that nothing is known of.
func driftOf(ctx context.Context, inv *inventory.Inventory, set *rules.Set, from, now time.Time) (list []declared.Difference, unknown []string, err error) {
	book := inv.Book()
	in := &declared.Input{Now: now}
	for subject, history := range book.Subjects(inventory.TopicDeclared) {
		l, err := inventory.Read[declared.List](&history[len(history)-1])
		if err != nil {
			return nil, nil, err
		}
		l.Name = subject
		in.Lists = append(in.Lists, l)
	}
	if in.Services, err = inv.Services(ctx); err != nil {
		return nil, nil, err
	}
	if in.Observed, err = declared.Observe(ctx, inv, inventory.Day(from), inventory.Day(now)+1); err != nil {
		return nil, nil, err
	}
	in.Terms = termsOf(book, set)
	in.Review = func(id string) string { return book.FieldValue(id, assess.FieldReview) }
	in.Until = func(id string) string {
		d, _, err := inventory.Newest[inventory.Decision](book, inventory.TopicDecision, id)
		if err != nil || d.Status != traffic.StatusApproved && d.Status != traffic.StatusConditional {
			return ""
		}
		return d.Until
	}
	if in.Excepted, err = exceptedOf(book, now); err != nil {
		return nil, nil, err
	}
	resolve := sync.OnceValue(func() func(string) (string, bool) { return resolver(set, in.Services) }) // of no use where nothing is declared
	in.Resolve = func(name string) (string, bool) { return resolve()(name) }
	in.Name = func(id string) string {
		for i := range set.Services {
			if set.Services[i].ID == id {
				return set.Services[i].Name
			}
		}
		return ""
	}
	list, unknown = declared.Drift(in)
	return list, unknown, nil
}

// termsOf returns which version of a supplier's terms is known: as people
// recorded it, else as the catalogue says.
func termsOf(book *inventory.Book, set *rules.Set) func(id string) string {
	catalogue := make(map[string]string)
	for i := range set.Services {
		catalogue[set.Services[i].ID] = set.Services[i].Supplier.Terms
	}
	return func(id string) string { return cmp.Or(book.FieldValue(id, assess.FieldTerms), catalogue[id]) }
}

// resolver finds services by id or name among the catalogue and the register:
// many at a time, where Inventory.Resolve is for one.
func resolver(set *rules.Set, services []inventory.Service) func(name string) (string, bool) {
	ids := make(map[string]string)
	put := func(key, id string) {
		if key = strings.ToLower(strings.TrimSpace(key)); key != "" && ids[key] == "" {
			ids[key] = id
		}
	}
	for i := range set.Services {
		put(set.Services[i].ID, set.Services[i].ID)
	}
	for i := range services {
		put(services[i].ID, services[i].ID)
	}
	for i := range set.Services {
		put(set.Services[i].Name, set.Services[i].ID)
	}
	for i := range services {
		put(services[i].Service, services[i].ID)
	}
	return func(name string) (string, bool) {
		id, ok := ids[strings.ToLower(strings.TrimSpace(name))]
		return id, ok
	}
}

// driftTable returns differences as a table.
func driftTable(list []declared.Difference) *export.Table {
	t := &export.Table{Name: "Drift", Columns: []string{
		"kind", "service", "id", "list", "use_case", "status", "declared", "observed", "requests", "users", "first_seen", "last_seen", "confidence", "owner",
	}}
	for i := range list {
		d := &list[i]
		requests := any(d.Requests)
		if d.Suppressed {
			requests = privacy.Withheld
		}
		t.Rows = append(t.Rows, []any{
			string(d.Kind), d.Service, d.ID, d.List, d.UseCase, string(d.Status), d.Declared, d.Observed, requests, driftUsers(d, ""), d.FirstSeen, d.LastSeen, d.Confidence, d.Owner,
		})
	}
	return t
}

// driftUsers returns the number of users of a row, or what stands for none: they
// were not counted, or are too few to be shown.
func driftUsers(d *declared.Difference, none string) any {
	if d.Users == 0 {
		return none
	}
	return d.Users
}

func printDrift(w io.Writer, list []declared.Difference) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "What was seen is what is declared.")
		return err
	}
	t := newColumns(w)
	fmt.Fprintln(t, "SERVICE\tDIFFERENCE\tDECLARED\tOBSERVED\tREQUESTS\tUSERS\tLAST SEEN\tCONFIDENCE\tOWNER")
	for i := range list {
		d := &list[i]
		last := "-"
		if !d.LastSeen.IsZero() {
			last = d.LastSeen.UTC().Format(time.DateOnly)
		}
		requests := fmt.Sprint(d.Requests)
		if d.Suppressed {
			requests = privacy.Withheld
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%v\t%s\t%.2f\t%s\n", printable(d.Service), d.Kind, orDash(d.Declared), orDash(d.Observed), requests, driftUsers(d, "-"), last, d.Confidence, orDash(d.Owner))
	}
	return t.Flush()
}
