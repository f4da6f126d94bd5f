package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// observed is one line of `gnomon sniff --json`.
type observed struct {
	Time       time.Time      `json:"time"`
	Sensor     traffic.Sensor `json:"sensor"`
	Kind       sniffer.Kind   `json:"kind"`
	Client     netip.Addr     `json:"client"`
	ClientPort uint16         `json:"client_port"`
	Server     netip.Addr     `json:"server"`
	ServerPort uint16         `json:"server_port"`
	Name       string         `json:"name"`
	Service    string         `json:"service"`
}

type sniffOptions struct {
	files        []string
	asJSON, save bool
}

func newSniffCommand() *cobra.Command {
	var o sniffOptions
	cmd := &cobra.Command{
		Use:   "sniff -r FILE",
		Short: "List the names that a packet capture shows, and the AI services among them",
		Long: `List every DNS question in a packet capture (pcap or pcapng, gzip too): who asked
whom for which name, and which AI service it belongs to. With --save the AI
services also go into the inventory, as seen but not inspected.`,
		Example: `  gnomon sniff -r office.pcap
  gnomon sniff -r office.pcap --json | jq -r 'select(.service != "") | .service' | sort | uniq -c
  gnomon sniff -r office.pcap --save`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(o.files) == 0 {
				return &exitError{exitUsage, errors.New("name a capture with -r FILE")}
			}
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			return sniff(cmd.Context(), settings, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringArrayVarP(&o.files, "read", "r", nil, "capture file (may be repeated)")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "one JSON object a line")
	cmd.Flags().BoolVar(&o.save, "save", false, "put the AI services into the inventory")
	return cmd
}

func sniff(ctx context.Context, settings Settings, o sniffOptions, stdout, stderr io.Writer) error {
	k, err := loadKnowledge(settings.RulesDir, passingKey())
	if err != nil {
		return err
	}
	if !o.save {
		return sniffFiles(ctx, k, o, func(*traffic.Flow) {}, stdout, stderr)
	}
	inv, done, err := openInventory(ctx, settings, k.set.Services)
	if err != nil {
		return err
	}
	defer done()
	saver := inv.Saver(ctx)
	p := traffic.NewPipeline(k.stages(), inv, saver, hostPatterns(nil), slog.New(slog.DiscardHandler))
	if _, err := openLeases(settings.Users.Leases, time.Local, p, newLogger(settings.Log, stderr)); err != nil {
		return err
	}
	err = sniffFiles(ctx, k, o, func(f *traffic.Flow) { p.Observe(f) }, stdout, stderr)
	return errors.Join(err, saver.Flush())
}

// sniffFiles prints what each file shows and hands the flows to observe. A
// damaged file does not keep the next from being read.
func sniffFiles(ctx context.Context, k *knowledge, o sniffOptions, observe func(*traffic.Flow), stdout, stderr io.Writer) error {
	out := bufio.NewWriter(stdout)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	var failed error
	for _, name := range o.files {
		var werr error
		flows := sniffer.NewFlows(name)
		stats, err := sniffer.ReadFile(ctx, name, func(ob *sniffer.Observation) {
			v := k.classifier.Host(ob.Name)
			if o.asJSON {
				werr = errors.Join(werr, enc.Encode(observed{ob.Time.UTC(), ob.Sensor, ob.Kind, ob.Client, ob.ClientPort, ob.Server, ob.ServerPort, ob.Name, v.Service}))
			} else {
				_, err := fmt.Fprintf(out, "%s  %-5s  %-5s  %-39s  %-39s  %s", ob.Time.UTC().Format(time.RFC3339), ob.Sensor, ob.Kind, ob.Client, ob.Server, ob.Name)
				if v.AI() {
					fmt.Fprintf(out, "  [%s]", v.Service)
				}
				fmt.Fprintln(out)
				werr = errors.Join(werr, err)
			}
			if f, ok := flows.Flow(ob); ok {
				observe(&f)
			}
		})
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", name, err))
		}
		if werr != nil {
			return fmt.Errorf("writing observations: %w", werr)
		}
		printSniffed(stderr, name, stats)
	}
	return errors.Join(failed, out.Flush())
}

func printSniffed(w io.Writer, name string, s sniffer.Stats) {
	fmt.Fprintf(w, "%s: %d packets, %d DNS questions", name, s.Packets, s.Queries+s.Replies)
	malformed := s.Malformed()
	for _, reason := range slices.Sorted(maps.Keys(malformed)) {
		fmt.Fprintf(w, ", %d not read (%s)", malformed[reason], reason)
	}
	fmt.Fprintln(w)
}
