package dlp

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// TestSecondGroups holds that no detector is passed over that would match: the table
// of second groups only saves tries.
func TestSecondGroups(t *testing.T) {
	s := allDetectors()
	random := rand.New(rand.NewPCG(1, 2))
	matched := 0
	for i := range s.sources {
		for _, example := range s.sources[i].Match {
			text := []byte("ref " + example + " 12, 345.678 end")
			for range 8 {
				matched += passedOver(t, s, text)
				mutate(random, text)
			}
		}
	}
	if matched < 1000 {
		t.Errorf("only %d matches were tried", matched)
	}
}

// passedOver tries all detectors at all groups of digits and returns how many
// matched.
func passedOver(t *testing.T, s *Scanner, text []byte) (matched int) {
	c := scan{s: s, text: text}
	for from := 0; from < len(text); from++ {
		to := from
		for to < len(text) && isDigit(text[to]) {
			to++
		}
		if to == from || from > 0 && isDigit(text[from-1]) || to-from > maxDigits {
			continue
		}
		letters := from
		for letters > 0 && isAlpha(text[letters-1]) && from-letters <= maxLetters {
			letters--
		}
		if from-letters > maxLetters {
			continue
		}
		r := &s.numbers.direct[from-letters][to-from]
		kind, second := kindsAt(text, to)
		if second != secondDigit {
			continue
		}
		may := r.goOn(text, to, kind)
		for set := r.after[kind].free[second]; set != 0; set &= set - 1 {
			at := bits.TrailingZeros64(set)
			d := r.free[at]
			if end, _ := d.auto.match(text, letters); end >= 0 && !c.continues(end) {
				if matched++; may>>at&1 == 0 {
					t.Fatalf("%s matches %q but is not tried, in %q", d.name, text[letters:end], text)
				}
			}
		}
	}
	return matched
}

// mutate changes digits, marks and lengths of groups.
func mutate(random *rand.Rand, text []byte) {
	for range 4 {
		switch i := random.IntN(len(text)); {
		case isDigit(text[i]) && random.IntN(8) > 0:
			text[i] = '0' + byte(random.IntN(10))
		case bytes.IndexByte([]byte(numberMarks), text[i]) >= 0 && random.IntN(2) > 0:
			text[i] = numberMarks[random.IntN(len(numberMarks))]
		}
		if i := random.IntN(len(text) - 1); random.IntN(3) == 0 {
			text[i], text[i+1] = text[i+1], text[i]
		}
	}
}
