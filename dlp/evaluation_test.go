package dlp_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// The goals for what only its surroundings give away, in every family.
const (
	wantRecall    = 0.85
	wantPrecision = 0.90
	fills         = 6 // values tried in each template
)

// context is a kind of data and the sentences with and without it.
type context struct {
	name         string
	class        traffic.Class // "": any
	detectors    string        // how those start whose findings count; "": all
	found, clean []string
}

// TestEvaluation measures recall and precision in sentences that were written
// for it, not for a detector.
func TestEvaluation(t *testing.T) {
	values, families := readEvaluation(t, "testdata/evaluation.txt")
	s := newScanner(t, dlp.Options{})
	r := rand.New(rand.NewPCG(3, 9))
	for _, f := range families {
		var tally tally
		for _, template := range f.found {
			for range fills {
				text, from, to := fill(template, values, r)
				tally.positive(t, f, text, []span{{from, to}}, s.ScanText([]byte(text), nil))
			}
		}
		for range fills { // as many as the others
			for _, text := range f.clean {
				tally.negative(t, f, text, s.ScanText([]byte(text), nil))
			}
		}
		recall := float64(tally.found) / float64(tally.wanted)
		precision := float64(tally.found) / float64(max(1, tally.found+tally.wrong))
		t.Logf("%s: recall %.3f of %d, precision %.3f (%d templates with, %d without)", f.name, recall, tally.wanted, precision, len(f.found), len(f.clean))
		if recall < wantRecall || precision < wantPrecision {
			t.Errorf("%s: recall %.3f, precision %.3f, want %.2f and %.2f", f.name, recall, precision, wantRecall, wantPrecision)
		}
	}
}

type tally struct {
	wanted, found, wrong int
	silent               bool // what is missed or wrong is not to be shown
}

func (y *tally) logf(t *testing.T, format string, args ...any) {
	if !y.silent {
		t.Logf(format, args...)
	}
}

// span is where a value stands in a text.
type span struct{ from, to int }

// overlap is how many bytes of the value h covers.
func (v span) overlap(h dlp.Hit) int { return max(0, min(h.End, v.to)-max(h.Start, v.from)) }

// positive counts a value as found when findings cover most of it, and each
// finding of its class that touches no value as wrong.
func (y *tally) positive(t *testing.T, f context, text string, values []span, hits []dlp.Hit) {
	for _, v := range values {
		y.wanted++
		covered := 0
		for _, h := range hits {
			covered += v.overlap(h)
		}
		if covered*10 >= (v.to-v.from)*6 {
			y.found++
		} else {
			y.logf(t, "missed: %q in %q", text[v.from:v.to], text)
		}
	}
	for _, h := range hits {
		touches := func(v span) bool { return v.overlap(h) > 0 }
		if f.is(h) && !slices.ContainsFunc(values, touches) {
			y.wrong++
			y.logf(t, "wrong: %s %q in %q", h.Detector, text[h.Start:h.End], text)
		}
	}
}

func (y *tally) negative(t *testing.T, f context, text string, hits []dlp.Hit) {
	for _, h := range hits {
		if f.is(h) {
			y.wrong++
			y.logf(t, "wrong: %s %q in %q", h.Detector, text[h.Start:h.End], text)
		}
	}
}

func (f context) is(h dlp.Hit) bool {
	return f.class == "" || h.Class == f.class && strings.HasPrefix(h.Detector, f.detectors)
}

var slot = regexp.MustCompile(`\{([a-z_]+)\}|«([^»]*)»`)

// fill puts a value into the braces of template and says where it stands.
func fill(template string, values map[string][]string, r *rand.Rand) (text string, from, to int) {
	m := slot.FindStringSubmatchIndex(template)
	value := ""
	if m[2] >= 0 {
		list := values[template[m[2]:m[3]]]
		value = list[r.IntN(len(list))]
	} else {
		value = template[m[4]:m[5]]
	}
	return template[:m[0]] + value + template[m[1]:], m[0], m[0] + len(value)
}
