package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestScanStream holds that a text that is scanned as a stream has the findings of
// the same text scanned as a whole, at the borders of windows and at its end, that
// allow-lists hold, and that a smaller one and what is no text don't stream.
func TestScanStream(t *testing.T) {
	set, err := rules.Load("")
	if err != nil {
		t.Fatal(err)
	}
	s, err := dlp.New(set.Detectors, traffic.Key{}, dlp.Options{Allow: set.Allow})
	if err != nil {
		t.Fatal(err)
	}
	text := bytes.Repeat([]byte("nothing of note is said on this line of prose, nor on the next\n"), streamText/64+60_000)
	planted := 0
	for at := 512 << 10; at < len(text)-64; at += 256<<10 - 7 {
		copy(text[at:], " AKIAZ7Q4MNPLK3WXR2TJ ")
		copy(text[at+3000:], " AKIAIOSFODNN7EXAMPLE ") // allowed
		planted++
	}
	copy(text[len(text)-21:], " AKIAZ7Q4MNPLK3WXR2TJ")
	planted++
	var want bytes.Buffer
	if _, err := scanFile(t.Context(), s, scanOptions{}, "x", bytes.NewReader(text[:streamText-1]), &want, &scanNotes{Writer: io.Discard}); err != nil {
		t.Fatal(err)
	}
	var got, notes bytes.Buffer
	any, err := scanFile(t.Context(), s, scanOptions{}, "x", bytes.NewReader(text), &got, &scanNotes{Writer: &notes})
	if err != nil || !any || notes.Len() > 0 {
		t.Fatalf("found %v, %v, notes %q", any, err, notes.String())
	}
	if !strings.HasPrefix(got.String(), want.String()) || want.Len() == 0 {
		t.Error("the stream does not find what a scan of its beginning finds")
	}
	hits := s.ScanText(text, nil)
	if len(hits) != planted || strings.Count(got.String(), "\n") != planted {
		t.Errorf("%d hits, %d findings, want %d", len(hits), strings.Count(got.String(), "\n"), planted)
	}
	for i, row := range strings.Split(strings.TrimSpace(got.String()), "\n")[:min(len(hits), planted)] {
		raw, err := json.Marshal(fileFinding{File: "x", foundJSON: found(hits[i])})
		if err != nil || row != string(raw) {
			t.Errorf("finding %d: %s, want %s (%v)", i, row, raw, err)
		}
	}
	for _, tt := range []struct {
		name, head string
		size       int
		streams    bool
	}{
		{"small", "prose\n", streamText - 1, false},
		{"large", "prose\n", streamText, true},
		{"zip", "PK\x03\x04", streamText + 1, false},
		{"utf-16", "\xff\xfea\x00", streamText + 1, false},
	} {
		in := io.MultiReader(strings.NewReader(tt.head), strings.NewReader(strings.Repeat("a", tt.size-len(tt.head))))
		head, streams, err := openStream(in, tt.name, io.Discard)
		if err != nil || streams != tt.streams || !bytes.HasPrefix(head, []byte(tt.head)) {
			t.Errorf("%s: streams %v, %v, want %v", tt.name, streams, err, tt.streams)
		}
	}
	if _, _, err := openStream(iotest.ErrReader(io.ErrUnexpectedEOF), "x", io.Discard); err == nil {
		t.Error("an error of reading is lost")
	}
}
