package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/rules"
)

// operator names who acts, in everything that a command puts on record.
func operator() string { return access.Operator() }

// withPrivacy is withInventory with the settings of privacy.
func withPrivacy(cmd *cobra.Command, f func(ctx context.Context, inv *inventory.Inventory, p PrivacySettings) error) error {
	settings, err := settingsOf(cmd)
	if err != nil {
		return err
	}
	return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
		return f(ctx, inv, settings.Privacy)
	})
}

func newRevealCommand() *cobra.Command {
	var reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "reveal PSEUDONYM",
		Short: "Ask for the name behind a pseudonym; a second person must allow it",
		Long: `Ask for the name behind a pseudonym. One of privacy.reviewers, who is not you,
allows it ("gnomon privacy allow"); then the name is shown to you once, within
a day ("gnomon privacy show"). Who asked, why, who allowed it and that it was
shown stays on record; the name does not.`,
		Example: `  gnomon privacy reveal u-3f9c02ab17de --reason "incident 12: a key was sent to a service"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withPrivacy(cmd, func(ctx context.Context, inv *inventory.Inventory, p PrivacySettings) error {
				r, err := inv.RequestReveal(ctx, args[0], reason, operator(), p.Reviewers)
				if err != nil {
					return err
				}
				return printReveal(cmd.OutOrStdout(), r, asJSON, "%s waits until %s: one of %s allows it with \"gnomon privacy allow %[1]s\"\n",
					r.Request, r.Until.UTC().Format(time.RFC3339), strings.Join(others(p.Reviewers, r.By), ", "))
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why the name is needed; it stays on record")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the request as JSON")
	return cmd
}

// others lists the reviewers who are somebody else.
func others(reviewers []string, by string) (list []string) {
	for _, r := range reviewers {
		if !inventory.SamePerson(r, by) {
			list = append(list, printable(r))
		}
	}
	return list
}

func printReveal(w io.Writer, r inventory.Reveal, asJSON bool, format string, args ...any) error {
	if asJSON {
		return json.NewEncoder(visible.JSONWriter(w)).Encode(r)
	}
	_, err := fmt.Fprintf(w, format, args...)
	return err
}

func newAllowRevealCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "allow REQUEST",
		Short: "Allow, as a second person, that a name is shown to the one who asked",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withPrivacy(cmd, func(ctx context.Context, inv *inventory.Inventory, p PrivacySettings) error {
				r, err := inv.AllowReveal(ctx, args[0], operator(), p.Reviewers)
				if err != nil {
					return err
				}
				return printReveal(cmd.OutOrStdout(), r, asJSON, "%s sees the name once with \"gnomon privacy show %s\", until %s\n", printable(r.By), r.Request, r.Until.UTC().Format(time.RFC3339))
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the request as JSON")
	return cmd
}

func newRefuseRevealCommand() *cobra.Command {
	var reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "refuse REQUEST",
		Short: "Refuse that a name is shown, or withdraw your own request",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withPrivacy(cmd, func(ctx context.Context, inv *inventory.Inventory, p PrivacySettings) error {
				r, err := inv.RefuseReveal(ctx, args[0], reason, operator(), p.Reviewers)
				if err != nil {
					return err
				}
				return printReveal(cmd.OutOrStdout(), r, asJSON, "%s is refused\n", r.Request)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why not; it stays on record")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the request as JSON")
	return cmd
}

func newShowRevealCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show REQUEST",
		Short: "Show a name that you asked for and a second person allowed, once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withPrivacy(cmd, func(ctx context.Context, inv *inventory.Inventory, _ PrivacySettings) error {
				name, r, err := inv.ShowReveal(ctx, args[0], operator())
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
						inventory.Reveal
						Name string `json:"name"`
					}{r, name})
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is %s\n", r.Pseudonym, printable(name))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newRevealsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "reveals",
		Short: "List who asked for names, why, and who allowed it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withPrivacy(cmd, func(_ context.Context, inv *inventory.Inventory, _ PrivacySettings) error {
				list, err := inv.Reveals()
				if err != nil {
					return err
				}
				if len(list) == 0 && !asJSON {
					_, err := fmt.Fprintln(cmd.OutOrStdout(), "Nobody has asked for a name.")
					return err
				}
				var rows [][]string
				var objects []any
				for _, r := range list {
					objects = append(objects, r)
					rows = append(rows, []string{
						r.Request, r.Pseudonym, string(r.State), printable(r.By), r.Asked.UTC().Format("2006-01-02 15:04"), cmp.Or(printable(r.Reviewer), "-"), printable(r.Reason),
					})
				}
				return controlsPrinter{cmd.OutOrStdout(), asJSON}.table([]string{"REQUEST", "PSEUDONYM", "STATE", "ASKED BY", "ASKED", "REVIEWER", "REASON"}, rows, objects)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}
