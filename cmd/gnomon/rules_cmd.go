package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/classifier"
	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func newRulesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Check, test, explain and publish the rules",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRulesCheckCommand(), newRulesTestCommand(), newRulesExplainCommand(),
		newExceptionCommand(), newEDMCommand(), newFingerprintCommand(), newRulesCostCommand(), newReplayCommand(),
		newPublishCommand(), newPublishedCommand(), newWithdrawCommand())
	return cmd
}

// overlaysOf are the overlay named on the command line, else those of the settings.
func overlaysOf(cmd *cobra.Command, args []string) ([]string, error) {
	if len(args) > 0 {
		return args[:1], nil
	}
	settings, err := settingsOf(cmd)
	return settings.overlays(), err
}

func newRulesCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [DIR]",
		Short: "Validate the rules with the overlay of the settings, or with the one in DIR",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dirs, err := overlaysOf(cmd, args)
			if err != nil {
				return err
			}
			report := rules.Check(time.Now(), dirs...)
			for _, w := range report.Warnings {
				fmt.Fprintln(cmd.ErrOrStderr(), "warning:", w)
			}
			if err := report.Errors.Err(); err != nil {
				return &configError{err}
			}
			if _, err := loadKnowledge(dirs, passingKey()); err != nil {
				return err
			}
			return printCounts(cmd.OutOrStdout(), "ok", report.Set)
		},
	}
}

func printCounts(w io.Writer, verdict string, s *rules.Set) error {
	_, err := fmt.Fprintf(w, "%s: %s, %s, %s, %s, %s, %s\n", verdict, amount(len(s.Services), "service"), amount(len(s.Signals), "signal"),
		amount(len(s.Detectors), "detector"), amount(len(s.Policies), "policy", "policies"), amount(len(s.BlindSpots), "blind spot"), amount(len(s.Controls), "control"))
	return err
}

func newRulesTestCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "test [DIR]",
		Short: "Run the examples that every rule carries",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dirs, err := overlaysOf(cmd, args)
			if err != nil {
				return err
			}
			set, err := rules.Load(dirs...)
			if err != nil {
				return &configError{err}
			}
			if failed := failingExamples(set); len(failed) > 0 {
				for _, err := range failed {
					fmt.Fprintln(cmd.OutOrStdout(), err)
				}
				return errors.New(amount(len(failed), "example fails", "examples fail"))
			}
			return printCounts(cmd.OutOrStdout(), "all examples hold", set)
		},
	}
}

// failingExamples runs the examples of services and detectors; those of
// policies run whenever rules are loaded.
func failingExamples(set *rules.Set) []error {
	return append(classifier.Check(set.Services), dlp.Check(set.Detectors)...)
}

// loadDetectors reads the detectors alone.
func loadDetectors(overlays []string) ([]rules.Detector, error) {
	set, err := rules.Load(overlays...)
	if err != nil {
		return nil, &configError{err}
	}
	return set.Detectors, nil
}

// question is what `rules explain` asks about.
type question struct {
	host, path, method, user, client, status, account string
	groups, findings                                  []string
	asJSON                                            bool
}

func newRulesExplainCommand() *cobra.Command {
	var q question
	cmd := &cobra.Command{
		Use:   "explain --host HOST [--user USER] [--finding CLASS[/DETECTOR]]...",
		Short: "Say which rule would decide a request, and why the others would not",
		Example: `  gnomon rules explain --host api.openai.com --finding secret
  gnomon rules explain --host chatgpt.com --status refused
  gnomon rules explain --host claude.ai --group legal --finding contact/email`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if q.host == "" {
				return &exitError{exitUsage, errors.New("name a host with --host")}
			}
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			k, err := loadKnowledge(settings.overlays(), passingKey())
			if err != nil {
				return err
			}
			x, err := q.exchange(k)
			if err != nil {
				return &exitError{exitUsage, err}
			}
			register, done, err := readStandings(cmd.Context(), settings)
			if err != nil {
				return err
			}
			if q.status == "" {
				x.Status = register.Status(x.Verdict.ID)
			}
			if e := q.exempter(register); e != nil {
				x.Except(e)
			}
			if inventory.IsPseudonym(q.user) {
				fmt.Fprintf(cmd.ErrOrStderr(), "note: nobody knows here who %s is: exceptions of that person are looked up, rules that name users are tried as for somebody without a name\n", q.user)
			}
			done()
			return explain(cmd.OutOrStdout(), k, x, q.asJSON)
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.host, "host", "", "host of the request")
	f.StringVar(&q.path, "path", "/", "path")
	f.StringVar(&q.method, "method", "POST", "method")
	f.StringVar(&q.user, "user", "", "user: the name that the proxy knows, or a pseudonym")
	f.StringSliceVar(&q.groups, "group", nil, "groups of the user")
	f.StringVar(&q.client, "client", "", "address of the client")
	f.StringVar(&q.status, "status", "", "status of the service (default: as in the inventory)")
	f.StringVar(&q.account, "account", "", "account kind: personal, corporate, api_key, anonymous")
	f.StringSliceVar(&q.findings, "finding", nil, "class, or class/detector, of a finding in the prompt (may be repeated)")
	f.BoolVar(&q.asJSON, "json", false, "print JSON")
	return cmd
}

// exempter returns who knows the exceptions of the person that is asked about,
// nil where there is no inventory yet.
func (q *question) exempter(register traffic.Register) traffic.Exempter {
	inv, ok := register.(*inventory.Inventory)
	switch {
	case !ok:
		return nil
	case inventory.IsPseudonym(q.user):
		return pseudonymous{inv, q.user}
	}
	return inv
}

// pseudonymous knows the exceptions of a person by pseudonym.
type pseudonymous struct {
	inv    *inventory.Inventory
	person string
}

// Exempt implements traffic.Exempter.
func (p pseudonymous) Exempt(list []traffic.Exemption, f *traffic.Flow, service string) []traffic.Exemption {
	return p.inv.ExemptAs(list, p.person, f.Groups, service)
}

// exchange returns the request that q describes.
func (q *question) exchange(k *knowledge) (*traffic.Exchange, error) {
	x := &traffic.Exchange{
		Flow: traffic.Flow{
			Sensor: traffic.SensorProxy, Host: traffic.CanonicalHost(q.host), Path: q.path, Method: q.method, User: q.user, Groups: q.groups,
		},
		Prompt: &traffic.Prompt{},
	}
	if inventory.IsPseudonym(q.user) {
		x.Flow.User = "" // no rule has this name
	}
	if q.client != "" {
		var err error
		if x.Flow.Client, err = netip.ParseAddr(q.client); err != nil {
			return nil, fmt.Errorf("--client %q is no address", q.client)
		}
	}
	x.Verdict, x.Account = k.classifier.Request(x)
	if !x.Verdict.AI() {
		x.Verdict = k.classifier.Host(x.Flow.Host)
	}
	if q.status != "" && !slices.Contains(traffic.Statuses(), traffic.Status(q.status)) {
		return nil, fmt.Errorf("--status %q is none of %v", q.status, traffic.Statuses())
	}
	if q.account != "" {
		x.Account.Kind = traffic.AccountKind(q.account)
	}
	x.Status = traffic.Status(q.status)
	for _, s := range q.findings {
		class, detector, _ := strings.Cut(s, "/")
		if !slices.Contains(traffic.Classes(), traffic.Class(class)) {
			return nil, fmt.Errorf("--finding %q: the class is none of %v", s, traffic.Classes())
		}
		x.Findings = append(x.Findings, traffic.Finding{Class: traffic.Class(class), Detector: detector, Confidence: 1})
	}
	return x, nil
}

func explain(w io.Writer, k *knowledge, x *traffic.Exchange, asJSON bool) error {
	steps, d := k.engine.Explain(x), k.engine.Decide(x)
	if asJSON {
		return json.NewEncoder(w).Encode(map[string]any{
			"service": x.Verdict.Service, "how": x.Verdict.How, "status": x.Status, "steps": stepsJSON(steps),
			"decision": inspectDecision{d.Action, d.Rule, d.Reason}, "on_failure": d.OnFailure, "exceptions": exemptionIDs(x),
		})
	}
	fmt.Fprintf(w, "host %s: %s\n", x.Flow.Host, cmp.Or(x.Verdict.Service, "not an AI service: tunnelled, no rule is asked"))
	for _, e := range x.Exemptions {
		fmt.Fprintf(w, "exception %s holds: %s\n", e.ID, exemptFrom(e))
	}
	fmt.Fprintln(w)
	t := newColumns(w)
	fmt.Fprintln(t, "FOR\tRULE\tACTION\tRESULT\tWHERE")
	for _, s := range steps {
		result := "matches"
		if !s.Matched {
			result = "no: " + s.Failed
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", stepFor(s), s.Rule, s.Action, result, s.Source)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\ndecision: %s by %s, on failure %s\n%s\n", d.Action, cmp.Or(d.Rule, "no rule"), d.OnFailure, d.Reason)
	return err
}

func exemptFrom(e traffic.Exemption) string {
	if e.Rule == "" {
		return "the service counts as approved with conditions"
	}
	return "rule " + printable(e.Rule) + " is not tried"
}

func stepFor(s rules.Step) string {
	switch {
	case s.Detector != "":
		return string(s.Class) + "/" + s.Detector
	case s.Class != "":
		return string(s.Class)
	}
	return "request"
}

func exemptionIDs(x *traffic.Exchange) []string {
	ids := []string{}
	for _, e := range x.Exemptions {
		ids = append(ids, e.ID)
	}
	return ids
}

type stepJSON struct {
	For     string         `json:"for"`
	Rule    string         `json:"rule"`
	Action  traffic.Action `json:"action"`
	Matched bool           `json:"matched"`
	Failed  string         `json:"failed"`
	Source  string         `json:"source"`
}

func stepsJSON(steps []rules.Step) []stepJSON {
	out := make([]stepJSON, 0, len(steps))
	for _, s := range steps {
		out = append(out, stepJSON{stepFor(s), s.Rule, s.Action, s.Matched, s.Failed, s.Source.String()})
	}
	return out
}
