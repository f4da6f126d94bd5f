package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/bcrypt"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// demoPassword is what the made-up people of the demo say to the proxy.
const demoPassword = "sundial"

func newDemoCommand() *cobra.Command {
	var once, verbose bool
	cmd := &cobra.Command{
		Use:         "demo",
		Annotations: map[string]string{endsItself: "yes"},
		Short:       "Run the gateway with stand-in AI services and synthetic clients",
		Long: `Run the whole gateway with stand-ins for AI services and ten made-up people who
use them: no root, no Internet, nothing installed, everything in a temporary
directory that goes when the demo ends. The inventory shows approved and
unapproved use, redactions and a refusal; the console stays open until you
interrupt it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := io.Discard
			if verbose {
				log = cmd.ErrOrStderr()
			}
			return runDemo(cmd.Context(), once, cmd.OutOrStdout(), log)
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "end when the inventory has been shown")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "show the log of the gateway")
	return cmd
}

// runDemo starts the stand-ins and a gateway in front of them, lets the office
// work, and shows the inventory.
func runDemo(ctx context.Context, once bool, stdout, logs io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "gnomon-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	services, err := testnet.Start(testnet.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer services.Close()
	settings, err := demoSettings(dir, services)
	if err != nil {
		return err
	}
	g, err := newGateway(ctx, settings, newLogger(settings.Log, logs))
	if err != nil {
		return err
	}
	defer g.Close()
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- g.run(running) }()
	err = g.showDemo(ctx, services, once, stdout)
	stop()
	return errors.Join(err, <-done)
}

// showDemo plays the day of the office and prints what the inventory says.
func (g *gateway) showDemo(ctx context.Context, services *testnet.Net, once bool, stdout io.Writer) error {
	fmt.Fprintf(stdout, "Ten people of a made-up office use AI services through the gateway ...\n\n")
	if err := g.playDemo(ctx, services); err != nil {
		return err
	}
	rows, err := g.inventory.Services(ctx)
	if err != nil {
		return err
	}
	if err := printServices(stdout, rows); err != nil {
		return err
	}
	redacted := 0
	for _, r := range services.Received() {
		redacted += strings.Count(string(r.Body), "[REDACTED:")
	}
	fmt.Fprintf(stdout, "\nThe services received %s; %s in them had been replaced.\n", amount(len(services.Received()), "request"), amount(redacted, "secret, card or id", "secrets, cards and ids"))
	if once {
		return nil
	}
	fmt.Fprintf(stdout, "\nconsole   %s\n          (this link works once, for 15 minutes)\n\nctrl-c ends the demo and removes everything.\n", g.console.Link())
	<-ctx.Done()
	return nil
}

func (g *gateway) playDemo(ctx context.Context, services *testnet.Net) error {
	for _, c := range []inventory.Change{
		{Service: "Anthropic API", Verb: inventory.Approve, Owner: "platform team", Reason: "data processing agreement signed"},
		{Service: "OpenAI API", Verb: inventory.Approve, Owner: "platform team", Reason: "pilot", Conditions: []string{"no customer data"}, Until: time.Now().AddDate(0, 6, 0).Format(time.DateOnly)},
		{Service: "DeepSeek API", Verb: inventory.Refuse, Owner: "security", Reason: "no data processing agreement"},
	} {
		c.By = "demo"
		if _, err := g.inventory.Decide(ctx, c); err != nil {
			return err
		}
	}
	err := testnet.Traffic(ctx, testnet.TrafficOptions{
		Proxy: g.proxy.Addr().String(), CAFiles: []string{caFile(g.settings), services.CAFile},
		Password: func(string) string { return demoPassword },
	})
	if err != nil {
		return err
	}
	packets, err := testnet.Capture(time.Now())
	if err != nil {
		return err
	}
	src, err := capture.New(bytes.NewReader(packets))
	if err != nil {
		return err
	}
	defer src.Close()
	sn := sniffer.New(sniffer.Config{Origin: "mirror port"}, sniffer.Sink{Flow: func(f *traffic.Flow) { g.pipeline.Observe(f) }, Blind: g.pipeline.ObserveBlind})
	if err := sn.Run(ctx, src); err != nil {
		return err
	}
	return g.settled(ctx)
}

// settled waits until everything that was seen is in the inventory.
func (g *gateway) settled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for g.inventory.Durable() < g.pipeline.Stats.Sightings.Load() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the inventory: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// demoSettings are those of a gateway that reaches the stand-ins only.
func demoSettings(dir string, services *testnet.Net) (Settings, error) {
	s := defaultSettings()
	s.StateDir = filepath.Join(dir, "state")
	s.Proxy.Listen, s.Console.Listen = "127.0.0.1:0", "127.0.0.1:0"
	s.Proxy.UpstreamCAFiles = []string{services.CAFile}
	s.Proxy.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	s.Proxy.Resolve = services.Resolve()
	s.Proxy.Intercept = []string{testnet.HostUnknownAI}
	s.Proxy.Grace = time.Second
	s.Proxy.AuthFile = filepath.Join(dir, "users")
	hash, err := bcrypt.GenerateFromPassword([]byte(demoPassword), bcrypt.MinCost)
	if err != nil {
		return s, err
	}
	var lines strings.Builder
	for _, name := range testnet.People() {
		fmt.Fprintf(&lines, "%s:%s\n", name, hash)
	}
	return s, writeFile(s.Proxy.AuthFile, []byte(lines.String()), 0o600)
}
