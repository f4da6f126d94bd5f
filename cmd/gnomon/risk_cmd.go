package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
)

func newRiskCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "risk",
		Short: "The risk register: inherent and residual risk of each service, treatment, acceptance",
		Long: `The risk register: inherent and residual risk of each service, treatment, acceptance.

Risk is estimated by a method that is data (rules/controls/risk-method.yaml, its version is in
every assessment): likelihood from what was observed in a period, consequence from data classes and
supplier facts, residual risk from what controls were measured to do. "gnomon risk show" lists every
input with its source and the threshold that it met.`,
	}
	cmd.AddCommand(newRiskListCommand(), newRiskShowCommand(), newRiskOverrideCommand(), newRiskTreatCommand(), newRiskAcceptCommand(),
		newRiskAssessCommand(), newRiskTriggersCommand(), newRiskMetricsCommand())
	return cmd
}

// defaultMethod names the risk method that is used unless --method says
// otherwise.
const defaultMethod = "exposure"

// riskFlags choose the period and the method.
type riskFlags struct {
	period, method string
	k              privacy.K
}

func (f *riskFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.period, "period", "", "what was observed when: 2026Q4, 2026-11, 2026 or FROM..TO (default: the last 90 days)")
	cmd.Flags().StringVar(&f.method, "method", defaultMethod, "id of the risk method")
}

// riskRegister puts together what assessments rest on.
func riskRegister(ctx context.Context, inv *inventory.Inventory, set *rules.Set, f riskFlags, now time.Time) (*assess.Register, error) {
	method := set.Method(f.method)
	if method == nil {
		return nil, &exitError{exitUsage, fmt.Errorf("--method: no risk method %q: see rules/controls", f.method)}
	}
	day := now.UTC().Truncate(24 * time.Hour)
	period := assess.Period{From: day.AddDate(0, 0, -89), Until: day.AddDate(0, 0, 1)}
	if f.period != "" {
		var err error
		if period, err = assess.ParsePeriod(f.period, now); err != nil {
			return nil, &exitError{exitUsage, fmt.Errorf("--period: %w", err)}
		}
	}
	services, err := inv.Services(ctx)
	if err != nil {
		return nil, err
	}
	figures, err := assess.Collect(ctx, inv, period)
	if err != nil {
		return nil, err
	}
	book := inv.Book()
	return &assess.Register{
		Set: set, Method: method, Book: book, Services: services, Figures: figures, Period: period, Now: now, K: f.k,
	}, nil
}

// withRisks runs f on the risk register.
func withRisks(cmd *cobra.Command, flags riskFlags, f func(ctx context.Context, inv *inventory.Inventory, r *assess.Register, rows []assess.Row) error) error {
	settings, err := settingsOf(cmd)
	if err != nil {
		return err
	}
	flags.k = settings.Privacy.group()
	return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, set *rules.Set) error {
		r, err := riskRegister(ctx, inv, set, flags, time.Now())
		if err != nil {
			return err
		}
		rows, err := r.Rows()
		if err != nil {
			return err
		}
		return f(ctx, inv, r, rows)
	})
}

// withRisk runs f on the risk of the service that goes by a name or id.
func withRisk(cmd *cobra.Command, flags riskFlags, name string, f func(ctx context.Context, inv *inventory.Inventory, r *assess.Register, row *assess.Row) error) error {
	return withRisks(cmd, flags, func(ctx context.Context, inv *inventory.Inventory, r *assess.Register, rows []assess.Row) error {
		id, err := inv.Resolve(ctx, name)
		if err != nil {
			return err
		}
		for i := range rows {
			if rows[i].ID == id {
				return f(ctx, inv, r, &rows[i])
			}
		}
		return fmt.Errorf("%s has no risk to assess: it was not seen from %s to %s and nobody decided upon it; choose another --period", id,
			r.Period.From.Format(time.DateOnly), r.Period.Until.AddDate(0, 0, -1).Format(time.DateOnly))
	})
}

func newRiskListCommand() *cobra.Command {
	var flags riskFlags
	var out tableFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List services by residual risk",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withRisks(cmd, flags, func(_ context.Context, _ *inventory.Inventory, _ *assess.Register, rows []assess.Row) error {
				return out.write(cmd.OutOrStdout(), riskTable(rows), func(w io.Writer) error { return printRisks(w, rows) }, func(w io.Writer) error { return jsonLines(w, rows) })
			})
		},
	}
	flags.add(cmd)
	out.add(cmd)
	return cmd
}

// riskTable returns the risk register as a table.
func riskTable(rows []assess.Row) *export.Table {
	t := &export.Table{Name: "Risks", Columns: []string{
		"service", "id", "status", "owner", "likelihood", "consequence", "inherent", "inherent_level", "controls", "residual", "level", "appetite",
		"treatment", "plan", "treatment_owner", "due", "done", "accepted_by", "accepted_on", "accepted_until", "states", "assessed_by", "assessed_at",
		"triggers", "overrides", "assumptions", "method", "method_version", "from", "to",
	}}
	for i := range rows {
		r := &rows[i]
		a, tr := r.Assessment, &r.Treatment
		t.Rows = append(t.Rows, []any{
			r.Service, r.ID, string(r.Status), r.Owner, a.Likelihood, a.Consequence, a.Inherent, a.InherentLevel, effectsText(a.Controls), a.Residual, a.Level, string(a.Appetite),
			string(tr.Option), tr.Plan, tr.Owner, tr.Due, tr.Done, tr.AcceptedBy, tr.AcceptedOn, tr.AcceptedUntil, joined(r.States), r.AssessedBy, r.AssessedAt,
			triggersText(r.Triggers), overridesText(a.Overrides), assumptionsText(a.Inputs), a.Method, a.Version, a.From, a.To,
		})
	}
	return t
}

// effectsText writes the controls that count as one cell: "redaction=0.45".
func effectsText(list []risk.Control) string {
	var parts []string
	for _, c := range list {
		if c.Counts {
			parts = append(parts, fmt.Sprintf("%s=%.2f", c.ID, c.Effectiveness))
		}
	}
	return strings.Join(parts, "; ")
}

// assumptionsText names the inputs that nobody knows.
func assumptionsText(list []risk.Input) string {
	var names []string
	for _, i := range list {
		if i.Kind == risk.KindAssumption {
			names = append(names, i.Name)
		}
	}
	return strings.Join(names, "; ")
}

func overridesText(list []risk.Applied) string {
	parts := make([]string, len(list))
	for i, o := range list {
		parts[i] = fmt.Sprintf("%s: %v instead of %s, by %s: %s", o.What, o.Value, o.Was, o.By, o.Reason)
	}
	return strings.Join(parts, "; ")
}

func triggersText(list []risk.Trigger) string {
	parts := make([]string, len(list))
	for i, t := range list {
		parts[i] = string(t.Kind) + " (" + t.Is + ")"
	}
	return strings.Join(parts, "; ")
}

// joined writes words as one cell.
func joined[T ~string](list []T) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = string(v)
	}
	return strings.Join(parts, ", ")
}

func printRisks(w io.Writer, rows []assess.Row) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, "No risk to assess: no AI service was seen in the period, and none was decided upon.")
		return err
	}
	t := newColumns(w)
	fmt.Fprintln(t, "SERVICE\tSTATUS\tINHERENT\tRESIDUAL\tTREATMENT\tDUE\tSTATE\tASSESS AGAIN")
	for i := range rows {
		r := &rows[i]
		again := make([]string, 0, len(r.Triggers))
		for _, tr := range r.Triggers {
			again = append(again, string(tr.Kind))
		}
		fmt.Fprintf(t, "%s\t%s\t%d %s\t%d %s\t%s\t%s\t%s\t%s\n", printable(r.Service), r.Status, r.Assessment.Inherent, r.Assessment.InherentLevel,
			r.Assessment.Residual, r.Assessment.Level, orDash(string(r.Treatment.Option)), orDash(dueOf(&r.Treatment)), joined(r.States), orDash(strings.Join(again, ", ")))
	}
	return t.Flush()
}

// dueOf returns the day that somebody waits for.
func dueOf(t *risk.Treatment) string {
	if t.AcceptedUntil != "" {
		return "accepted to " + t.AcceptedUntil
	}
	return t.Due
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return printable(s)
}

func newRiskShowCommand() *cobra.Command {
	var flags riskFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show SERVICE",
		Short: "Show every input of a service's risk, its controls and its treatment",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withRisk(cmd, flags, args[0], func(_ context.Context, _ *inventory.Inventory, _ *assess.Register, row *assess.Row) error {
				if asJSON {
					return json.NewEncoder(visible.JSONWriter(cmd.OutOrStdout())).Encode(row)
				}
				return printRisk(cmd.OutOrStdout(), row)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printRisk(w io.Writer, r *assess.Row) error {
	a := r.Assessment
	fmt.Fprintf(w, "%s (%s), %s to %s, method %s %s\n\n", printable(r.Service), r.ID, a.From.Format(time.DateOnly), a.To.AddDate(0, 0, -1).Format(time.DateOnly), a.Method, a.Version)
	t := newColumns(w)
	fmt.Fprintln(t, "INPUT\tVALUE\tCOUNTS\tTHRESHOLD\tSOURCE")
	for _, in := range a.Inputs {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\n", in.Name, printable(in.Value), in.Result, in.Threshold, printable(in.Source))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(t, "\nCONTROL\tMEASURED\tEFFECT")
	for _, c := range a.Controls {
		fmt.Fprintf(t, "%s\t%s\t%.2f\n", c.Title, c.How, c.Effectiveness)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nlikelihood %d x consequence %d = inherent %d (%s)\nlikelihood %d x consequence %d = residual %d (%s, %s)\n", a.Likelihood, a.Consequence, a.Inherent, a.InherentLevel,
		a.ResidualLikelihood, a.Consequence, a.Residual, a.Level, a.Appetite)
	for _, o := range a.Overrides {
		fmt.Fprintf(w, "override: %s is %v instead of %s, by %s: %s\n", o.What, o.Value, o.Was, printable(o.By), printable(o.Reason))
	}
	fmt.Fprintf(w, "treatment: %s, %s\n", orDash(string(r.Treatment.Option)), joined(r.States))
	if r.Treatment.Owner != "" {
		fmt.Fprintf(w, "  owner %s, due %s, plan: %s\n", printable(r.Treatment.Owner), orDash(dueOf(&r.Treatment)), orDash(r.Treatment.Plan))
	}
	for _, tr := range r.Triggers {
		fmt.Fprintf(w, "assess again: %s: %s", tr.Kind, printable(tr.Is))
		if tr.Was != "" {
			fmt.Fprintf(w, ", was %s", printable(tr.Was))
		}
		fmt.Fprintln(w)
	}
	return nil
}
