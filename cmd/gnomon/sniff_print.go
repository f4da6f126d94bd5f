package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// observationWriter prints observations, one a line. A capture has millions:
// encoding/json would take twice as long as all the reading of packets.
type observationWriter struct {
	out    *bufio.Writer
	line   []byte
	asJSON bool
}

func newObservationWriter(w io.Writer, asJSON bool) *observationWriter {
	return &observationWriter{out: bufio.NewWriterSize(w, 64<<10), asJSON: asJSON}
}

func (w *observationWriter) write(o *sniffer.Observation) error {
	if w.asJSON {
		w.line = appendObservationJSON(w.line[:0], o)
	} else {
		w.line = appendObservation(w.line[:0], o)
	}
	_, err := w.out.Write(w.line)
	return err
}

// appendObservationJSON appends the line of `gnomon sniff --json`. Other
// programs rely upon its keys.
func appendObservationJSON(b []byte, o *sniffer.Observation) []byte {
	b = append(b, `{"time":"`...)
	b = o.Time.UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(append(b, `","sensor":"`...), o.Sensor...)
	b = append(append(b, `","kind":"`...), o.Kind...)
	b = o.Client.AppendTo(append(b, `","client":"`...))
	b = strconv.AppendUint(append(b, `","client_port":`...), uint64(o.ClientPort), 10)
	b = o.Server.AppendTo(append(b, `,"server":"`...))
	b = strconv.AppendUint(append(b, `","server_port":`...), uint64(o.ServerPort), 10)
	b = appendJSONString(append(b, `,"name":`...), o.Name)
	b = appendJSONString(append(b, `,"service":`...), o.Verdict.Service)
	return append(b, "}\n"...)
}

// appendJSONString appends s as JSON, which for nearly every name is s in quotes.
func appendJSONString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string: never fails
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// appendObservation appends the line that a person reads.
func appendObservation(b []byte, o *sniffer.Observation) []byte {
	b = o.Time.UTC().AppendFormat(b, time.RFC3339)
	b = padded(b, string(o.Sensor), 5)
	b = padded(b, string(o.Kind), 5)
	for _, a := range [...]netip.Addr{o.Client, o.Server} {
		b = append(b, "  "...)
		end := len(b) + 39
		for b = a.AppendTo(b); len(b) < end; {
			b = append(b, ' ')
		}
	}
	b = append(append(b, "  "...), o.Name...)
	if o.Verdict.AI() {
		b = append(append(append(b, "  ["...), o.Verdict.Service...), ']')
	}
	return append(b, '\n')
}

// padded appends a gap and s, at least width wide.
func padded(b []byte, s string, width int) []byte {
	b = append(append(b, "  "...), s...)
	for range width - len(s) {
		b = append(b, ' ')
	}
	return b
}

func (w *observationWriter) flush() error {
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("writing observations: %w", err)
	}
	return nil
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
