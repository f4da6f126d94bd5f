package dlp

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMemo holds that what is remembered of numbers changes nothing that is found,
// in lists of examples, whole and damaged, in any order.
func TestMemo(t *testing.T) {
	s := allDetectors()
	random := rand.New(rand.NewPCG(3, 4))
	var examples []string
	for i := range s.sources {
		examples = append(examples, s.sources[i].Match...)
	}
	found := 0
	for range 60 {
		var text []byte
		few := make([][]byte, 12)
		for i := range few {
			few[i] = []byte(examples[random.IntN(len(examples))])
			if len(few[i]) > 1 && random.IntN(2) > 0 {
				mutate(random, few[i])
			}
		}
		for len(text) < 8<<10 {
			text = append(append(text, few[random.IntN(len(few))]...), " ,\n;"[random.IntN(4)])
		}
		found += sameWithMemo(t, s, text)
	}
	for _, unit := range []string{"TVA FR 83 404 833 048 ", "+44 20 7946 0958 ", "tel 020 7946 0958 ", "4111111111111111 ", "12 ", "1234567890 "} {
		found += sameWithMemo(t, s, bytes.Repeat([]byte(unit), 500))
	}
	if found < 5000 {
		t.Errorf("only %d hits", found)
	}
}

// sameWithMemo scans text with and without a memo and returns how many hits there
// are.
func sameWithMemo(t *testing.T, s *Scanner, text []byte) int {
	const never, boundless = -1 << 60, -1 << 40
	with := scan{s: s, text: text, work: boundless, tries: memoFrom}
	without := scan{s: s, text: text, work: boundless, tries: never}
	with.pass()
	without.pass()
	if with.memo == nil {
		return 0
	}
	with.forget()
	place := func(h Hit) string { return fmt.Sprintf("%s %d-%d %.2f", h.Detector, h.Start, h.End, h.Confidence) }
	if !slices.EqualFunc(with.hits, without.hits, func(a, b Hit) bool { return place(a) == place(b) }) {
		for i := range min(len(with.hits), len(without.hits)) {
			if a, b := place(with.hits[i]), place(without.hits[i]); a != b {
				t.Fatalf("with a memo %s, without %s, in %.300q", a, b, text[max(0, with.hits[i].Start-100):])
			}
		}
		t.Fatalf("%d hits with a memo, %d without", len(with.hits), len(without.hits))
	}
	return len(with.hits)
}
