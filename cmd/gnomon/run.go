package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory/evidence"
)

func newRunCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:         "run",
		Annotations: map[string]string{endsItself: "yes"},
		Short:       "Start the gateway",
		Long: `Start the gateway: the proxy on 127.0.0.1:8080, the console and API on
127.0.0.1:8081 unless the settings say otherwise. The first start makes the CA
and all keys in the state directory. SIGHUP reloads rules, users,
intercepted hosts and event streams, all or nothing; SIGTERM ends the listeners, then the connections, then the inventory.`,
		Example: `  gnomon run
  gnomon run --config /etc/gnomon.yaml
  GNOMON_PROXY_LISTEN=127.0.0.1:3128 gnomon run`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			reread := func() (Settings, error) { return settingsOf(cmd) }
			return runGateway(cmd.Context(), settings, reread, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addSettingsFlags(cmd.Flags())
	return cmd
}

// settingsOf returns the settings that a command's flags, the environment and
// the settings file give.
func settingsOf(cmd *cobra.Command) (Settings, error) {
	file, err := cmd.Flags().GetString("config")
	if err != nil {
		return Settings{}, err
	}
	return loadSettings(file, cmd.Flags())
}

func runGateway(ctx context.Context, settings Settings, reread func() (Settings, error), stdout, stderr io.Writer) error {
	lines := newLogWriter(stderr)
	defer lines.Close()
	log := newLogger(settings.Log, lines)
	g, err := newGateway(ctx, settings, log)
	if err != nil {
		return err
	}
	defer g.Close()
	g.reread = reread
	if _, err := evidence.LoadOrCreateKey(filepath.Join(g.settings.StateDir, evidence.KeyFile)); err != nil {
		return err
	}
	g.noteInForce(ctx, g.settings)
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	watched, stop := context.WithCancel(ctx)
	var helpers sync.WaitGroup
	helpers.Go(func() { g.reloadOn(watched, hup) })
	helpers.Go(func() { tuneHeap(watched) })
	helpers.Go(func() { g.watchRisks(watched) })
	helpers.Go(func() { g.followPublished(watched) })
	g.warnOfOpenConsole()
	g.greet(stdout)
	err = g.run(ctx)
	stop()
	helpers.Wait()
	if err == nil {
		log.Info("ended", "sightings", g.pipeline.Stats.Sightings.Load(), "durable", g.inventory.Durable())
	}
	return err
}

// reloadOn reloads the rules whenever a signal comes, until ctx ends. What goes
// wrong is in the log: the old rules stay.
func (g *gateway) reloadOn(ctx context.Context, hup <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			_ = g.reload()
		}
	}
}

func newLogger(s LogSettings, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.Level)); err != nil {
		level = slog.LevelInfo // the settings have been validated
	}
	opts := &slog.HandlerOptions{Level: level}
	if s.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
