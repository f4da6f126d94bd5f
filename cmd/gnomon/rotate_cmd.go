package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
)

func newRotateCommand() *cobra.Command {
	var reason string
	var list, asJSON bool
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Give all people new pseudonyms",
		Long: `Give all people new pseudonyms from now on, or list when that was done. Until
the next rotation one person stays one pseudonym; nothing but a name that is
revealed (or the key) joins those before with those after. What is listed of a
person begins at the rotation; packs show each sighting under the pseudonym of
its time. An older pseudonym can still be revealed and erased. The gateway
rotates at the end of each month, quarter or year, as privacy.rotate says.`,
		Example: `  gnomon privacy rotate --reason "a list of pseudonyms was mailed to the wrong people"
  gnomon privacy rotate --list`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withPrivacy(cmd, func(ctx context.Context, inv *inventory.Inventory, _ PrivacySettings) error {
				if list {
					return listGenerations(cmd, inv, asJSON)
				}
				g, err := inv.Rotate(ctx, reason, operator())
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(g)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "generation %d of pseudonyms begins at %s: users are u%[1]d-..., clients c%[1]d-...\n", g.Number, g.Since.Format(time.RFC3339))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why; it stays on record")
	cmd.Flags().BoolVar(&list, "list", false, "list the generations so far")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, one object a line")
	return cmd
}

func listGenerations(cmd *cobra.Command, inv *inventory.Inventory, asJSON bool) error {
	list, err := inv.Book().Generations()
	if err != nil {
		return err
	}
	var rows [][]string
	var objects []any
	for _, g := range list {
		since := "the beginning"
		if !g.Since.IsZero() {
			since = g.Since.UTC().Format(time.RFC3339)
		}
		objects = append(objects, g)
		rows = append(rows, []string{fmt.Sprint(g.Number), since, orDash(g.By), orDash(g.Reason)})
	}
	return controlsPrinter{cmd.OutOrStdout(), asJSON}.table([]string{"GENERATION", "SINCE", "BY", "REASON"}, rows, objects)
}
