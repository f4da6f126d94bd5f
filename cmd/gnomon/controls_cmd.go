package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/rules"
)

func newControlsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "controls",
		Short: "Controls of standards and laws: what of them the record shows",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newControlsListCommand(), newControlsShowCommand())
	return cmd
}

func newControlsListCommand() *cobra.Command {
	var framework string
	var evidence, asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the frameworks, the controls of one, or what can be evidence",
		Example: `  gnomon controls list
  gnomon controls list --framework iso42001
  gnomon controls list --evidence`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if evidence && framework != "" {
				return &exitError{exitUsage, errors.New("--framework and --evidence are two lists: name one of them")}
			}
			set, err := loadRules(cmd)
			if err != nil {
				return err
			}
			out := controlsPrinter{cmd.OutOrStdout(), asJSON}
			switch {
			case evidence:
				return out.evidence()
			case framework != "":
				f, err := frameworkOf(set, framework)
				if err != nil {
					return err
				}
				return out.controls(set.ControlsOf(f.ID))
			}
			return out.frameworks(set)
		},
	}
	cmd.Flags().StringVar(&framework, "framework", "", "list the controls of this framework")
	cmd.Flags().BoolVar(&evidence, "evidence", false, "list what a control can name as evidence")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

func newControlsShowCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show FRAMEWORK[/CONTROL] | CONTROL",
		Short:   "Show all that is known of a framework or a control",
		Example: "  gnomon controls show iso42001/A.9.2\n  gnomon controls show eu-ai-act",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			set, err := loadRules(cmd)
			if err != nil {
				return err
			}
			out := controlsPrinter{cmd.OutOrStdout(), asJSON}
			id, control, one := strings.Cut(args[0], "/")
			f, err := frameworkOf(set, id)
			if err != nil && !one {
				if c, err := controlOf(set, args[0]); c != nil || err != nil {
					if err != nil {
						return err
					}
					return out.control(set, c)
				}
			}
			if err != nil {
				return err
			}
			if !one {
				return out.framework(set, f)
			}
			for _, c := range set.ControlsOf(f.ID) {
				if strings.EqualFold(c.ID, control) {
					return out.control(set, c)
				}
			}
			return fmt.Errorf("%s has no control %q (see %q)", f.ID, control, "gnomon controls list --framework "+f.ID)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// loadRules reads the rules with the overlay of the settings.
func loadRules(cmd *cobra.Command) (*rules.Set, error) {
	settings, err := settingsOf(cmd)
	if err != nil {
		return nil, err
	}
	set, err := rules.Load(settings.overlays()...)
	if err != nil {
		return nil, &configError{err}
	}
	return set, nil
}

func frameworkOf(set *rules.Set, id string) (*rules.Framework, error) {
	if f := set.Framework(strings.ToLower(id)); f != nil {
		return f, nil
	}
	known := make([]string, len(set.Frameworks))
	for i := range set.Frameworks {
		known[i] = set.Frameworks[i].ID
	}
	return nil, fmt.Errorf("unknown framework %q: there are %s", id, strings.Join(known, ", "))
}

// controlOf returns the control of an id without a framework, nil when there is
// none. The error names those of several frameworks.
func controlOf(set *rules.Set, id string) (found *rules.Control, err error) {
	var names []string
	for i := range set.Frameworks {
		for _, c := range set.ControlsOf(set.Frameworks[i].ID) {
			if strings.EqualFold(c.ID, id) {
				found, names = c, append(names, set.Frameworks[i].ID+"/"+c.ID)
			}
		}
	}
	if len(names) > 1 {
		return nil, &exitError{exitUsage, fmt.Errorf("%q is a control of several frameworks: name one of %s", id, strings.Join(names, ", "))}
	}
	return found, nil
}

// controlsPrinter prints frameworks and controls as tables, or as JSON Lines.
type controlsPrinter struct {
	w      io.Writer
	asJSON bool
}

// table prints rows with a head, or each of the objects on a line.
func (p controlsPrinter) table(head []string, rows [][]string, objects []any) error {
	if p.asJSON {
		enc := json.NewEncoder(p.w)
		for _, o := range objects {
			if err := enc.Encode(o); err != nil {
				return err
			}
		}
		return nil
	}
	t := newColumns(p.w)
	fmt.Fprintln(t, strings.Join(head, "\t"))
	for _, r := range rows {
		cells := make([]string, len(r))
		for i, c := range r {
			cells[i] = printable(c)
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	return t.Flush()
}

// frameworkRow is a framework with what of it is covered.
type frameworkRow struct {
	*rules.Framework
	Entries        int `json:"entries"`
	Direct         int `json:"direct"`
	Partial        int `json:"partial"`
	Organisational int `json:"organisational"`
}

func newFrameworkRow(set *rules.Set, f *rules.Framework) frameworkRow {
	r := frameworkRow{Framework: f}
	for _, c := range set.ControlsOf(f.ID) {
		r.Entries++
		switch c.Coverage {
		case rules.CoverageDirect:
			r.Direct++
		case rules.CoveragePartial:
			r.Partial++
		case rules.CoverageOrganisational:
			r.Organisational++
		}
	}
	return r
}

func (p controlsPrinter) frameworks(set *rules.Set) error {
	var rows [][]string
	var objects []any
	for i := range set.Frameworks {
		r := newFrameworkRow(set, &set.Frameworks[i])
		objects = append(objects, r)
		rows = append(rows, []string{
			r.ID, r.Title, r.Edition, fmt.Sprint(r.Entries), fmt.Sprint(r.Direct), fmt.Sprint(r.Partial), fmt.Sprint(r.Organisational),
			checkedOn(r.CheckedOn, r.Unverified),
		})
	}
	return p.table([]string{"ID", "TITLE", "EDITION", "ENTRIES", "DIRECT", "PARTIAL", "NOT SHOWN", "CHECKED ON"}, rows, objects)
}

func checkedOn(day time.Time, unverified bool) string {
	text := day.Format(time.DateOnly)
	if unverified {
		text += " (unverified)"
	}
	return text
}

func (p controlsPrinter) controls(list []*rules.Control) error {
	var rows [][]string
	var objects []any
	for _, c := range list {
		objects = append(objects, controlJSON(c))
		rows = append(rows, []string{c.ID, c.Title, coverageText(c), evidenceText(c)})
	}
	return p.table([]string{"ID", "TITLE", "COVERAGE", "EVIDENCE"}, rows, objects)
}

// coverageText is the coverage of a control, or what else an entry is.
func coverageText(c *rules.Control) string {
	switch {
	case c.Kind == rules.KindDate:
		return "from " + c.On.Format(time.DateOnly)
	case !c.Counted():
		return string(c.Kind)
	case c.Coverage == rules.CoverageOrganisational:
		return "not shown"
	}
	return string(c.Coverage)
}

func evidenceText(c *rules.Control) string {
	names := make([]string, len(c.Evidence))
	for i, q := range c.Evidence {
		names[i] = string(q)
	}
	return strings.Join(names, ", ")
}

// controlJSON returns c with lists that are never null.
func controlJSON(c *rules.Control) rules.Control {
	out := *c
	out.Evidence = append([]rules.EvidenceQuery{}, c.Evidence...)
	out.Relations = append([]rules.Relation{}, c.Relations...)
	return out
}

func (p controlsPrinter) evidence() error {
	var rows [][]string
	var objects []any
	for _, q := range rules.EvidenceQueries() {
		rows = append(rows, []string{string(q), q.Text()})
		objects = append(objects, map[string]string{"name": string(q), "text": q.Text()})
	}
	return p.table([]string{"NAME", "COUNTS"}, rows, objects)
}

// framework prints a framework and its entries; as JSON one object.
func (p controlsPrinter) framework(set *rules.Set, f *rules.Framework) error {
	row, list := newFrameworkRow(set, f), set.ControlsOf(f.ID)
	if p.asJSON {
		all := []rules.Control{}
		for _, c := range list {
			all = append(all, controlJSON(c))
		}
		return json.NewEncoder(p.w).Encode(struct {
			frameworkRow
			Controls []rules.Control `json:"controls"`
		}{row, all})
	}
	fmt.Fprintf(p.w, "%s %s\n%s\nchecked on %s: %s\n", f.Title, f.Edition, f.Href, checkedOn(f.CheckedOn, f.Unverified), f.Origin)
	if f.Note != "" {
		fmt.Fprintln(p.w, f.Note)
	}
	if !f.Complete {
		fmt.Fprintln(p.w, "Only the entries that the record of a gateway touches are listed.")
	}
	fmt.Fprintln(p.w)
	return p.controls(list)
}

// control prints one control with all that relates to it, either way.
func (p controlsPrinter) control(set *rules.Set, c *rules.Control) error {
	if p.asJSON {
		return json.NewEncoder(p.w).Encode(controlJSON(c))
	}
	fmt.Fprintf(p.w, "%s %s\n%s\n\n%s\nchecked on %s: %s\n", c.Key(), c.Title, coverageText(c), c.Shows, checkedOn(c.CheckedOn, c.Unverified), c.Origin)
	for _, q := range c.Evidence {
		fmt.Fprintf(p.w, "evidence: %s (%s)\n", q, q.Text())
	}
	for _, r := range c.Relations {
		fmt.Fprintf(p.w, "relation: %s %s\n", r.Kind, r.To)
	}
	for i := range set.Controls {
		other := &set.Controls[i]
		for _, r := range other.Relations {
			if r.To == c.Key() {
				fmt.Fprintf(p.w, "relation: %s %s %s, %s\n", other.Key(), r.Kind, c.Key(), other.Title)
			}
		}
	}
	return nil
}
