package dlp

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// DefaultMinConfidence is the least confidence that is reported unless the
// options say otherwise.
const DefaultMinConfidence = 0.5

// Options are the settings of a Scanner.
type Options struct {
	MinConfidence float64 // least confidence that is reported; 0: DefaultMinConfidence, negative: everything

	// Extract returns the text of a document that a text holds in base64, at
	// most so many bytes; nil: such documents are not looked into.
	Extract func(document []byte, most int) []byte

	EDM          []*EDM          // tables of customers and the like
	Fingerprints []*Fingerprints // of protected documents

	Allow []rules.Allow    // values that are no findings
	Now   func() time.Time // tells whether the lists still hold; nil: time.Now
}

// Scanner finds what its detectors describe. It is immutable and safe for
// concurrent use; it implements traffic.Scanner.
type Scanner struct {
	key     traffic.Key
	min     float64
	filter  *filter
	tries   []*try
	rare    []rareByte
	numbers *numberIndex
	context *contextIndex
	tokens  tokenIndex
	random  []*detector // tried at runs of base64 of the length of a key
	dotted  []*detector // tried at runs of base64 with a dot behind them

	assigned []*try // those of names to which a value is assigned
	edm      []*EDM
	prints   []*Fingerprints
	sources  []rules.Detector // as given to New
	extract  func([]byte, int) []byte
	allow    *allowance // nil: nothing is allowed
	spaces   *sync.Pool // of *workspace
	scans    *sync.Pool // of *scan
	flates   *sync.Pool // of readers of deflate
	memos    *sync.Pool // of *memo
}

// rareByte is a keyword of one byte.
type rareByte struct {
	b     byte
	tries []*try
}

// New compiles detectors, or says of each that is wrong where and why. Values
// are fingerprinted under key.
func New(detectors []rules.Detector, key traffic.Key, opts Options) (*Scanner, error) {
	s := &Scanner{key: key, min: opts.MinConfidence, context: newContextIndex(), extract: opts.Extract, sources: detectors, edm: opts.EDM, prints: opts.Fingerprints, spaces: new(sync.Pool), scans: new(sync.Pool), flates: new(sync.Pool), memos: new(sync.Pool)}
	if s.min == 0 {
		s.min = DefaultMinConfidence
	}
	s.numbers = newNumberIndex(len(detectors), s.min)
	byWord := make(map[string]*keyword)
	var errs []error
	for i := range detectors {
		if err := s.add(&detectors[i], i, byWord); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", detectors[i].Source, err))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	addSigns(byWord, s.tries)
	s.filter = newFilter(byWord)
	var err error
	s.allow, err = newAllowance(opts.Allow, s, opts.Now)
	return s, err
}

func (s *Scanner) add(r *rules.Detector, order int, byWord map[string]*keyword) error {
	words, err := keywords(r)
	if err != nil {
		return err
	}
	d, err := newDetector(r, order)
	if err != nil {
		return err
	}
	raising, err := contextWords(r.Name, r.Context)
	if err != nil {
		return err
	}
	not, err := contextWords(r.Name, r.Against)
	if err != nil {
		return err
	}
	s.context.add(d, raising, not)
	switch r.Anchor {
	case rules.AnchorNumber:
		s.numbers.add(d)
	case rules.AnchorToken:
		s.tokens.detectors = append(s.tokens.detectors, d)
	case rules.AnchorRandom:
		s.random = append(s.random, d)
	case rules.AnchorDotted:
		s.dotted = append(s.dotted, d)
	case rules.AnchorKeyword, rules.AnchorAssign, rules.AnchorColumn, rules.AnchorLabel:
	default:
		return fmt.Errorf("detector %s: unknown anchor %q", r.Name, r.Anchor)
	}
	for _, w := range words {
		t, err := newTry(d, w)
		if err != nil {
			return fmt.Errorf("detector %s: %w", r.Name, err)
		}
		if t.assign && !t.column {
			s.assigned = append(s.assigned, t)
		}
		if len(w) == 1 {
			s.addRare(w[0], t)
			continue
		}
		k := byWord[w]
		if k == nil {
			k = &keyword{}
			byWord[w] = k
		}
		k.detectors = append(k.detectors, uint16(len(s.tries)))
		s.tries = append(s.tries, t)
	}
	return nil
}

func (s *Scanner) addRare(b byte, t *try) {
	for i := range s.rare {
		if s.rare[i].b == b {
			s.rare[i].tries = append(s.rare[i].tries, t)
			return
		}
	}
	s.rare = append(s.rare, rareByte{b, []*try{t}})
}

// Print returns the keyed fingerprint of a value of class c. Numbers count
// without their separators, so that one number written in two ways has one
// fingerprint.
func (s *Scanner) Print(c traffic.Class, value []byte) string {
	return s.key.Hash(printKind, appendPlain(nil, c, value))
}
