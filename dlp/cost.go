package dlp

import (
	"cmp"
	_ "embed"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Cost is what one detector costs.
type Cost struct {
	Detector string
	Source   rules.Position
	NsByte   float64 // beyond a scanner without detectors, as busy as the machine is
	Work     float64 // bytes that its automaton and checks look at, for each byte of text: the same on every machine
}

// Costs measures each detector alone on text, the most work first. It takes
// several readings of the text for each.
func Costs(detectors []rules.Detector, text []byte) ([]Cost, error) {
	empty, err := New(nil, traffic.Key{}, Options{})
	if err != nil {
		return nil, err
	}
	base := empty.fastest(text)
	out := make([]Cost, 0, len(detectors))
	for i := range detectors {
		s, err := New(detectors[i:i+1], traffic.Key{}, Options{})
		if err != nil {
			return nil, err
		}
		cost := Cost{Detector: detectors[i].Name, Source: detectors[i].Source, Work: s.workOn(text)}
		cost.NsByte = float64(s.fastest(text)) / float64(len(text))
		base = min(base, empty.fastest(text)) // again and again: how busy the machine is changes
		out = append(out, cost)
	}
	for i := range out {
		out[i].NsByte = max(0, out[i].NsByte-float64(base)/float64(len(text)))
	}
	slices.SortStableFunc(out, func(a, b Cost) int { return cmp.Compare(b.Work, a.Work) })
	return out, nil
}

// workOn returns the work that s does for each byte of text.
func (s *Scanner) workOn(text []byte) float64 {
	c := scan{s: s, text: text, runFrom: len(text), apartAt: len(text)}
	c.pass()
	c.sentences()
	for k := range s.rare {
		c.rare(&s.rare[k])
	}
	c.codeLines()
	return float64(c.work+c.sentenceSpent) / float64(len(text))
}

// fastest returns the time of the fastest of some scans of text, in nanoseconds.
func (s *Scanner) fastest(text []byte) time.Duration {
	var hits []Hit
	best := time.Hour
	for range 9 {
		begin := time.Now()
		hits = s.ScanText(text, hits[:0])
		best = min(best, time.Since(begin))
	}
	return best
}

// maxWork is the work for each byte of ordinary text at which a detector is
// refused when it is loaded: about two nanoseconds. Unlike time it is the same on every machine and however busy that is.
const maxWork = 2.0

// Dear returns those of detectors that cost too much on text.
func Dear(detectors []rules.Detector, text []byte) (out []Cost, err error) {
	for i := range detectors {
		s, err := New(detectors[i:i+1], traffic.Key{}, Options{})
		if err != nil {
			return nil, err
		}
		if work := s.workOn(text); work > maxWork {
			out = append(out, Cost{Detector: detectors[i].Name, Source: detectors[i].Source, Work: work})
		}
	}
	return out, nil
}

//go:embed ordinary.txt
var ordinary []byte

// Ordinary returns n bytes of ordinary text, the same each time: prose in several
// languages, code, JSON, a log and a table.
func Ordinary(n int) []byte {
	out := make([]byte, 0, n+len(ordinary))
	for len(out) < n {
		out = append(out, ordinary...)
	}
	return out[:n]
}
