package dlp_test

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestConcurrent scans in all ways at once, with one Scanner and with new ones:
// each finds what it finds alone. The detector of races watches this test, and
// not the rest of the package, which has no other goroutines.
func TestConcurrent(t *testing.T) {
	var examples []byte
	for i, d := range detectors() {
		for _, m := range append(d.Match[:min(1, len(d.Match)):min(1, len(d.Match))], d.NoMatch[:min(1, len(d.NoMatch))]...) {
			examples = append(append(examples, m...), "\nnothing of note on this line\n"...)
		}
		if i%50 == 0 {
			examples = append(examples, "pay to gb82 west 1234 5698 7654 32, 卡号4111111111111111，谢谢, zażółć gęślą jaźń\n"...)
		}
	}
	text := examples[:min(len(examples), 12<<10)]
	prompt := func() *traffic.Prompt {
		p := new(traffic.Prompt)
		for part := range slices.Chunk(text, 4<<10) {
			p.Parts = append(p.Parts, traffic.Part{Text: part, End: len(part)})
		}
		return p
	}
	type found struct {
		hits               []dlp.Hit
		findings, streamed int
		redacted           []byte
	}
	look := func(s *dlp.Scanner) (f found) {
		f.hits, f.findings = s.ScanText(text, nil), len(s.Scan(prompt()))
		f.streamed, f.redacted = len(stream(s, text, func() int { return 1000 })), s.Redact(text, f.hits, traffic.StyleHash)
		s.Explain(text[:1000], 0)
		return f
	}
	shared := newScanner(t, dlp.Options{})
	got := make([]found, 6)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			s := shared
			if i == 0 { // detectors are built while others scan
				var err error
				if s, err = dlp.New(detectors(), traffic.Key{1}, dlp.Options{}); err != nil {
					t.Error(err)
					return
				}
			}
			got[i] = look(s)
		})
	}
	all.Wait()
	want := look(shared)
	if len(want.hits) < 20 || want.findings < 20 || want.streamed < 20 {
		t.Fatalf("%d hits, %d findings, %d in the stream: too few to tell", len(want.hits), want.findings, want.streamed)
	}
	for i, f := range got {
		same := slices.EqualFunc(f.hits, want.hits, func(a, b dlp.Hit) bool { return a.Detector == b.Detector && a.Start == b.Start && a.End == b.End })
		if !same || f.findings != want.findings || f.streamed != want.streamed || !bytes.Equal(f.redacted, want.redacted) {
			t.Errorf("goroutine %d: %d hits, %d findings, %d in the stream; alone %d, %d, %d", i, len(f.hits), f.findings, f.streamed, len(want.hits), want.findings, want.streamed)
		}
	}
}
