package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
	"github.com/gnomon-proxy/gnomon/rules"
)

func newAccessCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "access",
		Short: "Who may use the API",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	token := &cobra.Command{
		Use:   "token",
		Short: "Tokens of the API: create, list, revoke",
		Long: `Tokens of the API, sent as "Authorization: Bearer TOKEN". Each has a role:

  viewer    sees services and figures, no lists of people
  reviewer  sees users by pseudonym too, decides, fills in fields, treats risks
  auditor   sees everything with the ledger and evidence, changes nothing
  admin     may do all

The ledger holds who made and revoked which token, and of the token its SHA-256.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	token.AddCommand(newTokenCreateCommand(), newTokenListCommand(), newTokenRevokeCommand())
	cmd.AddCommand(token)
	return cmd
}

func newTokenCreateCommand() *cobra.Command {
	var role, until string
	cmd := &cobra.Command{
		Use:     "create NAME",
		Short:   "Make a token and print it, once",
		Example: "  gnomon access token create grafana --role viewer --until 2027-12-31",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				secret, err := access.Create(ctx, inv, operator(), args[0], access.Role(role), until, time.Now())
				if err != nil {
					return err
				}
				fmt.Fprintln(cmd.ErrOrStderr(), "Keep it now: it is not shown again.")
				_, err = fmt.Fprintln(cmd.OutOrStdout(), secret)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&role, "role", "", "viewer, reviewer, auditor or admin (required)")
	cmd.Flags().StringVar(&until, "until", "", "last day on which it works, YYYY-MM-DD (default: until it is revoked)")
	return cmd
}

func newTokenListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List all tokens that were ever made",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withInventory(cmd, func(_ context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				list, err := access.List(inv.Book(), time.Now())
				if err != nil {
					return err
				}
				if asJSON {
					return jsonLines(cmd.OutOrStdout(), list)
				}
				if len(list) == 0 {
					_, err := fmt.Fprintln(cmd.OutOrStdout(), "There is no token. Make one with gnomon access token create.")
					return err
				}
				t := newColumns(cmd.OutOrStdout())
				fmt.Fprintln(t, "NAME\tROLE\tSTATE\tUNTIL\tMADE\tBY")
				for _, k := range list {
					fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", k.Name, k.Role, tokenState(k), cmp.Or(k.Until, "-"), k.Made.UTC().Format(time.DateOnly), printable(k.By))
				}
				return t.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

func tokenState(t access.Token) string {
	switch {
	case t.Revoked:
		return "revoked"
	case t.Ended:
		return "ended"
	}
	return "works"
}

func newTokenRevokeCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "revoke NAME",
		Short: "End a token: it works no more, from the next request on",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				if err := access.Revoke(ctx, inv, operator(), args[0], reason); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s works no more\n", printable(args[0]))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	return cmd
}
