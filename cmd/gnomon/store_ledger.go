package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/rules"
)

// headAdvice says what the end of a ledger is good for.
func headAdvice(end ledger.Chain) string {
	return fmt.Sprintf("head %s: keep it elsewhere; `gnomon inventory verify --head %s` then shows that nothing was cut off\n", end, end)
}

func newLedgerCommand() *cobra.Command {
	var putBack, accept, newKey bool
	var reason string
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Show the end of the ledger; say what holds when the store has lost it",
		Long: `Show the end of the ledger, the head: whoever keeps it elsewhere can tell later that nothing was
cut off (gnomon inventory verify --head).

Each gateway keeps a sealed copy of the ledger. Where the store merely lost its last entries they are
put back at once, and an alert says so. When the store is empty, or has another ledger, what is known
here holds on, nothing is written, and somebody has to decide:
  --put-back  the store lost the ledger (an emptied Redis): write the copy into it
  --accept    the store is right (an old backup was put back, a new inventory begun): forget the copy;
              gateways that run must be started again

--new-key is for an inventory whose people.key is lost for good: the one that is there, or a new one,
takes its place, which is put on record. Names that are hidden so far can't be told any more, people
get other pseudonyms, and sightings that were sealed since a rotation can't be checked.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if newKey {
				if err := needReason(reason); err != nil {
					return err
				}
			}
			return withAnyKey(cmd, newKey, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				out := cmd.OutOrStdout()
				switch {
				case newKey:
					end, err := inv.TakeKey(ctx, reason, operator())
					if err == nil {
						_, err = fmt.Fprintf(out, "people.key is the key of this inventory from now on: entry %s\n", end)
					}
					return err
				case putBack:
					n, err := inv.PutBack(ctx)
					if err == nil {
						_, err = fmt.Fprintf(out, "put back: %s\n", amount(n, "entry", "entries"))
					}
					return err
				case accept:
					end, err := inv.Accept(ctx)
					if err == nil {
						_, err = fmt.Fprintf(out, "accepted: the ledger ends with entry %s\n", end)
					}
					return err
				}
				end := inv.Book().Chain()
				if err := inv.Lapse(); err != nil {
					fmt.Fprintf(out, "known here: entry %s\n", end)
					return &exitError{exitFailure, nil}
				}
				_, err := fmt.Fprint(out, headAdvice(end))
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&putBack, "put-back", false, "write the copy into a store that lost the ledger")
	cmd.Flags().BoolVar(&accept, "accept", false, "take the ledger of the store for the true one")
	cmd.Flags().BoolVar(&newKey, "new-key", false, "go on without the people.key that was lost")
	cmd.Flags().StringVar(&reason, "reason", "", "why there is a new key")
	cmd.MarkFlagsMutuallyExclusive("put-back", "accept", "new-key")
	return cmd
}

func newVerifyCommand() *cobra.Command {
	var asJSON bool
	var heads []string
	var file string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compute the chain of the ledger, the seals of all sightings and the sums again",
		Long: `Compute the chain of the ledger and the seals of all sightings again, from the store alone, and compare
with what the sightings add up to: the sums of services, days and hours, the lists of users, accounts,
models, tools and other values, blind spots, and the names of services. Each seal holds these sums, also
when the sightings are long deleted. Names of people are compared with their pseudonyms, which are keyed
hashes of them. What was changed is named, and so is what can't be compared, with the reason.

Never compared are the first and last times of single values in lists (those of each service, day and
hour are), and what is no record: counters that tell running gateways to read again.

A ledger that was cut off at its end is whole in itself. Heads that were noted before and kept
elsewhere show it: backups, evidence packs and gnomon inventory ledger name them.`,
		Example: `  gnomon inventory verify --head 1204:5f0c...e1
  gnomon inventory verify --heads /mnt/auditor/heads.txt # one SEQ:HASH a line`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			noted, err := readHeads(heads, file)
			if err != nil {
				return err
			}
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				v, err := inv.Verify(ctx, noted...)
				if err != nil {
					return err
				}
				if asJSON {
					err = jsonLines(cmd.OutOrStdout(), []*inventory.Verification{v})
				} else {
					err = printVerification(cmd.OutOrStdout(), v, len(noted))
				}
				if err == nil && len(v.Problems) > 0 {
					return &exitError{exitFailure, nil}
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringArrayVar(&heads, "head", nil, "SEQ:HASH that was noted before; may be given more than once")
	cmd.Flags().StringVar(&file, "heads", "", "a file of them, one a line; # begins a comment")
	return cmd
}

// maxHeads bounds a file of heads: a year of hourly ones.
const maxHeads = 1 << 20

// readHeads reads the heads that were given and those in a file.
func readHeads(given []string, file string) (heads []ledger.Chain, err error) {
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, maxHeads+1))
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		if len(text) > maxHeads {
			return nil, &exitError{exitUsage, errors.New(file + " is too long for a file of heads")}
		}
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(line, "#")
			if line = strings.TrimSpace(line); line != "" {
				given = append(given, line)
			}
		}
	}
	if file != "" && len(given) == 0 {
		return nil, &exitError{exitUsage, errors.New(file + " names no head: expected one SEQ:HASH a line, as `gnomon inventory ledger` prints it")}
	}
	for _, text := range given {
		head, err := ledger.ParseChain(text)
		if err == nil && head.Seq == 0 {
			err = fmt.Errorf("%.100q is the head of an empty ledger, which proves nothing of a later one", text)
		}
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		heads = append(heads, head)
	}
	return heads, nil
}

func printVerification(w io.Writer, v *inventory.Verification, noted int) error {
	fmt.Fprintf(w, "ledger     %s, the last is %s\nsightings  %d in %s, %d not sealed yet\nseals      %d hold, %d of sightings that retention deleted\n",
		amount(v.Entries, "entry", "entries"), v.Ledger.Head, v.Events, amount(v.Batches, "batch", "batches"), v.Unsealed, v.Seals, v.Pruned)
	if v.OtherKey > 0 {
		fmt.Fprintf(w, "lost key   %s of sightings since a rotation can't be checked: people.key was lost since\n", amount(v.OtherKey, "seal"))
	}
	fmt.Fprintf(w, "sums       %s compared with what was seen", amount(v.Sums, "service's day", "services' days"))
	if v.Unbound > 0 {
		fmt.Fprintf(w, "; %s not: single sightings are gone, and older versions sealed no sums", amount(v.Unbound, "day"))
	}
	fmt.Fprintln(w)
	if noted > 0 {
		fmt.Fprintf(w, "heads      %d of %d that were noted are in it\n", v.Heads, noted)
	}
	fmt.Fprintf(w, "lists      %s of users, models, tools, ... compared with what was seen\nnames      of %s and of %s compared\n",
		amount(v.Lists, "list", "lists"), amount(v.Names, "service", "services"), amount(v.People, "person", "people"))
	printDays(w, v.Days)
	for _, l := range v.Left {
		fmt.Fprintln(w, "not compared:", l)
	}
	for _, p := range v.Problems {
		fmt.Fprintln(w, "PROBLEM:", p)
	}
	if len(v.Problems) > 0 {
		return nil
	}
	_, err := fmt.Fprintln(w, intact(v))
	return err
}

// printDays says what was compared of which days.
func printDays(w io.Writer, days []inventory.DaysCompared) {
	for _, d := range days {
		span, how := d.From+" to "+d.To, "compared with "+d.With
		if d.From == d.To {
			span = d.From
		}
		if d.With == "" {
			how = "not compared"
		}
		if d.Why != "" {
			how += ": " + d.Why
		}
		fmt.Fprintf(w, "days       %s, %s: %s\n", span, d.What, how)
	}
}

// intact says what was found to be as it was written: what was compared, and no
// more.
func intact(v *inventory.Verification) string {
	const all = "Nothing was changed in the ledger and the sightings, in the sums of services, days and hours, in lists (but for first and last times), nor in names of services and people"
	if len(v.Left) > 0 || v.Unbound > 0 || v.OtherKey > 0 {
		return all + ", as far as they were compared: see above for what was not."
	}
	return all + "."
}
