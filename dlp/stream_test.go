package dlp_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestStream compares what a stream finds with what a scan of the whole finds,
// for texts of several windows with examples of all detectors at random places.
func TestStream(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	var values []string
	for _, d := range detectors() {
		if d.Class != traffic.ClassSourceCode { // blocks of code are cut at other places
			values = append(values, d.Match...)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	prose := clean(64 << 10)
	total := 0
	texts := 8
	if raceEnabled {
		texts = 2
	}
	for range texts {
		var text []byte
		for len(text) < 180<<10 {
			at := r.IntN(len(prose) / 2)
			text = append(text, prose[at:at+r.IntN(1500)]...)
			text = append(text, '\n')
			text = append(text, values[r.IntN(len(values))]...)
			text = append(text, '\n')
		}
		want := make(map[string]bool)
		for _, f := range s.Scan(&traffic.Prompt{Parts: []traffic.Part{{Kind: traffic.PartText, Text: text}}}) {
			want[fmt.Sprint(f)] = true
		}
		total += len(want)
		for _, f := range stream(s, text, func() int { return 1 + r.IntN(5000) }) {
			if !want[fmt.Sprint(f)] {
				t.Errorf("only the stream finds %+v", f)
			}
			delete(want, fmt.Sprint(f))
		}
		for f := range want {
			t.Errorf("only the scan of the whole finds %s", f)
		}
	}
	if total < 60*texts {
		t.Errorf("%d findings: the test proves little", total)
	}
}

// TestStreamPlaces moves a key, a value of the longest kind and one with its
// word far in front of it over the borders of windows.
func TestStreamPlaces(t *testing.T) {
	s := newListScanner(t)
	r := rand.New(rand.NewPCG(3, 4))
	pem := []byte(" -----BEGIN RSA PRIVATE KEY-----\n")
	for len(pem) < 7<<10 {
		for range 64 {
			pem = append(pem, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[r.IntN(64)])
		}
		pem = append(pem, '\n')
	}
	pem = append(pem, "-----END RSA PRIVATE KEY----- "...)
	number := []byte(" the PESEL of the man who called us on the day before is 44051401359 ")
	prose := clean(130 << 10)
	for _, value := range [][]byte{[]byte(" AKIAIOSFODNN7EXAMPLE "), pem, number} {
		step := len(value)/20 + 1
		if raceEnabled {
			step = len(value)/4 + 1
		}
		for _, border := range []int{42 << 10, 51 << 10, 60 << 10, 84 << 10, 93 << 10, 102 << 10} {
			for at := border - len(value) - step; at <= border+2*step; at += step {
				text := bytes.Clone(prose)
				copy(text[at:], value)
				values := func(list []traffic.Finding) []traffic.Finding { // the end of a key may look like the mark of a forged prompt
					return slices.DeleteFunc(list, func(f traffic.Finding) bool { return f.Class == traffic.ClassInjection })
				}
				want := values(s.Scan(&traffic.Prompt{Parts: []traffic.Part{{Kind: traffic.PartText, Text: text}}}))
				if len(want) != 1 {
					t.Fatalf("%d bytes at %d: the scan of the whole finds %+v", len(value), at, want)
				}
				if got := values(stream(s, text, func() int { return len(text) })); len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(want[0]) {
					t.Fatalf("%d bytes at %d: %+v, want %+v", len(value), at, got, want)
				}
			}
		}
	}
}

// TestStreamRun holds that a value in base64 is found wherever it stands in a
// run of many windows.
func TestStreamRun(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, at := range []int{100, 37 << 10, 45 << 10, 80 << 10, 149 << 10} {
		plain := clean(150 << 10)
		copy(plain[at:], " AKIAIOSFODNN7EXAMPLE ")
		text := []byte("see " + base64.StdEncoding.EncodeToString(plain) + " end")
		got := stream(s, text, func() int { return 4096 })
		if len(got) == 0 || got[0].Detector != "aws_access_key_id" {
			t.Errorf("a key at %d of a run: %+v", at, got)
		}
		last := 0
		for _, f := range got {
			if f.Start < last || f.End > len(text) || f.Start >= f.End {
				t.Errorf("%+v after %d", f, last)
			}
			last = f.End
		}
	}
}

// TestStreamAllocs holds that a clean stream allocates nothing but its window.
func TestStreamAllocs(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	text := clean(1 << 20)
	n := testing.AllocsPerRun(5, func() { stream(s, text, func() int { return 1 << 16 }) })
	if n > 4 && !raceEnabled { // under the race detector pools drop a part of what they are given
		t.Errorf("a clean stream allocates %v times, want 4 at most: itself, its window and what calls it", n)
	}
}

func stream(s *dlp.Scanner, text []byte, piece func() int) (out []traffic.Finding) {
	st := s.Stream(0, func(f traffic.Finding) { out = append(out, f) })
	for len(text) > 0 {
		n := min(len(text), piece())
		st.Write(text[:n])
		text = text[n:]
	}
	st.Close()
	return out
}
