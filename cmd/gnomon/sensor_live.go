package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
)

// liveSensor watches one network interface beside the proxy.
type liveSensor struct {
	name      string
	options   capture.Options
	knowledge func() *knowledge
	names     *learned.Names
	sink      sniffer.Sink
	log       *slog.Logger

	source atomic.Pointer[capture.Live]
	now    atomic.Pointer[liveStats] // the latest figures
	past   liveStats                 // of sources that have ended
	known  *knowledge                // what the Sniffer goes by
}

// liveStats is what one interface gave so far.
type liveStats struct {
	up        bool
	kernel    capture.LiveStats
	seen      sniffer.Stats
	malformed map[string]int64
}

// How long an interface that went away is waited for, and how old figures may
// be.
const (
	reopenAfter = 5 * time.Second
	statsEvery  = time.Second
)

// open opens the interface for the first time. It is read until Close: ctx, of
// the start, ends with the signal to stop, and Run goes on until its turn to stop
// has come.
func (s *liveSensor) open(ctx context.Context) error {
	s.now.Store(&liveStats{})
	src, err := capture.OpenLive(context.WithoutCancel(ctx), s.name, s.options)
	if err != nil {
		return err
	}
	s.source.Store(src)
	s.now.Store(&liveStats{up: true})
	return nil
}

// Close frees the interface.
func (s *liveSensor) Close() error {
	if src := s.source.Swap(nil); src != nil {
		return src.Close()
	}
	return nil
}

// Run watches until ctx ends. An interface that goes away is waited for: the
// rest of the gateway does not depend on it.
func (s *liveSensor) Run(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { s.Close() })()
	defer s.Close()
	for {
		err := s.watch(ctx)
		if ctx.Err() != nil {
			return nil
		}
		s.log.Error("interface is not watched any more, waiting for it", "interface", s.name, "error", err)
		if !s.reopen(ctx) {
			return nil
		}
		s.log.Info("interface is watched again", "interface", s.name)
	}
}

// watch reads the interface until it ends.
func (s *liveSensor) watch(ctx context.Context) error {
	src := s.source.Load()
	if src == nil {
		return ctx.Err()
	}
	s.known = s.knowledge()
	sn := sniffer.NewParallel(sniffer.Config{Origin: s.name, Classify: s.known.classifier.Host, Blind: s.known.blind, Names: s.names}, s.sink, sniffWorkers())
	err := sn.Run(ctx, &tendedSource{Live: src, tend: func() { s.tend(sn, src) }})
	s.tend(sn, src)
	s.ended()
	return err
}

// ended adds the figures of a source to the past. Those that were handed out
// stay as they are: somebody may be reading them.
func (s *liveSensor) ended() {
	past := *s.now.Load()
	past.up = false
	s.past = past
	s.now.Store(&past)
}

// tend hands out new figures, and new rules in. It runs on the goroutine
// that reads.
func (s *liveSensor) tend(sn *sniffer.Parallel, src *capture.Live) {
	if k := s.knowledge(); k != s.known {
		s.known = k
		sn.Know(k.classifier.Host, k.blind)
	}
	st := &liveStats{up: true, kernel: src.Stats(), seen: sn.Stats()}
	st.malformed = st.seen.Malformed()
	st.add(&s.past)
	s.now.Store(st)
}

func (s *liveStats) add(past *liveStats) {
	s.kernel.Packets += past.kernel.Packets
	s.kernel.Drops += past.kernel.Drops
	s.kernel.Freezes += past.kernel.Freezes
	s.seen.Packets += past.seen.Packets
	s.seen.Lookups += past.seen.Lookups
	s.seen.Sessions += past.seen.Sessions
	s.seen.Faults += past.seen.Faults
	for reason, n := range past.malformed {
		s.malformed[reason] += n
	}
}

func (s *liveSensor) reopen(ctx context.Context) bool {
	s.Close()
	for waitOr(ctx, reopenAfter) {
		if src, err := capture.OpenLive(ctx, s.name, s.options); err == nil {
			s.source.Store(src)
			return true
		}
	}
	return false
}

// tendedSource calls tend every now and then, by the time of the packets.
type tendedSource struct {
	*capture.Live
	tend func()
	last time.Time
}

// Next implements capture.Source.
func (t *tendedSource) Next(f *capture.Frame) error {
	err := t.Live.Next(f)
	if d := f.Time.Sub(t.last); d >= statsEvery || d < 0 { // the clock may be set back
		t.last = f.Time
		t.tend()
	}
	return err
}
