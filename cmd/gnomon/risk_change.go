package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
)

// putRisk puts on record what somebody did about a risk.
func putRisk(ctx context.Context, inv *inventory.Inventory, id string, n *assess.Note) error {
	_, err := inv.Write(ctx, operator(), func(*inventory.Book) ([]inventory.Note, error) {
		return []inventory.Note{{Topic: inventory.TopicRisk, Subject: id, Data: n}}, nil
	})
	return err
}

// needReason is a usage error where there is no reason.
func needReason(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return &exitError{exitUsage, errors.New("give a reason: --reason")}
	}
	return nil
}

func newRiskOverrideCommand() *cobra.Command {
	var flags riskFlags
	var reason string
	var withdraw bool
	cmd := &cobra.Command{
		Use:   "override SERVICE WHAT [VALUE]",
		Short: "Put your own value in place of a computed one; both are shown",
		Long: `Put your own value in place of a computed one; both are shown.

WHAT is likelihood or consequence (1 to 5), input/NAME (a figure, as "risk show" names them) or
control/ID (an effectiveness from 0 to 0.9). --withdraw goes back to the computed value.`,
		Example: `  gnomon risk override "OpenAI API" consequence 3 --reason "only public texts"
  gnomon risk override openai-api consequence --withdraw --reason "customer data since May"`,
		Args: cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needReason(reason); err != nil {
				return err
			}
			if withdraw != (len(args) == 2) {
				return &exitError{exitUsage, errors.New("give a value, or --withdraw")}
			}
			return withRisk(cmd, flags, args[0], func(ctx context.Context, inv *inventory.Inventory, r *assess.Register, row *assess.Row) error {
				n := &assess.Note{Withdraw: args[1], Reason: reason}
				if !withdraw {
					o := &risk.Override{What: args[1], Reason: reason, By: operator(), Time: r.Now.UTC()}
					if _, err := fmt.Sscan(args[2], &o.Value); err != nil {
						return &exitError{exitUsage, fmt.Errorf("%q is no number", args[2])}
					}
					if err := o.Check(r.Method); err != nil {
						return &exitError{exitUsage, err}
					}
					n = &assess.Note{Override: o}
				}
				if err := putRisk(ctx, inv, row.ID, n); err != nil {
					return err
				}
				return sayRisk(cmd.OutOrStdout(), ctx, inv, r, row.ID)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why (required)")
	cmd.Flags().BoolVar(&withdraw, "withdraw", false, "no longer override it")
	return cmd
}

// sayRisk prints how a risk stands after a change.
func sayRisk(w io.Writer, ctx context.Context, inv *inventory.Inventory, r *assess.Register, id string) error {
	r.Book = inv.Book()
	rows, err := r.Rows()
	if err != nil {
		return err
	}
	for i := range rows {
		if rows[i].ID == id {
			a := rows[i].Assessment
			_, err = fmt.Fprintf(w, "%s: inherent %d (%s), residual %d (%s), %s\n", printable(rows[i].Service), a.Inherent, a.InherentLevel, a.Residual, a.Level, joined(rows[i].States))
		}
	}
	return err
}

func newRiskTreatCommand() *cobra.Command {
	var flags riskFlags
	var t risk.Treatment
	var option string
	cmd := &cobra.Command{
		Use:     "treat SERVICE",
		Short:   "Say what is done about a risk: avoid, modify or share it",
		Example: `  gnomon risk treat "OpenAI API" --option modify --plan "redact source code" --owner ann --due 2027-03-31`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if t.Done == "" { // what is done may have been due before
				if err := notPassed(t.Due, "--due"); err != nil {
					return err
				}
			}
			return withRisk(cmd, flags, args[0], func(ctx context.Context, inv *inventory.Inventory, r *assess.Register, row *assess.Row) error {
				next := row.Treatment // an acceptance until the measure works stays
				next.Option, next.Plan, next.Owner, next.Due, next.Done = risk.Option(option), t.Plan, t.Owner, t.Due, t.Done
				if next.Option == risk.Retain {
					return &exitError{exitUsage, errors.New(`a risk is retained by "gnomon risk accept"`)}
				}
				if !slices.Contains(risk.Options(), next.Option) {
					return &exitError{exitUsage, fmt.Errorf("--option %q: it can be avoid, modify or share (gnomon risk accept retains a risk)", option)}
				}
				return treat(cmd, ctx, inv, r, row, &next)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&option, "option", string(risk.Modify), "avoid, modify or share")
	cmd.Flags().StringVar(&t.Plan, "plan", "", "what is done")
	cmd.Flags().StringVar(&t.Owner, "owner", "", "who sees to it (required)")
	cmd.Flags().StringVar(&t.Due, "due", "", "until which day, YYYY-MM-DD (required)")
	cmd.Flags().StringVar(&t.Done, "done", "", "the day on which it was done, YYYY-MM-DD")
	return cmd
}

func treat(cmd *cobra.Command, ctx context.Context, inv *inventory.Inventory, r *assess.Register, row *assess.Row, t *risk.Treatment) error {
	if err := t.Check(row.Assessment); err != nil {
		return &exitError{exitUsage, err}
	}
	if err := putRisk(ctx, inv, row.ID, &assess.Note{Treatment: t}); err != nil {
		return err
	}
	return sayRisk(cmd.OutOrStdout(), ctx, inv, r, row.ID)
}

func newRiskAcceptCommand() *cobra.Command {
	var flags riskFlags
	var by, until, reason string
	cmd := &cobra.Command{
		Use:     "accept SERVICE",
		Short:   "Accept the residual risk: a named person, until a day",
		Example: `  gnomon risk accept "OpenAI API" --by "Ann Lee, CISO" --until 2027-03-31 --reason "pilot of ten people"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(needReason(reason), notPassed(until, "--until")); err != nil {
				return &exitError{exitUsage, err}
			}
			return withRisk(cmd, flags, args[0], func(ctx context.Context, inv *inventory.Inventory, r *assess.Register, row *assess.Row) error {
				next := row.Treatment
				if next.Option == "" {
					next.Option, next.Owner, next.Plan = risk.Retain, by, reason
				}
				next.AcceptedBy, next.AcceptedUntil, next.AcceptedOn = by, until, r.Now.UTC().Format(time.DateOnly)
				return treat(cmd, ctx, inv, r, row, &next)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&by, "by", "", "who accepts it (required)")
	cmd.Flags().StringVar(&until, "until", "", "last day of the acceptance, YYYY-MM-DD (required)")
	cmd.Flags().StringVar(&reason, "reason", "", "why (required)")
	return cmd
}

func newRiskAssessCommand() *cobra.Command {
	var flags riskFlags
	var reason string
	cmd := &cobra.Command{
		Use:   "assess SERVICE",
		Short: "Put on record that you assessed a service as it is now; what called for it is settled",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needReason(reason); err != nil {
				return err
			}
			return withRisk(cmd, flags, args[0], func(ctx context.Context, inv *inventory.Inventory, r *assess.Register, row *assess.Row) error {
				a := row.Assessment
				n := &assess.Note{Reason: reason, Assessed: &assess.Assessed{
					Snapshot: row.Snapshot, Method: a.Method, Version: a.Version, Inherent: a.Inherent, Residual: a.Residual, Level: a.Level,
				}}
				if err := putRisk(ctx, inv, row.ID, n); err != nil {
					return err
				}
				return sayRisk(cmd.OutOrStdout(), ctx, inv, r, row.ID)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "what the assessment found (required)")
	return cmd
}

func newRiskTriggersCommand() *cobra.Command {
	var flags riskFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "triggers",
		Short: "List the services that must be assessed again, and why",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withRisks(cmd, flags, func(_ context.Context, _ *inventory.Inventory, _ *assess.Register, rows []assess.Row) error {
				list := assess.DueOf(rows)
				if asJSON {
					return jsonLines(cmd.OutOrStdout(), list)
				}
				if len(list) == 0 {
					_, err := fmt.Fprintln(cmd.OutOrStdout(), "Nothing has to be assessed again.")
					return err
				}
				t := newColumns(cmd.OutOrStdout())
				fmt.Fprintln(t, "SERVICE\tWHY\tIS\tWAS")
				for _, d := range list {
					fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", printable(d.ID), d.Kind, orDash(d.Is), orDash(d.Was))
				}
				return t.Flush()
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

func newRiskMetricsCommand() *cobra.Command {
	var flags riskFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "metrics",
		Short: "Management metrics of a period, each with its formula",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withRisks(cmd, flags, func(_ context.Context, inv *inventory.Inventory, r *assess.Register, _ []assess.Row) error {
				list, err := assess.Metrics(r.Services, r.Figures, inv.Book(), r.Period)
				if err != nil {
					return err
				}
				if asJSON {
					return jsonLines(cmd.OutOrStdout(), list)
				}
				t := newColumns(cmd.OutOrStdout())
				fmt.Fprintln(t, "METRIC\tVALUE\tUNIT\tFORMULA")
				for _, m := range list {
					value := "unknown"
					if m.Known {
						value = fmt.Sprintf("%.1f", m.Value)
					}
					fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", m.Title, value, m.Unit, m.Formula)
				}
				return t.Flush()
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}
