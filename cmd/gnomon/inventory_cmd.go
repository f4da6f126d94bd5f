package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// decisions is the inventory, in this process or in a running gateway.
type decisions interface {
	Services(ctx context.Context) ([]inventory.Service, error)
	Service(ctx context.Context, name string) (*inventory.Detail, error)
	Decide(ctx context.Context, c inventory.Change) (*inventory.Service, error)
	BlindSpots(ctx context.Context) ([]inventory.BlindSpot, error)
}

func newInventoryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "inventory",
		Short: "The register of AI services: list, show, decide, export",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newListCommand(), newShowCommand(), newBlindCommand(), newExportCommand(), newBlockListCommand())
	cmd.AddCommand(newRegisterCommand(), newSetCommand(), newUseCaseCommand(), newHistoryCommand())
	cmd.AddCommand(newSubjectCommands()...)
	cmd.AddCommand(newDeclareCommand(), newDriftCommand(), newExceptionsCommand(), newBackupCommand(), newRestoreCommand(), newVerifyCommand(), newLedgerCommand())
	for _, v := range []struct {
		verb  inventory.Verb
		short string
	}{
		{inventory.Approve, "Approve a service, until a day or under conditions"},
		{inventory.Refuse, "Refuse a service: requests to it are blocked"},
		{inventory.Review, "Put a service under review"},
		{inventory.Retire, "Retire a service that is no longer used"},
	} {
		cmd.AddCommand(newDecideCommand(v.verb, v.short))
	}
	return cmd
}

// withRegister calls f with the register of a running gateway, else with that
// of the state directory.
func withRegister(cmd *cobra.Command, f func(context.Context, decisions) error) error {
	settings, err := settingsOf(cmd)
	if err != nil {
		return err
	}
	client, err := console.Dial(cmd.Context(), filepath.Join(settings.StateDir, socketFile))
	switch {
	case err == nil:
		defer client.Close()
		return f(cmd.Context(), client)
	case !errors.Is(err, console.ErrNoGateway):
		return err
	}
	made, err := expectStore(cmd, settings)
	if err != nil {
		return err
	}
	set, err := rules.LoadHosts(settings.overlays()...)
	if err != nil {
		return &configError{err}
	}
	inv, done, err := openInventory(cmd.Context(), settings, set.Services)
	if err != nil {
		return err
	}
	defer done()
	made()
	warnOfLapse(cmd, inv)
	return f(cmd.Context(), discreet{inv, settings.Privacy.group()})
}

func newListCommand() *cobra.Command {
	var asJSON, asCSV bool
	var status []string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the services that were seen or decided upon",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, s := range status {
				if !slices.Contains(traffic.Statuses(), traffic.Status(s)) {
					return &exitError{exitUsage, fmt.Errorf("--status %q is none of %v", s, traffic.Statuses())}
				}
			}
			return withRegister(cmd, func(ctx context.Context, r decisions) error {
				rows, err := r.Services(ctx)
				if err != nil {
					return err
				}
				all := rows
				if len(status) > 0 {
					rows = slices.DeleteFunc(slices.Clone(rows), func(s inventory.Service) bool { return !slices.Contains(status, string(s.Status)) })
				}
				switch {
				case asJSON:
					return export.JSONLines(cmd.OutOrStdout(), rows)
				case asCSV:
					return export.CSV(cmd.OutOrStdout(), rows)
				}
				if len(rows) > 0 {
					return printServices(cmd.OutOrStdout(), rows)
				}
				return printNone(ctx, cmd.OutOrStdout(), r, all, status)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	cmd.Flags().BoolVar(&asCSV, "csv", false, "CSV")
	cmd.Flags().StringSliceVar(&status, "status", nil, "only services of these statuses")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	return cmd
}

// printNone says what there is where no service is listed.
func printNone(ctx context.Context, w io.Writer, r decisions, all []inventory.Service, status []string) error {
	if len(all) > 0 {
		has := make(map[traffic.Status]int64)
		for i := range all {
			has[all[i].Status]++
		}
		_, err := fmt.Fprintf(w, "No service is %s. There are: %s.\n", strings.ReplaceAll(strings.Join(status, " or "), "_", " "), counts(has))
		return err
	}
	spots, err := r.BlindSpots(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "No AI service has been seen yet. Send traffic through `gnomon run`, or read a capture with `gnomon sniff -r FILE --save`.")
	if len(spots) > 0 {
		fmt.Fprintf(w, "But some hid where it goes: `gnomon inventory blind` shows %s.\n", amount(len(spots), "blind spot"))
	}
	return nil
}

// printServices prints the register as a table.
func printServices(w io.Writer, rows []inventory.Service) error {
	t := newColumns(w)
	fmt.Fprintln(t, "SERVICE\tSTATUS\tOWNER\tUSERS\tREQUESTS\tFINDINGS\tDECISIONS\tSEEN\tHOW\tLAST SEEN")
	for _, r := range rows {
		last := "never"
		if !r.LastSeen.IsZero() {
			last = r.LastSeen.UTC().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n",
			printable(r.Service), r.Status, cmp.Or(printable(r.Owner), "-"), atLeast(max(r.Users, r.Clients)), r.Requests,
			counts(r.Findings), counts(r.Decisions), coverage(r.Coverage), cmp.Or(string(r.How), "-"), last)
	}
	return t.Flush()
}

// atLeast is a number of people, of whom a store counts no more than it keeps.
func atLeast(n int64) string {
	if n >= inventory.MaxValues {
		return fmt.Sprintf(">= %d", inventory.MaxValues)
	}
	return strconv.FormatInt(n, 10)
}

// counts prints "2 secret, 1 contact", the largest first.
func counts[K ~string](m map[K]int64) string {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b K) int { return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b)) })
	parts := make([]string, 0, len(keys))
	for _, k := range keys {
		parts = append(parts, fmt.Sprintf("%d %s", m[k], k))
	}
	return cmp.Or(strings.Join(parts, ", "), "-")
}

// coverage says how much of the use was seen.
func coverage(c inventory.Coverage) string {
	total := c.Inspected + c.MetadataOnly + c.Blind
	if total == 0 {
		return "-"
	}
	s := fmt.Sprintf("%d%% inspected", 100*c.Inspected/total)
	if c.Blind > 0 {
		s += fmt.Sprintf(", %d%% blind", 100*c.Blind/total)
	}
	return s
}

// printable keeps what came off the wire from steering the terminal, or who
// reads it.
func printable(s string) string { return visible.Line(s) }

func newShowCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show SERVICE",
		Short: "Show all that is known of one service (name or id)",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withRegister(cmd, func(ctx context.Context, r decisions) error {
				d, err := r.Service(ctx, args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(visible.JSONWriter(cmd.OutOrStdout())).Encode(d)
				}
				return printDetail(cmd.OutOrStdout(), d)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printDetail(w io.Writer, d *inventory.Detail) error {
	t := newColumns(w)
	row := func(name, value string) { fmt.Fprintf(t, "%s\t%s\n", name, cmp.Or(printable(value), "-")) }
	row("service", fmt.Sprintf("%s (%s)", d.Service.Service, d.ID))
	row("vendor", d.Vendor)
	row("category", d.Category)
	row("status", string(d.Status))
	row("owner", d.Owner)
	row("reason", d.Reason)
	row("conditions", strings.Join(d.Conditions, "; "))
	row("until", d.Until)
	row("known by", string(d.How))
	row("features", strings.Join(d.Features, ", "))
	if !d.FirstSeen.IsZero() {
		row("seen", d.FirstSeen.UTC().Format(time.RFC3339)+" to "+d.LastSeen.UTC().Format(time.RFC3339))
	}
	row("requests", fmt.Sprintf("%d, %d bytes up, %d down", d.Requests, d.Up, d.Down))
	row("users", uses(d.UserList))
	row("clients", uses(d.ClientList))
	row("accounts", accounts(d.AccountList))
	row("models", uses(d.ModelList))
	row("surfaces", uses(d.Surfaces))
	row("hosts", uses(d.Hosts))
	row("sensors", uses(d.Sensors))
	row("origins", uses(firstOf(d.Origins, maxOrigins)))
	row("departments", uses(d.GroupList))
	row("programs", uses(d.AgentList))
	row("tools", uses(d.ToolList))
	row("MCP servers", uses(d.ServerList))
	row("paths", uses(firstOf(d.EndpointList, maxOrigins)))
	row("files", counts(d.Files))
	row("noted", uses(d.Noted))
	row("findings", counts(d.Detectors))
	row("rules", counts(d.Rules))
	row("coverage", coverage(d.Coverage)+" ("+counts(d.Reasons)+")")
	for _, h := range d.History {
		row("decision", fmt.Sprintf("%s  %s by %s, owner %s: %s", h.Time.UTC().Format(time.RFC3339), h.Status, h.By, h.Owner, h.Reason))
	}
	return t.Flush()
}

// maxOrigins bounds the files and paths that are shown; --json has more.
const maxOrigins = 10

func uses(list []inventory.Use) string {
	parts := make([]string, 0, len(list))
	for _, u := range list {
		if u.Suppressed {
			parts = append(parts, cmp.Or(u.Name, "unknown"))
			continue
		}
		parts = append(parts, fmt.Sprintf("%s (%d)", cmp.Or(u.Name, "unknown"), u.Requests))
	}
	return strings.Join(parts, ", ")
}

func accounts(list []inventory.AccountUse) string {
	parts := make([]string, 0, len(list))
	for _, a := range list {
		name := strings.Join(slices.DeleteFunc([]string{string(a.Kind), a.Organisation, a.Plan, a.Key}, func(s string) bool { return s == "" }), " ")
		parts = append(parts, fmt.Sprintf("%s (%d)", cmp.Or(name, "unknown"), a.Requests))
	}
	return strings.Join(parts, ", ")
}

func newExportCommand() *cobra.Command {
	var asJSON, asCSV, asXLSX bool
	var out string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the register as CSV, XLSX or JSON Lines",
		Example: `  gnomon inventory export --csv >register.csv
  gnomon inventory export --xlsx -o register.xlsx`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			k := settings.Privacy.group() // what is exported is handed on
			write := func(w io.Writer, rows []inventory.Service) error { return export.JSONLines(w, k.Services(rows)) }
			if out == "-" { // as other programs call standard output
				out = ""
			}
			switch {
			case asCSV || !asJSON && strings.HasSuffix(out, ".csv"):
				write = func(w io.Writer, rows []inventory.Service) error { return export.Report(rows, k).CSV(w) }
			case asXLSX || !asJSON && strings.HasSuffix(out, ".xlsx"):
				write = func(w io.Writer, rows []inventory.Service) error { return export.Report(rows, k).XLSX(w) }
			case out != "" && !asJSON && !strings.HasSuffix(out, ".json") && !strings.HasSuffix(out, ".jsonl"):
				return &exitError{exitUsage, fmt.Errorf("%s: the ending tells no format: use .csv, .xlsx, .json, or say --csv, --xlsx, --json", out)}
			}
			return withRegister(cmd, func(ctx context.Context, r decisions) error {
				rows, err := r.Services(ctx)
				if err != nil {
					return err
				}
				if out == "" {
					return write(cmd.OutOrStdout(), rows)
				}
				var b strings.Builder
				if err := write(&b, rows); err != nil {
					return err
				}
				return writeFile(out, []byte(b.String()), 0o600)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "JSON Lines (the default)")
	cmd.Flags().BoolVar(&asCSV, "csv", false, "CSV; cells that a spreadsheet would run are made harmless")
	cmd.Flags().BoolVar(&asXLSX, "xlsx", false, "XLSX")
	cmd.Flags().StringVarP(&out, "out", "o", "", "write to a file; its ending chooses the format")
	cmd.MarkFlagsMutuallyExclusive("json", "csv", "xlsx")
	return cmd
}
