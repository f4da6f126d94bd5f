package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/rules"
)

func newSoACommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "soa",
		Short: "The statement of applicability: which controls apply, why, and what the record shows",
	}
	cmd.AddCommand(newSoAShowCommand(), newSoASetCommand(), newSoAExportCommand())
	return cmd
}

// withSoA runs f on the draft of a statement of applicability.
func withSoA(cmd *cobra.Command, flags riskFlags, framework string, f func(*controls.SoA) error) error {
	return withRisks(cmd, flags, func(ctx context.Context, inv *inventory.Inventory, r *assess.Register, rows []assess.Row) error {
		s, err := draftSoA(ctx, inv, r, rows, framework)
		if err != nil {
			return err
		}
		return f(s)
	})
}

func draftSoA(ctx context.Context, inv *inventory.Inventory, r *assess.Register, rows []assess.Row, framework string) (*controls.SoA, error) {
	if r.Set.Framework(framework) == nil {
		return nil, &exitError{exitUsage, fmt.Errorf(`--framework: no framework %q: see "gnomon controls list"`, framework)}
	}
	facts, err := soaFacts(ctx, inv, r, rows, nil)
	if err != nil {
		return nil, err
	}
	return soaOf(r, rows, framework, facts)
}

// soaFacts counts what the record shows of a period. ref says where that can be
// looked at; nil: nowhere.
func soaFacts(ctx context.Context, inv *inventory.Inventory, r *assess.Register, rows []assess.Row, ref func(rules.EvidenceQuery) string) (controls.Facts, error) {
	agents, err := inv.Seen().CountSubjects(ctx, inventory.KindAgent)
	if err != nil {
		return controls.Facts{}, err
	}
	people, err := inv.Seen().CountSubjects(ctx, inventory.KindUser)
	if err != nil {
		return controls.Facts{}, err
	}
	differences := int64(-1) // nobody has said what use is intended: there is nothing to compare with
	if intended(r.Book) {
		drift, _, err := driftOf(ctx, inv, r.Set, r.Period.From, earlier(r.Now, r.Period.Until.Add(-time.Second)))
		if err != nil {
			return controls.Facts{}, err
		}
		differences = int64(len(drift))
	}
	return assess.Facts(&assess.FactsInput{
		Set: r.Set, Book: r.Book, Services: r.Services, Figures: r.Figures, Risks: rows, Period: r.Period,
		Agents: agents, People: people, Drift: differences, Ref: ref,
	}), nil
}

// intended reports whether anybody has put on record what use is intended: by a
// list or a decision.
func intended(b *inventory.Book) bool {
	for _, topic := range []inventory.Topic{inventory.TopicDeclared, inventory.TopicDecision} {
		for range b.Subjects(topic) {
			return true
		}
	}
	return false
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func soaOf(r *assess.Register, rows []assess.Row, framework string, facts controls.Facts) (*controls.SoA, error) {
	statements, err := assess.Statements(r.Book, framework)
	if err != nil {
		return nil, err
	}
	return controls.Draft(r.Set, controls.Input{
		Framework: framework, Version: fmt.Sprint(r.Book.Chain().Seq), At: r.Now.UTC(), Facts: facts, Statements: statements, Risks: assess.Treated(rows, framework),
	})
}

// soaTable returns a statement of applicability as a table.
func soaTable(s *controls.SoA) *export.Table {
	t := &export.Table{Name: "Statement of applicability", Columns: controls.Columns()}
	for _, record := range s.Records() {
		row := make([]any, len(record))
		for i, c := range record {
			row[i] = c
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// defaultFramework is the one whose statement the tool drafts.
const defaultFramework = "iso42001"

func newSoAShowCommand() *cobra.Command {
	var flags riskFlags
	var framework string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show the draft: status and evidence filled in, reasons left to you",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withSoA(cmd, flags, framework, func(s *controls.SoA) error {
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(s)
				}
				return printSoA(cmd.OutOrStdout(), s)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&framework, "framework", defaultFramework, "id of the framework")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printSoA(w io.Writer, s *controls.SoA) error {
	t := newColumns(w)
	fmt.Fprintln(t, "CONTROL\tTITLE\tAPPLIES\tSTATUS\tSHOWN BY THE RECORD\tOWNER\tREASON")
	for i := range s.Rows {
		r := &s.Rows[i]
		applies := "yes"
		if !r.Applicable {
			applies = "no"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Control, printable(r.Title), applies, r.Status, r.Coverage, orDash(r.Owner), orDash(r.Reason))
	}
	return t.Flush()
}

func newSoASetCommand() *cobra.Command {
	var framework, applicable string
	var s controls.Statement
	var status string
	cmd := &cobra.Command{
		Use:     "set CONTROL",
		Short:   "State whether a control applies, and why",
		Example: `  gnomon soa set A.9.2 --applicable yes --reason "staff use AI services" --owner "Ann Lee" --how "gateway, AI policy 1.2"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needReason(s.Reason); err != nil {
				return err
			}
			switch applicable {
			case "yes", "no":
				s.Applicable = applicable == "yes"
			default:
				return &exitError{exitUsage, errors.New("--applicable: say yes or no")}
			}
			s.By, s.Time, s.Status = operator(), time.Now().UTC(), controls.Status(status)
			return withRisks(cmd, riskFlags{method: defaultMethod}, func(ctx context.Context, inv *inventory.Inventory, r *assess.Register, rows []assess.Row) error {
				if _, err := controls.Draft(r.Set, controls.Input{Framework: framework, Statements: map[string]controls.Statement{args[0]: s}}); err != nil {
					return &exitError{exitUsage, err}
				}
				_, err := inv.Write(ctx, operator(), func(*inventory.Book) ([]inventory.Note, error) {
					return []inventory.Note{{Topic: inventory.TopicStatement, Subject: framework + "/" + args[0], Data: &s}}, nil
				})
				if err == nil {
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s %s: applicable %s\n", framework, args[0], applicable)
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&framework, "framework", defaultFramework, "id of the framework")
	cmd.Flags().StringVar(&applicable, "applicable", "", "yes or no (required)")
	cmd.Flags().StringVar(&s.Reason, "reason", "", "why it applies, or does not (required)")
	cmd.Flags().StringVar(&s.Owner, "owner", "", "who answers for it")
	cmd.Flags().StringVar(&s.How, "how", "", "how it is implemented")
	cmd.Flags().StringVar(&status, "status", "", "implemented, partial, planned or alternative (default: what the record shows)")
	return cmd
}

func newSoAExportCommand() *cobra.Command {
	var flags riskFlags
	var framework, out string
	var final bool
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the statement of applicability as CSV, XLSX or JSON; --final refuses while a reason is missing",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withSoA(cmd, flags, framework, func(s *controls.SoA) error {
				if final {
					var err error
					if s, err = s.Final(); err != nil {
						return err
					}
				}
				t := soaTable(s)
				asJSON := func(w io.Writer) error { return json.NewEncoder(w).Encode(s) }
				f := tableFlags{out: out, csv: out == "" || strings.HasSuffix(out, ".csv")}
				return f.write(cmd.OutOrStdout(), t, t.CSV, asJSON)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&framework, "framework", defaultFramework, "id of the framework")
	cmd.Flags().BoolVar(&final, "final", false, "as final: every control needs a reason and who states it")
	cmd.Flags().StringVarP(&out, "out", "o", "", "file: .csv, .xlsx or .json (default: CSV to standard output)")
	return cmd
}
