package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/rules"
)

func newExceptionsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exceptions",
		Short: "What people ask the policy to let them do: list, ask, grant, refuse",
		Long: `What people ask the policy to let them do. They ask on their own page,
http://gnomon.proxy/me through the proxy, or somebody asks for them. A second
person grants it until a day; then the service counts as approved with
conditions for that person or department, or one rule is not tried, on every
gateway from the next request on. All of it stays on record.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newExceptionsListCommand(), newExceptionsAskCommand(), newExceptionsGrantCommand(), newExceptionsRefuseCommand())
	return cmd
}

func newExceptionsListCommand() *cobra.Command {
	var f tableFlags
	var state string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the exceptions, those asked for last first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			states := []inventory.ExceptionState{inventory.ExceptionPending, inventory.ExceptionGranted, inventory.ExceptionRefused, inventory.ExceptionWithdrawn, inventory.ExceptionLapsed}
			if state != "" && !slices.Contains(states, inventory.ExceptionState(state)) {
				return &exitError{exitUsage, fmt.Errorf("--state %q is none of %v", state, states)}
			}
			return withInventory(cmd, func(_ context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				list, err := inv.Exceptions()
				if err != nil {
					return err
				}
				list = slices.DeleteFunc(list, func(x inventory.Exception) bool { return state != "" && string(x.State) != state })
				table := exceptionTable(list)
				return f.write(cmd.OutOrStdout(), table, func(w io.Writer) error { return printExceptions(w, list) },
					func(w io.Writer) error { return jsonLines(w, list) })
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&state, "state", "", "only those in a state: pending, granted, refused, withdrawn, lapsed")
	return cmd
}

var exceptionColumns = []string{"exception", "state", "person", "department", "service", "rule", "until", "reason", "requested", "requested by", "reviewer", "decided", "answer"}

// exceptionTable is that of the command and of evidence packs.
func exceptionTable(list []inventory.Exception) *export.Table {
	t := &export.Table{Name: "Exceptions", Columns: exceptionColumns}
	for i := range list {
		x := &list[i]
		t.Rows = append(t.Rows, []any{x.ID, string(x.State), x.Person, x.Group, x.Service, x.Rule, x.Until, x.Reason, x.Asked, x.By, x.Reviewer, x.Decided, x.Answer})
	}
	return t
}

func printExceptions(w io.Writer, list []inventory.Exception) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "Nobody has asked for an exception.")
		return err
	}
	var rows [][]string
	for i := range list {
		x := &list[i]
		rows = append(rows, []string{x.ID, string(x.State), whom(x), cmp.Or(x.Service, "-"), cmp.Or(printable(x.Rule), "-"), x.Until, printable(x.Reason), cmp.Or(printable(x.Answer), "-")})
	}
	return controlsPrinter{w, false}.table([]string{"EXCEPTION", "STATE", "FOR", "SERVICE", "RULE", "UNTIL", "REASON", "ANSWER"}, rows, nil)
}

func newExceptionsAskCommand() *cobra.Command {
	var a inventory.Asking
	var user string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "ask --user NAME [--service SERVICE] [--rule RULE] --until DATE --reason WHY",
		Short:   "Ask for an exception for somebody who can't do so on the own page",
		Example: `  gnomon inventory exceptions ask --user ann --service ChatGPT --until 2027-01-31 --reason "tender 12"`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if user == "" {
				return &exitError{exitUsage, errors.New("say with --user whom it is for: a name of the proxy, or a pseudonym")}
			}
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, set *rules.Set) error {
				if a.Person = user; !inventory.IsPseudonym(user) {
					a.Person = inv.Pseudonym(user)
				}
				if err := knownRule(set, a.Rule); err != nil {
					return err
				}
				if err := knownPerson(ctx, cmd.ErrOrStderr(), inv, user, a.Person); err != nil {
					return err
				}
				x, err := inv.AskException(ctx, a, access.Operator())
				return printException(cmd.OutOrStdout(), &x, err, asJSON, "%s waits: a second person decides with \"gnomon inventory exceptions grant %[1]s\"\n")
			})
		},
	}
	cmd.Flags().StringVar(&user, "user", "", "whom it is for: the name that the proxy knows, or a pseudonym")
	cmd.Flags().StringVar(&a.Service, "service", "", "service that is to count as approved, or at which the rule is left out")
	cmd.Flags().StringVar(&a.Rule, "rule", "", "rule of the policy that is to be left out")
	cmd.Flags().StringVar(&a.Until, "until", "", "last day, YYYY-MM-DD, at most a year ahead")
	cmd.Flags().StringVar(&a.Reason, "reason", "", "what it is for; it stays on record")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// knownPerson refuses a pseudonym that nobody has, and warns of a name that was
// not seen: somebody may be asked for before the first day.
func knownPerson(ctx context.Context, w io.Writer, inv *inventory.Inventory, user, pseudonym string) error {
	known, err := inv.Knows(ctx, pseudonym)
	switch {
	case err != nil || known:
		return err
	case user == pseudonym:
		return &inventory.InvalidError{Problem: fmt.Sprintf("nobody is known as %s: \"gnomon inventory users\" lists those who were seen", printable(user))}
	}
	_, err = fmt.Fprintf(w, "warning: nobody called %q has been seen: the name is to be the one that the proxy knows, as %s will be the pseudonym\n", user, pseudonym)
	return err
}

// warnOfDepartment says when nobody of a department was seen.
func warnOfDepartment(ctx context.Context, w io.Writer, inv *inventory.Inventory, name string) error {
	text, err := inv.DoubtDepartment(ctx, name)
	if err != nil || text == "" {
		return err
	}
	_, err = fmt.Fprintf(w, "warning: %s (\"gnomon inventory departments\" lists those that were)\n", printable(text))
	return err
}

// knownRule refuses a rule that the policy does not have.
func knownRule(set *rules.Set, name string) error {
	if name == "" {
		return nil
	}
	names := make([]string, len(set.Policies))
	for i := range set.Policies {
		names[i] = set.Policies[i].Name
	}
	if slices.Contains(names, name) {
		return nil
	}
	problem := fmt.Sprintf("the policy has no rule %q", name)
	if near := inventory.Near(names, name); len(near) > 0 {
		problem += ": did you mean " + strings.Join(near, ", ") + "?"
	}
	return &inventory.InvalidError{Problem: problem}
}

func printException(w io.Writer, x *inventory.Exception, err error, asJSON bool, format string) error {
	switch {
	case err != nil:
		return err
	case asJSON:
		return json.NewEncoder(visible.JSONWriter(w)).Encode(x)
	}
	_, err = fmt.Fprintf(w, format, x.ID, whom(x), x.Until)
	return err
}

func newExceptionsGrantCommand() *cobra.Command {
	var g inventory.Grant
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "grant EXCEPTION",
		Short: "Grant, as a second person, an exception until its last day",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				x, err := inv.GrantException(ctx, args[0], g, access.Operator())
				if err == nil {
					err = warnOfDepartment(ctx, cmd.ErrOrStderr(), inv, g.Group)
				}
				return printException(cmd.OutOrStdout(), &x, err, asJSON, "%s holds for %s until %s\n")
			})
		},
	}
	cmd.Flags().StringVar(&g.Until, "until", "", "last day, YYYY-MM-DD (default: as asked for)")
	cmd.Flags().StringVar(&g.Group, "department", "", "let it hold for a department, too")
	cmd.Flags().StringVar(&g.Reason, "reason", "", "what the person is told")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newExceptionsRefuseCommand() *cobra.Command {
	var reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "refuse EXCEPTION --reason WHY",
		Short: "Refuse an exception, or end one that was granted",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				x, err := inv.RefuseException(ctx, args[0], reason, access.Operator())
				if err == nil && x.State == inventory.ExceptionWithdrawn {
					return printException(cmd.OutOrStdout(), &x, nil, asJSON, "%s holds no longer\n%.0s%.0s")
				}
				return printException(cmd.OutOrStdout(), &x, err, asJSON, "%s is refused\n%.0s%.0s")
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why; the person reads it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// warnOfExceptions says which exceptions hold on for services that a decision
// closes to all others.
func warnOfExceptions(w io.Writer, b *inventory.Book, verb inventory.Verb, services []string) error {
	if verb != inventory.Refuse && verb != inventory.Retire {
		return nil
	}
	excepted, err := exceptedOf(b, time.Now())
	if err != nil {
		return err
	}
	for _, id := range services {
		if held := excepted(id); held != "" {
			if _, err := fmt.Fprintf(w, "note: %s may still be used under %s: \"gnomon inventory exceptions list --state granted\" lists them, \"... refuse\" ends one\n", printable(id), held); err != nil {
				return err
			}
		}
	}
	return nil
}

// exceptedOf returns a function that says which exceptions hold for a service:
// "1 exception until 2027-01-31".
func exceptedOf(b *inventory.Book, now time.Time) (func(id string) string, error) {
	list, err := inventory.ExceptionsIn(b, now)
	if err != nil {
		return nil, err
	}
	count, until := make(map[string]int), make(map[string]string)
	for i := range list {
		if x := &list[i]; x.State == inventory.ExceptionGranted && x.Service != "" {
			count[x.Service]++
			until[x.Service] = max(until[x.Service], x.Until)
		}
	}
	return func(id string) string {
		switch n := count[id]; n {
		case 0:
			return ""
		case 1:
			return "1 exception until " + until[id]
		default:
			return fmt.Sprintf("%d exceptions, the last until %s", n, until[id])
		}
	}, nil
}

// whom says for whom an exception was asked, and for which department it holds, too.
func whom(x *inventory.Exception) string {
	if x.Group == "" {
		return x.Person
	}
	return x.Person + " and " + printable(x.Group)
}
