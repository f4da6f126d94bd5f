package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/traffic"
)

type sniffOptions struct {
	files, interfaces []string
	duration          time.Duration
	filter            string
	asJSON, save, ja4 bool
}

func newSniffCommand() *cobra.Command {
	var o sniffOptions
	cmd := &cobra.Command{
		Use:         "sniff -r FILE | -i INTERFACE",
		Annotations: map[string]string{endsItself: "yes"},
		Short:       "List the names that packets show, and the AI services among them",
		Long: `List every DNS question and every server name in a TLS or QUIC hello that a packet
capture (pcap or pcapng, gzip and zstd too; - is standard input) or a network
interface shows: who asked whom for which name, and which AI service it belongs
to. Packets without a time (of Simple Packet Blocks) have "-" there, and no "time"
with --json. What could not be read, what was lost and what hides from us is summed up on
standard error at the end.

With --save the AI services go into the inventory, as seen but not inspected:
lookups, and sessions with their bytes and how long they took.

With --ja4 each line of a hello has the client's JA4 fingerprint ("ja4") and whether
it looks like a browser's ("browser"). Whoever uses the same library has the same
fingerprint: it tells how a name was asked for, and never that it is AI.

Interfaces are read until the command is interrupted or --duration has passed;
that needs root or CAP_NET_RAW, and CAP_NET_ADMIN for a mirror port.`,
		Example: `  gnomon sniff -r office.pcap
  gnomon sniff -r office.pcap --json | jq -r 'select(.service != "") | .service' | sort | uniq -c
  gnomon sniff -i eth1 -i eth2 --save
  tcpdump -i eth1 -U -w - | gnomon sniff -r - --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter, err := capture.ParseFilter(o.filter)
			switch {
			case len(o.files) == 0 && len(o.interfaces) == 0:
				err = errors.New("name a capture with -r FILE or an interface with -i INTERFACE")
			case len(o.files) > 0 && len(o.interfaces) > 0:
				err = errors.New("-r reads captures and ends, -i reads interfaces until it is interrupted: name one of them")
			case o.duration < 0 || o.duration > 0 && len(o.interfaces) == 0:
				err = errors.New("--duration says for how long interfaces are read: it needs -i, and is above 0")
			}
			if err != nil {
				return &exitError{exitUsage, err}
			}
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			s := &sniffRun{options: o, filter: filter, stdin: cmd.InOrStdin(), stderr: cmd.ErrOrStderr(), out: newObservationWriter(cmd.OutOrStdout(), o.asJSON)}
			return s.run(cmd.Context(), settings)
		},
	}
	cmd.Flags().StringArrayVarP(&o.files, "read", "r", nil, "capture file, - for standard input (may be repeated)")
	cmd.Flags().StringArrayVarP(&o.interfaces, "interface", "i", nil, "network interface (may be repeated)")
	cmd.Flags().DurationVar(&o.duration, "duration", 0, "read interfaces for that long (0: until interrupted)")
	cmd.Flags().StringVar(&o.filter, "filter", "all", `what the kernel lets through: "all", or "names" to leave out bulk data, which meters less`)
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "one JSON object a line")
	cmd.Flags().BoolVar(&o.ja4, "ja4", false, "show the JA4 fingerprint of each hello, and whether it is made as browsers make theirs")
	cmd.Flags().BoolVar(&o.save, "save", false, "put the AI services and blind spots into the inventory")
	return cmd
}

// sniffRun is one run of `gnomon sniff`. Its sources share what addresses mean.
type sniffRun struct {
	options sniffOptions
	filter  capture.Filter
	stdin   io.Reader
	stderr  io.Writer
	out     *observationWriter

	knowledge *knowledge
	names     *learned.Names
	settings  Settings
	done      func() // closes the inventory; nil while it is not open

	mu       sync.Mutex // guards pipeline and saver, and keeps lines whole
	pipeline *traffic.Pipeline
	saver    *inventory.Saver
	scanner  *lateScanner
}

// addresses bounds the pairs of client and AI address that are remembered.
const addresses = 1 << 15

// saveEvery is how long what was seen on an interface may wait for the store.
const saveEvery = 2 * time.Second

func (s *sniffRun) run(ctx context.Context, settings Settings) error {
	var done atomic.Bool
	defer debug.SetGCPercent(debug.SetGCPercent(loadGC))
	defer done.Store(true)
	var err error
	if s.knowledge, err = loadHosts(settings.overlays(), passingKey()); err != nil {
		return err
	}
	s.names = learned.New(addresses)
	collectLate(&done)
	s.settings = settings
	defer func() {
		if s.done != nil {
			s.done()
		}
	}()
	failed := errors.Join(s.readFiles(ctx), s.readInterfaces(ctx))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.saver != nil {
		failed = errors.Join(failed, s.saver.Flush(), s.scanner.failed())
	}
	return errors.Join(failed, s.out.flush(), ctx.Err())
}

// ready opens the inventory for --save, once there is something to read: where
// nothing can be read, none is made. What has been read is saved even when ctx
// ends.
func (s *sniffRun) ready(ctx context.Context) (err error) {
	if !s.options.save || s.done != nil {
		return nil
	}
	s.done, err = s.open(ctx, s.settings)
	return err
}

func (s *sniffRun) open(ctx context.Context, settings Settings) (done func(), err error) {
	k, made := s.knowledge, tellStore(s.stderr, settings)
	inv, done, err := openInventory(ctx, settings, k.set.Services)
	if err != nil {
		return nil, err
	}
	made()
	s.saver = inv.Saver(context.WithoutCancel(ctx))
	s.scanner = newLateScanner(settings.overlays())
	stages := &traffic.Stages{Classifier: k.classifier, Scanner: s.scanner} // nothing is decided
	s.pipeline = traffic.NewPipeline(stages, inv, s.saver, hostPatterns(nil), slog.New(slog.DiscardHandler))
	if _, err := openLeases(settings.Users.Leases, time.Local, s.pipeline, slog.New(slog.DiscardHandler)); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// readFiles reads one file after the other. A damaged one does not keep the next
// from being read.
func (s *sniffRun) readFiles(ctx context.Context) (failed error) {
	for _, name := range s.options.files {
		if ctx.Err() != nil {
			break
		}
		if err := s.readFile(ctx, name); err != nil && ctx.Err() == nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", name, err))
		}
	}
	return failed
}

func (s *sniffRun) readFile(ctx context.Context, name string) error {
	var src *capture.File
	var err error
	how := manner{workers: 1, beside: true}
	if name == "-" {
		src, err = capture.New(s.stdin)
	} else {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			how = manner{workers: sniffWorkers()}
		}
		src, err = capture.Open(name)
	}
	if err != nil {
		return err
	}
	defer src.Close()
	if err := s.ready(ctx); err != nil {
		return err
	}
	if how.beside { // what comes through a pipe may go on for days
		keeper, stop := context.WithCancel(ctx)
		var helpers sync.WaitGroup
		helpers.Go(func() { s.keepUp(keeper) })
		defer helpers.Wait()
		defer stop()
	}
	return s.read(ctx, name, src, how)
}

// sniffWorkers returns on how many cores packets are read. More could not be fed
// by the one that takes the packets in.
func sniffWorkers() int { return min(runtime.GOMAXPROCS(0), 4) }

// readInterfaces reads all interfaces at once. It returns when none is left:
// one that goes down does not end the others.
func (s *sniffRun) readInterfaces(ctx context.Context) (failed error) {
	if len(s.options.interfaces) == 0 {
		return nil
	}
	outer := ctx
	if s.options.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.options.duration)
		defer cancel()
	}
	var sources []*capture.Live
	for _, name := range s.options.interfaces {
		src, err := capture.OpenLive(ctx, name, capture.Options{Filter: s.filter, Promiscuous: true})
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		defer src.Close()
		sources = append(sources, src)
	}
	if failed != nil { // better none than not the ones that were asked for
		return failed
	}
	if err := s.ready(ctx); err != nil {
		return err
	}
	keeper, stop := context.WithCancel(ctx)
	var readers, helpers sync.WaitGroup
	helpers.Go(func() { s.keepUp(keeper) })
	errs := make([]error, len(sources))
	for i, src := range sources {
		readers.Go(func() {
			name := s.options.interfaces[i]
			if err := s.read(ctx, name, src, manner{workers: sniffWorkers(), beside: true, live: src.Stats}); err != nil && ctx.Err() == nil {
				errs[i] = fmt.Errorf("%s: %w", name, err)
			}
		})
	}
	readers.Wait()
	stop()
	helpers.Wait()
	if outer.Err() != nil {
		return nil
	}
	return errors.Join(errs...)
}

// keepUp shows and saves what was seen, however little it is.
func (s *sniffRun) keepUp(ctx context.Context) {
	saved := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(200 * time.Millisecond):
		}
		s.mu.Lock()
		s.out.flush()
		if s.saver != nil && time.Since(saved) > saveEvery {
			s.saver.Flush() // its error is told at the end
			saved = time.Now()
		}
		s.mu.Unlock()
	}
}

// manner is how a source is read.
type manner struct {
	workers int
	beside  bool                     // others print and save meanwhile
	live    func() capture.LiveStats // nil for what is no interface
}

// read reads one source to its end and says on standard error what it held.
func (s *sniffRun) read(ctx context.Context, origin string, src capture.Source, how manner) error {
	sink := sniffer.Sink{Lines: &sniffer.Lines{New: s.out.lines, Write: func(lines []byte) {
		s.mu.Lock()
		s.out.write(lines)
		s.mu.Unlock()
	}}}
	if s.pipeline != nil {
		ids := newFlowIDs()
		sink.Flow = func(f *traffic.Flow) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if how.live == nil { // a file may be read again
				f.ID = ids.flow(f).String()
			}
			s.pipeline.Observe(f)
		}
		sink.Blind = func(b *traffic.BlindSpot) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if how.live == nil {
				b.ID = ids.blind(b).String()
			}
			s.pipeline.ObserveBlind(b)
		}
	}
	sn := sniffer.NewParallel(sniffer.Config{Origin: origin, Classify: s.knowledge.classifier.Host, Blind: s.knowledge.blind, Names: s.names, Fingerprints: s.options.ja4}, sink, how.workers)
	err := sn.Run(ctx, src)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out.err != nil {
		err = s.out.err
	}
	st := sn.Stats()
	printSniffed(s.stderr, origin, &st, how.live)
	return err
}
