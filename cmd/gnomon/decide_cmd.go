package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/rules"
)

// decideFlags are those of a decision on one service or on many.
type decideFlags struct {
	change inventory.Change
	file   string
	where  []string
	dryRun bool
	json   bool
}

func newDecideCommand(verb inventory.Verb, short string) *cobra.Command {
	f := decideFlags{change: inventory.Change{Verb: verb}}
	cmd := &cobra.Command{
		Use:   string(verb) + " SERVICE...",
		Short: short,
		Long: short + `.

Services are named by name or id, chosen with --where, or listed in a file: CSV whose first line
names its columns, or YAML with a list of entries under "services". Columns, and keys of entries:
service, and any of owner, deputy, reason, condition (";" between several), until, review. Many services are decided upon all at once or not at all; --dry-run only says what
would change. A running gateway acts on it from its next request on.`,
		Example: fmt.Sprintf(`  gnomon inventory %s "OpenAI API" `+decideExample(verb)+`
  gnomon inventory %[1]s --where "category=chat assistant,status=unreviewed" --dry-run
  gnomon inventory %[1]s --file list.csv`, verb),
		Args: func(_ *cobra.Command, args []string) error {
			if given := min(1, len(args)) + min(1, len(f.file)) + min(1, len(f.where)); given != 1 {
				return errors.New("name services, or say --where, or --file")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			f.change.By = operator()
			if err := notPassed(f.change.Until, "--until"); err != nil {
				return err
			}
			if err := notPassed(f.change.Review, "--review"); err != nil {
				return err
			}
			if len(args) == 1 && !f.dryRun {
				return f.one(cmd, args[0])
			}
			return f.many(cmd, args)
		},
	}
	cmd.Flags().StringVar(&f.change.Owner, "owner", "", "who answers for the use of the service (default: as before, else you)")
	cmd.Flags().StringVar(&f.change.Deputy, "deputy", "", "who does so in the owner's place (default: as before)")
	cmd.Flags().StringVar(&f.change.Reason, "reason", "", "why")
	cmd.Flags().StringVar(&f.change.Until, "until", "", "last day of the decision, YYYY-MM-DD")
	cmd.Flags().StringVar(&f.change.Review, "review", "", "day of the next review, YYYY-MM-DD (default: as before)")
	cmd.Flags().StringArrayVar(&f.change.Conditions, "condition", nil, "condition of the approval (may be repeated)")
	cmd.Flags().StringVar(&f.file, "file", "", "decide on the services of a CSV or YAML file")
	cmd.Flags().StringSliceVar(&f.where, "where", nil, "decide on the services of the register that fit: category=, status=, vendor=, owner=, id=, how=")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "only say what would change")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the services as JSON")
	return cmd
}

// decideExample is what goes with a decision.
func decideExample(verb inventory.Verb) string {
	switch verb {
	case inventory.Refuse:
		return `--owner "platform team" --reason "no contract, trains on inputs"`
	case inventory.Review:
		return `--owner "platform team" --reason "asked for by sales" --until 2027-06-30`
	case inventory.Retire:
		return `--reason "replaced by the one of the house"`
	}
	return `--owner "platform team" --reason "contract signed" --until 2027-06-30 --review 2027-03-01`
}

// notPassed refuses a day that has passed: it is a slip of the pen.
func notPassed(day, flag string) error {
	if d, err := time.Parse(time.DateOnly, day); err == nil && d.AddDate(0, 0, 1).Before(time.Now()) {
		return &exitError{exitUsage, fmt.Errorf("%s %s has passed", flag, day)}
	}
	return nil
}

func (f *decideFlags) one(cmd *cobra.Command, name string) error {
	f.change.Service = name
	return withRegister(cmd, func(ctx context.Context, r decisions) error {
		s, err := r.Decide(ctx, f.change)
		if err != nil {
			return err
		}
		if f.json {
			return errors.Join(export.JSONLines(cmd.OutOrStdout(), []inventory.Service{*s}), f.warn(cmd, s.ID))
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is %s, owner %s\n", printable(s.Service), s.Status, printable(s.Owner))
		return errors.Join(err, f.warn(cmd, s.ID))
	})
}

// warn says which exceptions hold on for a service after a decision on it.
func (f *decideFlags) warn(cmd *cobra.Command, service string) error {
	if f.change.Verb != inventory.Refuse && f.change.Verb != inventory.Retire {
		return nil
	}
	return withInventory(cmd, func(_ context.Context, inv *inventory.Inventory, _ *rules.Set) error {
		return warnOfExceptions(cmd.ErrOrStderr(), inv.Book(), f.change.Verb, []string{service})
	})
}

func (f *decideFlags) many(cmd *cobra.Command, args []string) error {
	return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
		changes, err := f.changes(ctx, cmd.ErrOrStderr(), inv, args)
		if err != nil {
			return err
		}
		list, err := inv.DecideAll(ctx, changes, f.dryRun)
		if err != nil {
			return fmt.Errorf("nothing was decided: %w", err)
		}
		if !f.dryRun && len(list) > 0 {
			if err := awaitGateway(cmd, list[len(list)-1]); err != nil {
				return err
			}
		}
		ids := make([]string, len(list))
		for i := range list {
			ids[i] = list[i].ID
		}
		if err := warnOfExceptions(cmd.ErrOrStderr(), inv.Book(), f.change.Verb, ids); err != nil {
			return err
		}
		if f.json {
			return jsonLines(cmd.OutOrStdout(), list)
		}
		return printOutcomes(cmd.OutOrStdout(), list, f.dryRun)
	})
}

// changes lists the decisions that are asked for.
func (f *decideFlags) changes(ctx context.Context, stderr io.Writer, inv *inventory.Inventory, args []string) ([]inventory.Change, error) {
	var list []inventory.Change
	add := func(service string) *inventory.Change {
		c := f.change
		c.Service = service
		list = append(list, c)
		return &list[len(list)-1]
	}
	for _, name := range args {
		add(name)
	}
	if f.file != "" {
		lines, err := readLines(f.file, []string{"owner", "deputy", "reason", "condition", "until", "review"})
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			fill(add(l.Cells["service"]), l.Cells)
		}
	}
	if len(f.where) > 0 {
		filter, err := register.ParseFilter(f.where)
		if err != nil {
			return nil, err
		}
		rows, err := inv.Services(ctx)
		if err != nil {
			return nil, err
		}
		before := len(list)
		for i := range rows {
			if filter.Match(&rows[i]) {
				add(rows[i].ID)
			}
		}
		if len(list) == before {
			fmt.Fprintln(stderr, "note:", filter.Misfit(rows))
		}
	}
	return list, nil
}

// fill lays the cells of a line over what the flags say.
func fill(c *inventory.Change, cells map[string]string) {
	for name, to := range map[string]*string{"owner": &c.Owner, "deputy": &c.Deputy, "reason": &c.Reason, "until": &c.Until, "review": &c.Review} {
		if v := cells[name]; v != "" {
			*to = v
		}
	}
	if v := cells["condition"]; v != "" {
		c.Conditions = strings.Split(v, ";")
	}
}

func readLines(path string, columns []string) ([]register.Line, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	read := register.ReadCSV
	if ending := strings.ToLower(filepath.Ext(path)); ending == ".yaml" || ending == ".yml" {
		read = register.ReadYAML
	}
	lines, err := read(path, data, columns)
	if err != nil {
		return nil, &configError{err}
	}
	return lines, nil
}

// awaitGateway returns when a running gateway acts on a decision: it reads the
// ledger ten times a second.
func awaitGateway(cmd *cobra.Command, last inventory.Outcome) error {
	settings, err := settingsOf(cmd)
	if err != nil {
		return err
	}
	client, err := console.Dial(cmd.Context(), filepath.Join(settings.StateDir, socketFile))
	if errors.Is(err, console.ErrNoGateway) {
		return nil
	}
	if err != nil {
		return err
	}
	defer client.Close()
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if d, err := client.Service(cmd.Context(), last.ID); err == nil && d.Status == last.Status {
			return nil
		}
	}
	_, err = fmt.Fprintln(cmd.ErrOrStderr(), "note: the decisions are on record; the running gateway has not shown them yet")
	return err
}

func printOutcomes(w io.Writer, list []inventory.Outcome, preview bool) error {
	verb := "decided"
	if preview {
		verb = "would decide"
	}
	if _, err := fmt.Fprintf(w, "%s on %s\n", verb, amount(len(list), "service")); err != nil || len(list) == 0 {
		return err
	}
	t := newColumns(w)
	fmt.Fprintln(t, "SERVICE\tID\tWAS\tIS\tOWNER\tUNTIL")
	for _, o := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", printable(o.Service), o.ID, o.Was, o.Status, orDash(o.Owner), orDash(o.Until))
	}
	return t.Flush()
}
