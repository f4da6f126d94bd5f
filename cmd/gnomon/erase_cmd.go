package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

func newEraseCommand() *cobra.Command {
	var reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "erase PSEUDONYM",
		Short: "Forget a person: the name and all that is kept under the pseudonym",
		Long: `Forget a person: the sealed name is deleted, and all that is kept under the
pseudonym; what the person did stays in the counts, as nobody's. Single
sightings keep the pseudonym until their time is over: they are sealed against
change. Values that a gateway holds to put them back into answers are wiped by
each running gateway within a second, which "gnomon privacy deletions" shows when
there were any. Who is seen again comes back under the same pseudonym.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withPrivacy(cmd, func(ctx context.Context, inv *inventory.Inventory, _ PrivacySettings) error {
				e, err := inv.Erase(ctx, args[0], reason, operator())
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(e)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is erased: %s, %s, %s of use that are nobody's now; single sightings go by %s\n",
					args[0], amount(e.Deleted.Names, "name"), amount(e.Deleted.Facets, "facet"), amount(e.Deleted.Usage, "day"), e.Sightings.Format(time.DateOnly))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why; it stays on record")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// deletionRow is one deletion that is on record.
type deletionRow struct {
	Seq       int64               `json:"seq"`
	Time      time.Time           `json:"time"`
	By        string              `json:"by"`
	Pseudonym string              `json:"pseudonym"` // "": retention
	Retention *inventory.Deletion `json:"retention,omitempty"`
	Erasure   *inventory.Erasure  `json:"erasure,omitempty"`
}

func newDeletionRow(subject string, e *ledger.Entry) (deletionRow, error) {
	row := deletionRow{Seq: e.Seq, Time: e.Time.UTC(), By: e.By, Pseudonym: subject}
	if subject == "" {
		d, err := inventory.Read[inventory.Deletion](e)
		row.Retention = &d
		return row, err
	}
	d, err := inventory.Read[inventory.Erasure](e)
	row.Erasure = &d
	return row, err
}

// text says what was deleted.
func (r *deletionRow) text() string {
	if r.Erasure != nil {
		d := r.Erasure.Deleted
		if r.Erasure.Planned {
			return "begun: " + printable(r.Erasure.Reason)
		}
		if r.Erasure.Gateway != "" {
			return fmt.Sprintf("%s held by %s to be put back: %s", amount(d.Values, "value"), printable(r.Erasure.Gateway), printable(r.Erasure.Reason))
		}
		return fmt.Sprintf("%s, %s, %s of use: %s", amount(d.Names, "name"), amount(d.Facets, "facet"), amount(d.Usage, "day"), printable(r.Erasure.Reason))
	}
	d := r.Retention.Deleted
	return fmt.Sprintf("%s before %s, %s, %s, %s, %s", amount(d.Events, "sighting"), r.Retention.Before.Sightings.UTC().Format(time.DateOnly), amount(d.Hours, "hour"), amount(d.Days, "day"), amount(d.Facets, "facet"), amount(d.People, "name"))
}

func newDeletionsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "deletions",
		Short: "List what was deleted, by retention or on request, as the ledger proves it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withPrivacy(cmd, func(_ context.Context, inv *inventory.Inventory, _ PrivacySettings) error {
				list, err := deletions(inv.Book())
				if err != nil {
					return err
				}
				if len(list) == 0 && !asJSON {
					_, err := fmt.Fprintln(cmd.OutOrStdout(), "Nothing has been deleted.")
					return err
				}
				var rows [][]string
				var objects []any
				for _, r := range list {
					objects = append(objects, r)
					rows = append(rows, []string{fmt.Sprint(r.Seq), r.Time.Format(time.RFC3339), printable(r.By), cmp.Or(printable(r.Pseudonym), "retention"), r.text()})
				}
				return controlsPrinter{cmd.OutOrStdout(), asJSON}.table([]string{"ENTRY", "TIME", "BY", "OF", "DELETED"}, rows, objects)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

// deletions lists all, the oldest first.
func deletions(b *inventory.Book) (list []deletionRow, err error) {
	for subject, history := range b.Subjects(inventory.TopicDeletion) {
		for i := range history {
			row, err := newDeletionRow(subject, &history[i])
			if err != nil {
				return nil, err
			}
			list = append(list, row)
		}
	}
	slices.SortFunc(list, func(a, b deletionRow) int { return cmp.Compare(a.Seq, b.Seq) })
	return list, nil
}
