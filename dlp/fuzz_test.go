package dlp_test

import (
	"bytes"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// FuzzScanText holds for any text: hits lie in it, in order and apart, nothing
// outside them changes by redaction, and what was redacted is not found again.
func FuzzScanText(f *testing.F) {
	for _, d := range detectors() {
		f.Add([]byte(d.Match[0]))
	}
	for _, unit := range hostile {
		f.Add(repeat(unit, 200))
	}
	for _, x := range leaks {
		f.Add([]byte(x.text))
	}
	s := newScanner(f, dlp.Options{MinConfidence: -1})
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		hits := s.ScanText(text, nil)
		if !bytes.Equal(text, before) {
			t.Fatal("the text was changed")
		}
		last, previous := 0, dlp.Hit{}
		for _, h := range hits {
			if together := h.Via() != nil && h.Start == previous.Start && h.End == previous.End; h.Start < last && !together || h.End <= h.Start || h.End > len(text) {
				t.Fatalf("hit %+v after %d in %d bytes", h, last, len(text))
			}
			if h.Confidence <= 0 || h.Confidence > 1 || h.Detector == "" {
				t.Fatalf("hit %+v", h)
			}
			last, previous = h.End, h
		}
		rest := dlp.Redact(text, hits)
		last = 0
		for _, h := range hits {
			if h.Start < last {
				continue
			}
			last = h.End
			if dlp.IsKept(h) {
				continue // what it holds is replaced
			}
			i := bytes.Index(rest, []byte(traffic.Placeholder(h.Class)))
			if i < 0 {
				t.Fatalf("no placeholder for %+v", h)
			}
			rest = rest[i:]
		}
	})
}

// FuzzNew holds that a rule file can't break the scanner, whatever its pattern.
func FuzzNew(f *testing.F) {
	for i, d := range detectors() {
		if i%9 == 0 {
			f.Add(d.Pattern, "", string(d.Anchor), d.Validator)
		}
	}
	f.Add("key-[a-z]{1000}", "key-", "", "")
	f.Add("(?:a|aa|aaa)+@(?:b|bb)+", "@", "", "mixed")
	f.Fuzz(func(t *testing.T, pattern, keyword, anchor, validator string) {
		d := rules.Detector{Name: "x", Class: traffic.ClassCustom, Anchor: rules.Anchor(anchor), Pattern: pattern, Validator: validator, Confidence: 0.9}
		if keyword != "" {
			d.Keywords = []string{keyword}
		}
		s, err := dlp.New([]rules.Detector{d}, traffic.Key{}, dlp.Options{})
		if err != nil {
			return
		}
		text := append([]byte(keyword+" "+pattern+" 4111111111111111 "), clean(100)...)
		for _, h := range s.ScanText(text, nil) {
			if h.Start < 0 || h.End > len(text) || h.Start >= h.End {
				t.Fatalf("hit %+v", h)
			}
		}
	})
}
