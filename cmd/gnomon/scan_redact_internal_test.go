package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestRedactStream holds that a large text is redacted as a stream as it is as a
// whole, also where windows meet, and that no more than a window is held.
func TestRedactStream(t *testing.T) {
	set, err := rules.Load("")
	if err != nil {
		t.Fatal(err)
	}
	s, err := dlp.New(set.Detectors, traffic.Key{}, dlp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := bytes.Repeat([]byte("nothing of note is said on this line of prose, nor on the next\n"), streamText/64+20_000)
	for at := 100; at < len(text)-64; at += streamWindow/3 - 7 {
		copy(text[at:], " AKIAZ7Q4MNPLK3WXR2TJ ")
	}
	copy(text[len(text)-21:], " AKIAZ7Q4MNPLK3WXR2TJ")
	want := s.Redact(text, s.ScanText(text, nil), traffic.StyleMask)
	var got bytes.Buffer
	o := scanOptions{redact: true, style: string(traffic.StyleMask)}
	found, err := scanFile(t.Context(), s, o, "x", bytes.NewReader(text), &got, &scanNotes{Writer: io.Discard})
	if err != nil || !found || !bytes.Equal(got.Bytes(), want) || bytes.Equal(want, text) {
		t.Errorf("found %v, %v, the same as of the whole: %v", found, err, bytes.Equal(got.Bytes(), want))
	}
	if _, err := scanFile(t.Context(), s, o, "x", bytes.NewReader(text), failingWriter{}, &scanNotes{Writer: io.Discard}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error of writing: %v", err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// zeros is a document without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestScanLimits holds that what would be read as a whole is refused when it is
// large, and why.
func TestScanLimits(t *testing.T) {
	s, err := dlp.New(nil, traffic.Key{}, dlp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]scanOptions{"16 MiB, the most that is explained": {explain: true}, "64 MiB, the most that is redacted": {redact: true}} {
		in := io.MultiReader(strings.NewReader("PK\x03\x04"), zeros{})
		if _, err := scanFile(t.Context(), s, o, "x", in, io.Discard, &scanNotes{Writer: io.Discard}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
