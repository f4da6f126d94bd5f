package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// observationWriter prints observations, one a line.
type observationWriter struct {
	out    io.Writer
	lines  observationLines
	wait   []sniffer.Observation // for their lines: many are made at once, while that code is in the cache
	buf    []byte
	asJSON bool
	err    error // of the first write that failed
}

// linesAtOnce is how many lines are made at once.
const linesAtOnce = 64

// lineBuffer is how much is written at once.
const lineBuffer = 64 << 10

func newObservationWriter(w io.Writer, asJSON bool) *observationWriter {
	return &observationWriter{out: w, asJSON: asJSON}
}

func (w *observationWriter) write(o *sniffer.Observation) error {
	if w.wait == nil {
		w.wait = make([]sniffer.Observation, 0, linesAtOnce)
		w.buf = make([]byte, 0, lineBuffer+1<<12) // and the last line
	}
	w.wait = append(w.wait, *o)
	if len(w.wait) < linesAtOnce {
		return nil
	}
	w.spell()
	return w.err
}

// spell makes the lines that wait.
func (w *observationWriter) spell() {
	for i := range w.wait {
		if o := &w.wait[i]; w.asJSON {
			w.buf = w.lines.appendJSON(w.buf, o)
		} else {
			w.buf = w.lines.appendText(w.buf, o)
		}
		if len(w.buf) >= lineBuffer {
			w.put()
		}
	}
	w.wait = w.wait[:0]
}

// flush writes all that there is.
func (w *observationWriter) flush() error {
	w.spell()
	w.put()
	return w.err
}

func (w *observationWriter) put() {
	if len(w.buf) > 0 && w.err == nil {
		if _, err := w.out.Write(w.buf); err != nil {
			w.err = fmt.Errorf("writing observations: %w", err)
		}
	}
	w.buf = w.buf[:0]
}

// printSniffed says what a source held, and what could not be had of it.
func printSniffed(w io.Writer, name string, s *sniffer.Stats, live func() capture.LiveStats) {
	fmt.Fprintf(w, "%s: %d packets, %d DNS questions, %d TLS and %d QUIC hellos", name, s.Packets, s.Queries+s.Replies, s.TLSHellos, s.QUICHellos)
	count := func(n int64, what string) {
		if n > 0 {
			fmt.Fprintf(w, ", %d %s", n, what)
		}
	}
	if live != nil {
		k := live()
		fmt.Fprintf(w, ", %d dropped by the kernel", k.Drops)
		count(k.Freezes, "times that its ring was full")
	}
	count(s.Sessions, "AI sessions")
	count(s.Guessed, "of them named by address")
	count(s.NoName, "hellos without a name")
	count(s.Blind, "flows and lookups that hide what they are")
	count(s.ECH, "encrypted hellos")
	count(s.Local, "mDNS, LLMNR and NetBIOS messages left out")
	count(s.Fragments.TimedOut+s.Fragments.Evicted, "fragmented datagrams not completed")
	count(s.Streams.Gaps, "holes in TCP streams")
	count(s.Streams.Overflow+s.Streams.Memory, "TCP directions given up for memory")
	count(s.Streams.Evicted, "flows pushed out of the table")
	malformed := s.Malformed()
	for _, reason := range slices.Sorted(maps.Keys(malformed)) {
		fmt.Fprintf(w, ", %d not read (%s)", malformed[reason], reason)
	}
	fmt.Fprintln(w)
}
