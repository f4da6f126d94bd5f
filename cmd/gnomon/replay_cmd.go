package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/whatif"
	"github.com/gnomon-proxy/gnomon/rules"
)

func newReplayCommand() *cobra.Command {
	var since string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "replay DIR",
		Short: "Try the rules in DIR on what was recorded: what would have been decided otherwise",
		Long: `Try the rules in DIR on what was recorded: what would have been decided otherwise.

DIR is an overlay as rules_dir is, and takes its place. No prompt is needed, and none was stored:
what is replayed is service, account, user, department, and how many findings of which detector there
were. What that can't tell is listed.`,
		Example: `  gnomon rules replay ./stricter --since 30d`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			now := time.Now()
			from, err := sinceTime(since, now)
			if err != nil {
				return &exitError{exitUsage, err}
			}
			set, err := rules.Load(args[0])
			if err != nil {
				return &configError{err}
			}
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, inForce *rules.Set) error {
				r, err := whatif.New(inForce, set, inv.Pseudonym, inv.Status, time.Now)
				if err != nil {
					return &configError{err}
				}
				err = inv.Seen().Sightings(ctx, from, now, func(e *inventory.Event) error {
					r.Add(e)
					return nil
				})
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(r.Report())
				}
				return printReplay(cmd.OutOrStdout(), r.Report())
			})
		},
	}
	cmd.Flags().StringVar(&since, "since", "30d", "how far back: 30d, 12h, or a day YYYY-MM-DD")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// sinceTime reads a day, or a time before now: 30d, 12h.
func sinceTime(s string, now time.Time) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day, nil
	}
	if n, ok := strings.CutSuffix(s, "d"); ok {
		if days, err := strconv.Atoi(n); err == nil && days > 0 && days <= 4000 {
			return now.AddDate(0, 0, -days), nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, fmt.Errorf("--since %q: write 30d, 12h or a day as YYYY-MM-DD", s)
}

func printReplay(w io.Writer, r *whatif.Report) error {
	fmt.Fprintf(w, "%s of %s would have been decided otherwise, of %d that were replayed.\n", requestsText(r.Different), amount(r.Users, "user"), r.Requests)
	if len(r.Changes) > 0 {
		t := newColumns(w)
		fmt.Fprintln(t, "\nREQUESTS\tUSERS\tDECIDED\tBY\tWOULD BE\tBY\tSERVICES")
		for _, c := range r.Changes {
			fmt.Fprintf(t, "%d\t%d\t%s\t%s\t%s\t%s\t%s\n", c.Requests, c.Users, c.From, orDash(c.Was), c.To, orDash(c.Rule), printable(strings.Join(c.Services, ", ")))
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	for _, n := range []struct {
		n    int64
		text string
	}{
		{r.Undecided, "were only seen by a sniffer or in a log: no policy decided upon them"},
		{r.Blind, "could not be read when they were sent: no rule knows what was in them"},
		{r.Unlike, "would today be decided otherwise than they were by the rules in force already: status or rules have changed since"},
	} {
		if n.n > 0 {
			fmt.Fprintf(w, "\n%s %s", requestsText(n.n), n.text)
		}
	}
	if len(r.Limits) > 0 {
		fmt.Fprintf(w, "\n\nCan't be told from what was recorded:\n  %s", listed(r.Limits))
	}
	_, err := fmt.Fprintln(w)
	return err
}

func requestsText(n int64) string { return amount(n, "request") }

// maxLimits bounds the limits that are shown; --json has all.
const maxLimits = 30

func listed(lines []string) string {
	shown := make([]string, 0, maxLimits)
	for _, l := range lines[:min(len(lines), maxLimits)] {
		shown = append(shown, printable(l))
	}
	if n := len(lines) - len(shown); n > 0 {
		shown = append(shown, fmt.Sprintf("and %d more (--json)", n))
	}
	return strings.Join(shown, "\n  ")
}
