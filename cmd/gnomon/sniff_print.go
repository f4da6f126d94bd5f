package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/dns"
)

// observationWriter prints observations, one a line.
type observationWriter struct {
	out    io.Writer
	buf    []byte
	asJSON bool
	err    error // of the first write that failed
}

// lineBuffer is how much is written at once, of lines that come a few at a time.
const lineBuffer = 64 << 10

func newObservationWriter(w io.Writer, asJSON bool) *observationWriter {
	return &observationWriter{out: w, asJSON: asJSON}
}

// lines has observations made into lines.
func (w *observationWriter) lines() func(b []byte, o *sniffer.Observation) []byte {
	l := new(observationLines)
	if w.asJSON {
		return l.appendJSON
	}
	return l.appendText
}

// write prints lines.
func (w *observationWriter) write(lines []byte) {
	if len(lines) >= lineBuffer/8 {
		w.flush()
		w.put(lines)
		return
	}
	if w.buf = append(w.buf, lines...); len(w.buf) >= lineBuffer {
		w.flush()
	}
}

// flush prints what waits.
func (w *observationWriter) flush() error {
	w.put(w.buf)
	w.buf = w.buf[:0]
	return w.err
}

func (w *observationWriter) put(b []byte) {
	if len(b) > 0 && w.err == nil {
		if _, err := w.out.Write(b); err != nil {
			w.err = fmt.Errorf("writing observations: %w", err)
		}
	}
}

// printSniffed says what a source held, and what could not be had of it.
func printSniffed(w io.Writer, name string, s *sniffer.Stats, live func() capture.LiveStats) {
	fmt.Fprintf(w, "%s: %d packets, %d DNS questions, %d replies, %d TLS and %d QUIC hellos", name, s.Packets, s.Queries, s.Replies, s.TLSHellos, s.QUICHellos)
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
		fmt.Fprintf(w, ", %d %s (%s)", malformed[reason], howRead(reason), reason)
	}
	fmt.Fprintln(w)
}

// howRead says what became of what is counted by reason: a truncated message is
// read as far as it goes.
func howRead(reason string) string {
	if reason == dns.ReasonTruncated.String() {
		return "read in part"
	}
	return "not read"
}
