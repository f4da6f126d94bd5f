package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory/published"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/rules/overlay"
)

// publishFlags are those of who publishes or withdraws rules.
type publishFlags struct {
	reason string
	after  int64
}

func (f *publishFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.reason, "reason", "", "why")
	cmd.Flags().Int64Var(&f.after, "after", -1, "only if this is the version in force (0: none was ever published); without it the one when the command began")
}

func newPublishCommand() *cobra.Command {
	var f publishFlags
	cmd := &cobra.Command{
		Use:   "publish [DIR]",
		Short: "Put an overlay of rules into force on all gateways of the inventory",
		Long: `Put the overlay in DIR (default: that of rules_dir) into force on all gateways that share the inventory's Redis.

It is checked first as "gnomon rules check" and "gnomon rules test" do; what is wrong changes nothing. Each gateway takes it as a whole
within a second and lays it over its own rules_dir, or keeps what it has and says why: "gnomon rules published". The
rules are sealed under inventory.key_file. Tables and fingerprints go with them, up to 16 MiB in all; what is larger stays in the
rules_dir of each gateway. A gateway with rules_shared: false takes nothing.`,
		Example: `  gnomon rules publish /etc/gnomon/rules --reason "no customer data to chat services"`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			dir := settings.RulesDir
			if len(args) > 0 {
				dir = args[0]
			}
			if dir == "" {
				return &exitError{exitUsage, errors.New("name a folder of rules, or set rules_dir")}
			}
			return withBoard(cmd, func(ctx context.Context, b *published.Board) error {
				return f.publish(cmd, ctx, b, settings, dir)
			})
		},
	}
	f.add(cmd)
	return cmd
}

func (f *publishFlags) publish(cmd *cobra.Command, ctx context.Context, b *published.Board, s Settings, dir string) error {
	after := f.after
	if after < 0 { // what is published while the rules are being checked is somebody else's
		after = published.Read(b.Inventory.Book(), &b.Key).Last().Number
	}
	report := rules.Check(time.Now(), dir)
	for _, w := range report.Warnings {
		fmt.Fprintln(cmd.ErrOrStderr(), "warning:", w)
	}
	if err := report.Errors.Err(); err != nil {
		return &configError{err}
	}
	p, err := overlay.Read(dir)
	if err != nil {
		return &configError{err}
	}
	key, err := loadHashKey(s.StateDir)
	if err != nil {
		return err
	}
	if _, err := checkOverlay(p, filepath.Clean(dir)+string(filepath.Separator), key); err != nil {
		return err
	}
	v, err := b.Publish(ctx, published.Order{By: operator(), Reason: f.reason, Pack: p, After: after})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "version %d is published: %s, sha256 %s\nwhich gateways have taken it: gnomon rules published\n", v.Number, amount(len(v.Files), "file"), v.Digest)
	return err
}

func newWithdrawCommand() *cobra.Command {
	var f publishFlags
	cmd := &cobra.Command{
		Use:   "withdraw",
		Short: "Withdraw the published rules: gateways go on with their own",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withBoard(cmd, func(ctx context.Context, b *published.Board) error {
				v, err := b.Publish(ctx, published.Order{By: operator(), Reason: f.reason, Withdraw: true, After: f.after})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "version %d: there are no published rules any more\n", v.Number)
				return err
			})
		},
	}
	f.add(cmd)
	return cmd
}

func newPublishedCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "published",
		Short: "Show which rules are published, and which gateways have taken them",
		Long: `Show which rules are published for all gateways of the inventory, by whom, and what each gateway made of
them: the version in force there, or why it can't take the last one. That is what a gateway has put on record; it may have ended since.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withBoard(cmd, func(_ context.Context, b *published.Board) error {
				state, err := b.State()
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(cmd.OutOrStdout()).Encode(state)
				}
				return printPublished(cmd.OutOrStdout(), state)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// withBoard calls f with where rules are published.
func withBoard(cmd *cobra.Command, f func(ctx context.Context, b *published.Board) error) error {
	settings, err := settingsOf(cmd)
	if err != nil {
		return err
	}
	if settings.Inventory.Store == storeSQLite {
		return &exitError{exitUsage, errOneGateway}
	}
	// Its own rules need not be sound: others may be what puts that right.
	inv, st, err := openBoth(cmd.Context(), settings, nil, false)
	if err != nil {
		return err
	}
	defer st.Close()
	warnOfLapse(cmd, inv)
	b, err := newBoard(settings, st, inv)
	if err != nil {
		return err
	}
	return f(cmd.Context(), b)
}

func printPublished(w io.Writer, p *published.State) error {
	v := &p.Version
	switch {
	case v.Number == 0:
		fmt.Fprintln(w, "no rules were ever published")
	case v.Withdrawn:
		fmt.Fprintf(w, "version %d: withdrawn on %s by %s\n", v.Number, v.At.Format(time.RFC3339), printable(v.By))
	default:
		fmt.Fprintf(w, "version %d, published on %s by %s\nsha256 %s\n", v.Number, v.At.Format(time.RFC3339), printable(v.By), v.Digest)
		for _, f := range v.Files {
			fmt.Fprintf(w, "  %s (%s)\n", printable(f.Name), amount(int(f.Size), "byte"))
		}
	}
	if v.Reason != "" {
		fmt.Fprintln(w, "reason:", printable(v.Reason))
	}
	if p.Foreign > 0 {
		fmt.Fprintf(w, "WARNING: %s of the ledger that no gateway sealed, or that were put there again: left out\n", amount(p.Foreign, "entry", "entries"))
	}
	if len(p.Gateways) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	t := newColumns(w)
	fmt.Fprintln(t, "GATEWAY\tVERSION\tSINCE\tPROBLEM")
	for _, u := range p.Gateways {
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\n", printable(u.Gateway), u.Version, u.At.Format(time.RFC3339), orDash(u.Problem))
	}
	return t.Flush()
}
