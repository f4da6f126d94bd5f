package dlp

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// detector is a rules.Detector made ready.
type detector struct {
	// What nearly each try looks at stands together.
	auto    *automaton
	order   int
	best    float64 // the highest of its confidences
	repeats bool    // what becomes of a match depends on its bytes alone: memory
	glued   bool    // a low line may join it to a word: "backup_ghp_..."
	health  bool    // the sentence says whether it is about a person: healthContext

	name   string
	class  traffic.Class
	anchor rules.Anchor

	at       int                   // bytes of a match before its keyword; 0: the pattern tells
	group    func() *regexp.Regexp // finds the value in a match; nil: all of it
	groupAt  int
	split    func() *split                         // finds it at less cost where there is but one; nil: it can't
	capture  func() *capture                       // finds it of several; nil: it can't, only group does
	validate func(value []byte) bool               // nil: anything
	cut      func(match []byte) int                // nil: the match is the value
	heads    func(text []byte) bool                // whether a match that its check accepts may start with text; nil: any may
	model    *sentenceModel                        // of sentences: tells those that match
	tag      wordTag                               // what the tagger must take words for
	near     bool                                  // the words around a match say what it is checked as: checkNear
	again    bool                                  // a match may end before its keyword stands again: beforeNext
	another  bool                                  // the words right beside it may say that it is another number: numbersElse
	listed   bool                                  // its values start with a word of a lexicon
	address  bool                                  // what stands around a match may belong to it: wholeAddress,
	shown    bool                                  // and must show that it is an address, or a word near it
	role     bool                                  // a word for somebody must stand before the name
	alone    bool                                  // a name of one word, which the words beside it tell
	reader   personReader                          // finds the name beside a keyword; nil: its anchor is another
	pay      bool                                  // the words around a match must say that somebody earns it: isPay
	figure   bool                                  // it is none in a sentence of statistics: isStatistic
	numbered numberedAs                            // what the words around a number must say that it is
	spoken   bool                                  // it is one of the words that an amount is written in: spokenAmount
	front    string                                // what must stand before it
	least    int                                   // digits that its check asks for, where the pattern asks for fewer
	inside   func(match []byte, from, to int) bool // nil: what stands around the value in the match does not matter
	plain    bool                                  // nothing but how it is written tells it: inRunningText
	banner   bool                                  // the match must stand in a line of its own
	mark     bool                                  // what is found is the mark around the match: checkMark
	entropy  float64
	stop     []string
	stops    wordStarts
	words    map[string]bool // whole words that are stops
	allow    []*automaton

	asks       bool // whether the words around a match matter
	denied     bool // and whether some of them matter more than those that raise
	within     int
	digits     int // of a number: the fewest that it has
	confidence float64
	separated  float64
	inContext  float64
	bare       float64 // of a value that is all of its text
}

const defaultWithin = 60

// newDetector compiles one detector. Its error does not name the place.
func newDetector(r *rules.Detector, order int) (*detector, error) {
	if r.Name == "" {
		return nil, errors.New("a detector needs a name")
	}
	if !slices.Contains(traffic.Classes(), r.Class) {
		return nil, fmt.Errorf("detector %s: unknown class %q", r.Name, r.Class)
	}
	d := &detector{
		name: r.Name, class: r.Class, order: order, anchor: r.Anchor, at: r.KeywordAt, banner: r.Banner, entropy: r.Entropy,
		within: r.Within, confidence: r.Confidence, separated: r.Separated, inContext: r.InContext, bare: r.Bare,
	}
	d.best = max(d.confidence, d.separated, d.inContext, d.bare)
	if d.within == 0 {
		d.within = defaultWithin
	}
	if d.within < 0 || d.within > maxWithin {
		return nil, fmt.Errorf("detector %s: context_within must be between 1 and %d", r.Name, maxWithin)
	}
	for _, c := range []float64{r.Confidence, r.Separated, r.InContext, r.Bare} {
		if c < 0 || c > 1 {
			return nil, fmt.Errorf("detector %s: a confidence must be between 0 and 1", r.Name)
		}
	}
	if r.Confidence == 0 && r.InContext == 0 {
		return nil, fmt.Errorf("detector %s: confidence and context_confidence are both missing", r.Name)
	}
	err := d.compilePattern(r)
	if err != nil {
		return nil, fmt.Errorf("detector %s: %w", r.Name, err)
	}
	if d.model, err = sentenceModelOf(r); err != nil {
		return nil, err
	}
	d.reader = personReaders[r.Validator]
	if (d.reader == nil) == (d.anchor == rules.AnchorPerson) {
		return nil, fmt.Errorf("detector %s: the anchor person goes with a validator that reads names, and only with these", r.Name)
	}
	if d.reader == nil && d.model == nil {
		d.validate, err = newValidator(r.Validator)
	}
	if err != nil {
		return nil, fmt.Errorf("detector %s: %w", r.Name, err)
	}
	d.cut, d.inside, d.heads = cutters[r.Validator], insiders[r.Validator], headers[r.Validator]
	d.again = r.Class == traffic.ClassSecret && strings.Contains(r.Pattern, "(?P<value>")
	d.another = elseChecks[r.Validator]
	d.near, d.role = r.Validator == checkNear, r.Validator == checkRole
	d.alone = r.Validator == checkAlone
	if d.tag = tagChecks[r.Validator]; (d.tag == tagNone) == (d.anchor == rules.AnchorTagged) {
		return nil, fmt.Errorf("detector %s: the anchor tagged goes with the validators tagged_name, tagged_health, tagged_secret and tagged_device, and only with these", r.Name)
	}
	d.mark = r.Validator == checkMark
	d.figure = r.Validator == checkPayFigure
	d.plain = r.Validator == checkPlainPair
	d.spoken = r.Validator == checkPaySpoken
	d.numbered = numberedChecks[r.Validator]
	d.pay = r.Validator == checkPay || d.spoken
	d.health = healthChecks[r.Validator]
	d.listed = r.Validator == checkHealth
	d.front = addressFronts[r.Validator]
	d.shown = r.Validator == checkAddressShown || d.front != ""
	d.address = r.Validator == checkAddress || d.shown
	if r.Validator == checkNear || r.Validator == checkPhone {
		d.least = leastPhone
	}
	d.glued = gluedClass(r)
	d.auto.glued = d.glued && !d.auto.endsIn('_')
	for _, p := range r.Allow {
		a, err := compilePattern(p)
		if err != nil {
			return nil, fmt.Errorf("detector %s: allow: %w", r.Name, err)
		}
		d.allow = append(d.allow, a)
	}
	for _, w := range r.Stop {
		d.stop = append(d.stop, strings.ToLower(w))
		d.stops.add(d.stop[len(d.stop)-1])
	}
	if len(r.StopWords) > 0 {
		d.words = make(map[string]bool, len(r.StopWords))
	}
	for _, w := range r.StopWords {
		d.words[lower(w)] = true
	}
	d.asks = len(r.Context)+len(r.Against)+len(r.Unless) > 0
	d.denied = len(r.Unless) > 0
	d.repeats = !d.banner && !d.mark && d.auto.rest == 0 && d.auto.exits == nil
	return d, nil
}

// surely is the confidence of what its own bytes tell for sure, such as the prefix of
// a vendor.
const surely = 0.9

// gluedClass reports whether names in code are rather a word and such a value than
// one word: keys of vendors, and numbers with a checksum.
func gluedClass(r *rules.Detector) bool {
	switch r.Class {
	case traffic.ClassSecret:
		return r.Anchor == "" && r.Confidence >= surely
	case traffic.ClassPaymentCard, traffic.ClassBankAccount, traffic.ClassNationalID:
		return r.Anchor == rules.AnchorNumber && r.Validator != ""
	}
	return false
}

// contextWords returns words in lower case, or says which is none.
func contextWords(name string, words []string) ([]string, error) {
	var out []string
	for _, w := range words {
		if len(w) < 2 || !isAlpha(w[0]) && w[0] < 0xc0 {
			return nil, fmt.Errorf("detector %s: context word %q: give two bytes or more, of which the first is a letter", name, w)
		}
		out = append(out, lower(w))
	}
	return out, nil
}

func (d *detector) compilePattern(r *rules.Detector) error {
	re, err := syntax.Parse(r.Pattern, syntax.Perl)
	if err != nil {
		return fmt.Errorf("pattern: %w", err)
	}
	if err := checkGroup(re); err != nil {
		return fmt.Errorf("pattern: %w", err)
	}
	if d.auto, err = compile(re); err != nil {
		return fmt.Errorf("pattern: %w", err)
	}
	if re.MaxCap() == 0 {
		return nil
	}
	d.group = sync.OnceValue(func() *regexp.Regexp { // few are ever needed
		re, _ := regexp.Compile(`\A(?:` + r.Pattern + `)\z`)
		return re
	})
	d.groupAt = 1
	d.split = sync.OnceValue(func() *split { return newSplit(r.Pattern, d.groupAt) })
	d.capture = sync.OnceValue(func() *capture {
		var c *capture
		if re, err := syntax.Parse(r.Pattern, syntax.Perl); err == nil { // compile has changed the other
			c, _ = newCapture(re, d.groupAt) // nil: the expression does it
		}
		return c
	})
	return nil
}

// checkGroup reports why the value of some match of re could not be told: it has
// one group, through which each match goes, or none.
func checkGroup(re *syntax.Regexp) error {
	switch n := re.MaxCap(); {
	case n > 1:
		return fmt.Errorf("%d groups, of which only one can be the value: write the others as (?:...), and alternatives with a value each as a detector each", n)
	case n == 1 && !alwaysGroup(re):
		return errors.New("there are matches without the group, which would be found by nobody: let each alternative go through the group, or make two detectors of it")
	}
	return nil
}

// alwaysGroup reports whether each match of re goes through a group.
func alwaysGroup(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpCapture:
		return true
	case syntax.OpConcat:
		return slices.ContainsFunc(re.Sub, alwaysGroup)
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !alwaysGroup(sub) })
	case syntax.OpPlus:
		return alwaysGroup(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min > 0 && alwaysGroup(re.Sub[0])
	}
	return false
}

// keywords returns the keywords of r in lower case: those of the rule, or the
// literal that its pattern starts with.
func keywords(r *rules.Detector) ([]string, error) {
	switch r.Anchor {
	case rules.AnchorNumber, rules.AnchorToken, rules.AnchorDotted, rules.AnchorRandom, rules.AnchorName, rules.AnchorCode, rules.AnchorAmount, rules.AnchorNumbered, rules.AnchorSentence, rules.AnchorTagged:
		if len(r.Keywords) > 0 {
			return nil, fmt.Errorf("detector %s: a %s has no keywords: use context", r.Name, r.Anchor)
		}
		return nil, nil
	}
	words := r.Keywords
	switch {
	case r.Anchor == rules.AnchorTold:
		words = slices.Concat(words, toldWords().heads)
	case len(words) > 0:
	case r.Validator == checkHealth:
		words = healthWords().spellings()
	case r.Validator == checkMark:
		words = markKeywords()
	}
	if r.Validator == checkHealthTold && len(words) == 0 {
		words = healthFrames().spellings()
	}
	if len(words) == 0 {
		prefix, err := literalPrefix(r.Pattern)
		if err != nil {
			return nil, fmt.Errorf("detector %s: pattern: %w", r.Name, err)
		}
		if len(prefix) < 3 && !isRare(prefix) {
			return nil, fmt.Errorf("detector %s: give keywords: the pattern starts with no literal of 3 bytes or more (^, $ and \\b are left out: the neighbours of a match are always checked)", r.Name)
		}
		words = []string{prefix}
	}
	var out []string
	for _, w := range words {
		if len(w) < 3 && !isRare(w) || len(w) > maxKeyword {
			return nil, fmt.Errorf("detector %s: keyword %q: give keywords of 3 to %d bytes (one may be \"@\" or \"~\" alone)", r.Name, w, maxKeyword)
		}
		out = append(out, lower(w))
		if upper := capital(w); (r.Anchor == rules.AnchorLabel || r.Anchor == rules.AnchorTold) && upper != w && !slices.Contains(words, upper) {
			out = append(out, lower(upper))
		}
	}
	return out, nil
}

// capital returns w with a capital in front where that is no letter of ASCII,
// whose case the search does not see: a label starts sentences and lines.
func capital(w string) string {
	r, n := utf8.DecodeRuneInString(w)
	if r < utf8.RuneSelf {
		return w
	}
	return string(unicode.ToUpper(r)) + w[n:]
}

// literalPrefix returns the text that each match of pattern starts with.
func literalPrefix(pattern string) (string, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", err
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return "", err
	}
	prefix, _ := prog.Prefix()
	return prefix, nil
}

const maxKeyword = 64

// isRare tells the keywords of one byte: bytes rare enough to be looked for one
// by one.
func isRare(w string) bool { return w == "@" || w == "~" }

// value returns the place of the finding in the match text[i:j]; old is what was
// found in others.
func (d *detector) value(text []byte, i, j int, old *groupings, work *int) (int, int, bool) {
	if d.cut != nil {
		j = i + d.cut(text[i:j])
		if j == i || j < len(text) && isWord[text[j-1]] && isWord[text[j]] && !(d.glued && text[j] == '_') {
			return 0, 0, false
		}
	}
	if d.banner && !alone(text, i, j) {
		return 0, 0, false
	}
	if d.mark {
		return markAt(text, i, work)
	}
	if d.group == nil {
		return i, j, true
	}
	from, to, ok := d.groupIn(text, i, j, old, work)
	return i + from, i + to, ok && (d.inside == nil || d.inside(text[i:j], from, to))
}

// cost is the work of judging a value of n bytes.
func (d *detector) cost(n int) int {
	work := n
	if d.entropy > 0 {
		work += n + workTry
	}
	if len(d.stop) > 0 {
		work += n
	}
	return work
}

// accepts reports whether value passes all that is asked of it.
func (d *detector) accepts(value []byte) bool {
	if d.validate != nil && !d.validate(value) {
		return false
	}
	if d.entropy > 0 && entropy(value) < d.entropy {
		return false
	}
	if len(d.stop) > 0 && d.stops.in(value, d.stop) {
		return false
	}
	if d.words != nil && hasStopWord(value, d.words) {
		return false
	}
	for _, a := range d.allow {
		if a.whole(value) {
			return false
		}
	}
	return true
}

// lower folds ASCII letters only, as texts are folded: a context word of another
// script is listed in each letter case that occurs.
func lower(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = fold(b[i])
	}
	return string(b)
}

// hasStopWord reports whether a word of value is one of words.
func hasStopWord(value []byte, words map[string]bool) bool {
	var buf [longestStopWord + utf8.UTFMax]byte
	for i := 0; i < len(value); {
		from := i
		for i < len(value) && (isAlpha(value[i]) || value[i] >= utf8.RuneSelf) {
			i++
		}
		if from < i && i-from <= longestStopWord && words[string(buf[:lowerInto(buf[:], value[from:i])])] {
			return true
		}
		for i < len(value) && !isAlpha(value[i]) && value[i] < utf8.RuneSelf {
			i++
		}
	}
	return false
}

// longestStopWord is how many bytes a word of a detector's stop_words has at most.
const longestStopWord = 40
