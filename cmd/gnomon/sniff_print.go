package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
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

// observationWriter prints observations, one a line.
type observationWriter struct {
	out    *bufio.Writer
	enc    *json.Encoder
	asJSON bool
}

func newObservationWriter(w io.Writer, asJSON bool) *observationWriter {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return &observationWriter{out, enc, asJSON}
}

func (w *observationWriter) write(o *sniffer.Observation) error {
	if w.asJSON {
		return w.enc.Encode(observed{o.Time.UTC(), o.Sensor, o.Kind, o.Client, o.ClientPort, o.Server, o.ServerPort, o.Name, o.Verdict.Service})
	}
	_, err := fmt.Fprintf(w.out, "%s  %-5s  %-5s  %-39s  %-39s  %s", o.Time.UTC().Format(time.RFC3339), o.Sensor, o.Kind, o.Client, o.Server, o.Name)
	if o.Verdict.AI() {
		fmt.Fprintf(w.out, "  [%s]", o.Verdict.Service)
	}
	fmt.Fprintln(w.out)
	return err
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
