package dlp

import (
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// DefaultMinConfidence is the least confidence that is reported unless the
// options say otherwise.
const DefaultMinConfidence = 0.5

// Options are the settings of a Scanner.
type Options struct {
	MinConfidence float64 // least confidence that is reported; 0: DefaultMinConfidence, negative: everything
}

// Scanner finds what its detectors describe. It is immutable and safe for
// concurrent use; it implements traffic.Scanner.
type Scanner struct {
	key traffic.Key
	min float64
}

// New compiles detectors, or says of each that is wrong where and why. Values
// are fingerprinted under key.
func New(detectors []rules.Detector, key traffic.Key, opts Options) (*Scanner, error) {
	return &Scanner{key: key, min: opts.MinConfidence}, nil
}

// Scan returns the findings in the text parts of p, by part and place. Images
// and audio are left alone.
func (s *Scanner) Scan(p *traffic.Prompt) []traffic.Finding { return nil }

// ScanText appends the hits in text to dst, ordered and without overlaps.
func (s *Scanner) ScanText(text []byte, dst []Hit) []Hit { return dst }

// Check runs the examples of each detector and says of each that fails where
// and why.
func Check(detectors []rules.Detector) []error { return nil }
