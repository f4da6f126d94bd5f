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
	key      traffic.Key
	min      float64
	filter   *filter
	rare     []rareByte
	numbers  *numberIndex
	context  *contextIndex
	tokens   tokenIndex
	random   []*detector        // tried at runs of base64 of the length of a key
	dotted   []*detector        // tried at runs of base64 with a dot behind them
	names    []*detector        // tried at words with capitals
	code     []*detector        // tried at runs of lines of code
	amounts  []*detector        // tried at amounts of money
	numbered []*detector        // tried at numbers by the words around them
	tagged   [allTags]*detector // by what they find
	orders   []*detector        // of sentences
	checked  []*detector        // of numbers with a check: of cards, accounts and persons
	gates    int                // what sentences are looked at for, as bits

	dump     *detector   // of statements of SQL about people
	assigned []valueName // values that are assigned to a name
	edm      []*EDM
	prints   []*Fingerprints
	sources  []rules.Detector // as given to New
	extract  func([]byte, int) []byte
	allow    *allowance // nil: nothing is allowed
	spaces   *sync.Pool // of *workspace
	scans    *sync.Pool // of *scan
	flates   *sync.Pool // of readers of deflate
	memos    *sync.Pool // of *memo
	taggings *sync.Pool // of *tagged
	pays     *sync.Pool // of *paySurroundings
	tags     *sentenceMemory
}

// valueName is a name and a detector of what is assigned to it.
type valueName struct {
	keyword string
	d       *detector
}

// rareByte is a keyword of one byte.
type rareByte struct {
	b     byte
	tries []*try
}

// New compiles detectors, or says of each that is wrong where and why. Values
// are fingerprinted under key.
func New(detectors []rules.Detector, key traffic.Key, opts Options) (*Scanner, error) {
	s := &Scanner{key: key, min: opts.MinConfidence, context: newContextIndex(), extract: opts.Extract, sources: detectors, edm: opts.EDM, prints: opts.Fingerprints, spaces: new(sync.Pool), scans: new(sync.Pool), flates: new(sync.Pool), memos: new(sync.Pool), taggings: new(sync.Pool), pays: new(sync.Pool), tags: newSentenceMemory()}
	if s.min == 0 {
		s.min = DefaultMinConfidence
	}
	s.numbers = newNumberIndex(len(detectors), s.min)
	byWord := make(map[string]*keyword)
	var errs []error
	for i, c := range compileAll(detectors) {
		if c.err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", detectors[i].Source, c.err))
			continue
		}
		s.add(c, byWord)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	s.findDump(byWord)
	addSigns(byWord)
	s.filter = newFilter(byWord)
	var err error
	s.allow, err = newAllowance(opts.Allow, s, opts.Now)
	return s, err
}

func (s *Scanner) add(c compiled, byWord map[string]*keyword) {
	d := c.d
	s.context.add(d, c.context, c.against, c.unless)
	switch d.anchor {
	case rules.AnchorNumber:
		s.numbers.add(d)
	case rules.AnchorToken:
		s.tokens.detectors = append(s.tokens.detectors, d)
	case rules.AnchorRandom:
		s.random = append(s.random, d)
	case rules.AnchorDotted:
		s.dotted = append(s.dotted, d)
	case rules.AnchorName:
		s.names = append(s.names, d)
	case rules.AnchorCode:
		s.code = append(s.code, d)
	case rules.AnchorAmount:
		s.amounts = append(s.amounts, d)
	case rules.AnchorNumbered:
		s.numbered = append(s.numbered, d)
	case rules.AnchorSentence:
		s.orders = append(s.orders, d)
		s.gates |= openOrders
	case rules.AnchorTagged:
		s.tagged[d.tag] = d
		s.gates |= openTags
	}
	if isNumbered(d.class) && d.validate != nil && d.auto != nil && d.auto.fewestDigits() >= leastChecked {
		s.checked = append(s.checked, d)
	}
	for i, w := range c.words {
		t := c.tries[i]
		if t.kind == tryAssign {
			s.assigned = append(s.assigned, valueName{w, d})
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
		k.tries = append(k.tries, *t)
	}
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
