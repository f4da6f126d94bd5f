package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/rules"
)

func newEvidenceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "evidence",
		Short: "Evidence packs for auditors: export, verify on another machine",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newEvidenceExportCommand(), newEvidenceVerifyCommand(), newEvidenceKeyCommand())
	return cmd
}

func newEvidenceExportCommand() *cobra.Command {
	var o packOrder
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "export --period PERIOD --out DIR",
		Short: "Write a signed folder that shows what the record holds of a period",
		Long: `Write a signed folder that shows what the record holds of a period: register, risk register, statement
of applicability, OSCAL documents, a bill of materials of AI services, single sightings under their
seals, the ledger, the history of rules and settings, coverage, a management summary. Its README.md
says what it proves and what it does not. All sightings so far are sealed first. The pack is put on
record in the ledger.

The sums that the store keeps of services and days are compared with the seals. Where they differ the
pack is made, and it says so, here, too; the exit code is 1. From sightings or a ledger that were
changed no pack is made.

All of a pack shows one moment. In Redis, where nothing holds still, its tables are made again when
something changed meanwhile, three times at most; coverage.md says when that did not help.`,
		Example: `  gnomon evidence export --period 2026Q4 --out evidence-2026Q4
  gnomon evidence export --period 2026-10-01..2026-11-15 --out audit --organisation "Example Ltd"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.period == "" || o.out == "" {
				return &exitError{exitUsage, errors.New("say which period and where to: --period 2026Q4 --out DIR")}
			}
			period, err := assess.ParsePeriod(o.period, time.Now())
			if err != nil {
				return &exitError{exitUsage, fmt.Errorf("--period: %w", err)}
			}
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			o.span, o.now, o.by = period, time.Now().UTC().Truncate(time.Second), operator()
			o.keyFile, o.k = filepath.Join(settings.StateDir, evidence.KeyFile), int(settings.Privacy.K)
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, set *rules.Set) error {
				m, err := o.export(ctx, inv, set)
				if err != nil {
					return err
				}
				if asJSON {
					err = json.NewEncoder(cmd.OutOrStdout()).Encode(m)
				} else {
					err = printPack(cmd.OutOrStdout(), o.out, m)
				}
				if err == nil {
					err = printDiffering(cmd.ErrOrStderr(), m.Sums)
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&o.period, "period", "", "2026Q4, 2026-11, 2026 or FROM..TO, whole days in UTC (required)")
	cmd.Flags().StringVar(&o.out, "out", "", "folder to write; it must not exist (required)")
	cmd.Flags().BoolVar(&o.force, "force", false, "replace an older pack in that folder")
	cmd.Flags().StringVar(&o.organisation, "organisation", "", "whose pack it is, for its pages and OSCAL documents")
	cmd.Flags().StringVar(&o.method, "method", defaultMethod, "id of the risk method")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the manifest as JSON")
	return cmd
}

// handedOut is what the ledger holds of a pack (inventory.TopicEvidence).
type handedOut struct {
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Manifest string    `json:"manifest"` // SHA-256 of manifest.json
	Signer   string    `json:"signer"`
	Head     string    `json:"head"`                  // hash of the last entry of the ledger in the pack
	Differ   int       `json:"sums_differ,omitempty"` // sums of the store that were not what its sightings add up to
}

// export makes a pack and puts that on record.
func (o *packOrder) export(ctx context.Context, inv *inventory.Inventory, set *rules.Set) (*evidence.Manifest, error) {
	if err := inv.CheckText("organisation", o.organisation); err != nil {
		return nil, err
	}
	key, err := evidence.LoadOrCreateKey(o.keyFile)
	if err != nil {
		return nil, err
	}
	if _, err := inv.SealNow(ctx); err != nil {
		return nil, err
	}
	var m *evidence.Manifest
	err = inv.Still(ctx, func(still *inventory.Inventory) (err error) { // all of a pack is of one moment
		m, err = o.write(ctx, still, set, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(o.out, "manifest.json"))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	_, err = inv.Write(ctx, o.by, func(*inventory.Book) ([]inventory.Note, error) {
		return []inventory.Note{{Topic: inventory.TopicEvidence, Subject: o.period, Data: &handedOut{
			From: o.span.From, Until: o.span.Until, Manifest: hex.EncodeToString(sum[:]), Signer: m.Signer, Head: m.Ledger.Head.String(), Differ: len(o.sums.Problems),
		}}}, nil
	})
	return m, err
}

// write makes the folder of a pack.
func (o *packOrder) write(ctx context.Context, inv *inventory.Inventory, set *rules.Set, key *evidence.Key) (*evidence.Manifest, error) {
	defer o.closeAside()
	compared, err := inv.VerifySums(ctx)
	if err != nil {
		return nil, err
	}
	o.sums = evidence.Sums{Compared: compared.Sums, Unbound: compared.Unbound, Left: compared.Left, Problems: compared.Problems}
	o.book = inv.Book()
	generations, err := o.book.Generations()
	if err != nil {
		return nil, err
	}
	people := make([]evidence.Generation, len(generations))
	for i, g := range generations {
		people[i] = evidence.Generation{Number: g.Number, Since: g.Since}
	}
	order := &evidence.Order{People: people,
		Period: evidence.Period{Name: o.period, From: o.span.From, Until: o.span.Until}, Program: version, Made: o.now, By: o.by, Key: key, Head: o.book.Chain(), Sums: o.sums, K: privacy.K(o.k),
		Contents: func(c *evidence.Counted) (*evidence.Contents, error) {
			return o.contents(ctx, inv, set, key.Public(), c)
		},
	}
	return evidence.Write(ctx, o.out, o.force, inv, order)
}

func printPack(w io.Writer, dir string, m *evidence.Manifest) error {
	fmt.Fprintf(w, "%s: %s beside the manifest and its signature, %s of %s under %s, %s of the ledger\n", dir, amount(len(m.Files), "file"), amount(m.Figures.Events, "sighting"), amount(m.Figures.Services, "service"),
		amount(len(m.Seals), "seal"), amount(m.Ledger.Full, "entry", "entries"))
	for _, s := range m.Seals {
		if s.Deleted > 0 {
			fmt.Fprintf(w, "seal %d: %d of %s were past their time and deleted (ledger entry %d)\n", s.Entry, s.Deleted, amount(s.Events, "sighting"), s.Deletion)
		}
	}
	_, err := fmt.Fprintf(w, "signed by %s\nledger head %s\nCheck it on any machine: gnomon evidence verify %s --key %[1]s\n", m.Signer, m.Ledger.Head, dir)
	return err
}

// printDiffering says which sums are not what was sealed; the error has the exit
// code for it.
func printDiffering(w io.Writer, s *evidence.Sums) error {
	if len(s.Problems) == 0 {
		return nil
	}
	for _, p := range s.Problems {
		fmt.Fprintln(w, "PROBLEM:", printable(p))
	}
	fmt.Fprintln(w, "The pack was made, and says so: the store was changed from outside. gnomon inventory verify checks all of it.")
	return &exitError{exitFailure, nil}
}

func newEvidenceVerifyCommand() *cobra.Command {
	var trusted []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Check a pack: needs nothing but the folder",
		Long: `Check a pack: signature, size and SHA-256 of every file, the chain of the ledger, the root of every
seal, the counts, the sums by day against the seals. It needs nothing but the folder. Exit code 1:
something is wrong. Without --key a
pack that is whole passes, whoever signed it, and that is said. Of several gateways each signs with a
key of its own: give --key once for each of them.`,
		Example: `  gnomon evidence verify evidence-2026Q4 --key sha256:1f0c...
  gnomon evidence verify evidence-2026Q4 --key signer.pem`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for i, key := range trusted {
				var err error
				if trusted[i], err = evidence.ParseTrust(key, os.ReadFile); err != nil {
					return &exitError{exitUsage, fmt.Errorf("--key: %w", err)}
				}
			}
			r, err := evidence.Verify(cmd.Context(), args[0], trusted...)
			if err != nil {
				return err
			}
			if asJSON {
				err = json.NewEncoder(cmd.OutOrStdout()).Encode(r)
			} else {
				err = printVerified(cmd.OutOrStdout(), r)
			}
			if err == nil && !r.Sound() {
				return &exitError{exitFailure, nil}
			}
			return err
		},
	}
	cmd.Flags().StringArrayVar(&trusted, "key", nil, "who must have signed it: a fingerprint, or a file with the public key; again: or another one")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printVerified(w io.Writer, r *evidence.Result) error {
	for _, p := range r.Problems {
		fmt.Fprintln(w, "WRONG  ", printable(p))
	}
	if r.More > 0 {
		fmt.Fprintf(w, "WRONG   and %d more\n", r.More)
	}
	for _, n := range r.Notes {
		fmt.Fprintln(w, "note   ", printable(n))
	}
	if !r.Sound() {
		_, err := fmt.Fprintln(w, "The pack is not what was signed and sealed: don't rely on it.")
		return err
	}
	m := r.Manifest
	var but []string
	if !r.Trusted { // whoever signs anew what he has changed gets this far
		but = append(but, "who signed it is not confirmed (see signer)")
	}
	if r.Unproven > 0 {
		but = append(but, fmt.Sprintf("the sightings under %s can't be compared with what was sealed", amount(r.Unproven, "seal")))
	}
	sound := "Sound"
	if len(but) > 0 {
		sound = "Whole, but " + strings.Join(but, ", and ")
	}
	fmt.Fprintf(w, "%s: %s beside the manifest and its signature, %s of the ledger, %d of %s, %s counted again, %s compared with the seals.\n", sound, amount(len(m.Files), "file"), amount(r.Entries, "entry", "entries"), r.Seals, amount(len(m.Seals), "seal"), amount(r.Events, "sighting"), amount(r.Sums, "service's day", "services' days"))
	printDays(w, r.Days)
	sofar := ""
	if m.Made.Before(m.Period.Until) {
		sofar = " (so far, until it was made)"
	}
	fmt.Fprintf(w, "period  %s, %s to %s%s\nmade    %s by %s, Gnomon %s\nledger  entry %d, %s\n", printable(m.Period.Name), m.Period.From.Format(time.DateOnly),
		m.Period.Until.Add(-time.Nanosecond).Format(time.DateOnly), sofar, m.Made.Format(time.RFC3339), printable(m.By), printable(m.Program), m.Ledger.Seq, m.Ledger.Head)
	trusted := "the one you asked for"
	if !r.Trusted {
		trusted = "signer unknown: compare it with what \"gnomon evidence key\" prints at its source, or use --key"
	}
	_, err := fmt.Fprintf(w, "signer  %s (%s)\n", r.Signer, trusted)
	return err
}
