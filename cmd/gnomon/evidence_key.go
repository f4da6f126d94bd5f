package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/rules"
)

func newEvidenceKeyCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Print the fingerprint and the public key that packs are signed with",
		Long: `Print the fingerprint and the public key that packs are signed with here.

The key is made by the first "gnomon run" or "gnomon evidence export" of a state directory, and stays
there: each gateway has its own, also where several share an inventory. --all lists the fingerprints
that packs on record were signed with, by any of them: "gnomon evidence verify" takes --key several times.`,
		Example: `  gnomon evidence key
  gnomon evidence key --all`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if all {
				return withInventory(cmd, func(_ context.Context, inv *inventory.Inventory, _ *rules.Set) error {
					return printSigners(cmd.OutOrStdout(), inv.Book())
				})
			}
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			key, err := evidence.LoadKey(filepath.Join(settings.StateDir, evidence.KeyFile))
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("nothing can have been signed here yet: the first \"gnomon run\" or \"gnomon evidence export\" makes the key in %s", settings.StateDir)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n%s", key.Public().Fingerprint(), key.Public().PEM())
			return err
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "list the fingerprints of all packs on record, of all gateways over this inventory")
	return cmd
}

// signer is a key that packs on record were signed with.
type signer struct {
	fingerprint string
	packs       int
	last        time.Time
	by          string // of the last
}

// signers lists who signed the packs on record, the latest first.
func signers(b *inventory.Book) ([]signer, error) {
	byKey := make(map[string]*signer)
	for _, history := range b.Subjects(inventory.TopicEvidence) {
		for i := range history {
			e := &history[i]
			p, err := inventory.Read[handedOut](e)
			if err != nil {
				return nil, err
			}
			s := byKey[p.Signer]
			if s == nil {
				s = &signer{fingerprint: p.Signer}
				byKey[p.Signer] = s
			}
			if s.packs++; e.Time.After(s.last) {
				s.last, s.by = e.Time, e.By
			}
		}
	}
	var list []signer
	for _, s := range byKey {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b signer) int {
		return cmp.Or(b.last.Compare(a.last), cmp.Compare(a.fingerprint, b.fingerprint))
	})
	return list, nil
}

func printSigners(w io.Writer, b *inventory.Book) error {
	list, err := signers(b)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "No pack is on record yet.")
		return err
	}
	t := newColumns(w)
	fmt.Fprintln(t, "SIGNER\tPACKS\tLAST\tBY")
	for _, s := range list {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\n", printable(s.fingerprint), s.packs, s.last.UTC().Format(time.RFC3339), printable(s.by))
	}
	return t.Flush()
}
