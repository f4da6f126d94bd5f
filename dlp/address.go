package dlp

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// addressparts.txt is what belongs to an address beside its street and number: one
// automaton for all would have too many states, and each language would need it.
//
//go:embed addressparts.txt
var addressPartFile string

// Checks of addresses: of a street, of what is one only where a postcode, a town or
// a word near it says so, and of ends that are one only with what stands before
// them: a postcode behind a street, of any or of a known kind, a kind of street
// behind its name, a street with a number on either side.
const (
	checkAddress         = "address"
	checkAddressShown    = "address_shown"
	checkAddressPostcode = "address_postcode"
	checkAddressTown     = "address_town"
	checkAddressPlace    = "address_place"
	checkAddressNamed    = "address_named"
	checkAddressNumbered = "address_numbered"
)

// addressFronts says which parts must stand in front, by check.
var addressFronts = map[string]string{
	checkAddressPostcode: "street", checkAddressTown: "way", checkAddressPlace: "place", checkAddressNamed: "name", checkAddressNumbered: "number",
}

// addressPart is one pattern of what stands before or behind a street.
type addressPart struct {
	auto  *automaton
	shows bool // that it is an address
}

type addressParts struct {
	before, after []addressPart
	fronts        map[string][]addressPart // streets, by kind
}

// partsOfAddresses is read when the first address is met.
var partsOfAddresses = sync.OnceValue(func() *addressParts {
	p := &addressParts{fronts: make(map[string][]addressPart)}
	for line := range strings.Lines(addressPartFile) {
		kind, pattern, ok := addressPattern(line)
		if !ok {
			continue
		}
		auto, err := compilePattern(pattern)
		if err != nil {
			continue // a test holds that all compile
		}
		switch kind {
		case "after", "town":
			p.after = append(p.after, addressPart{auto, kind == "town"})
		case "before", "known":
			p.before = append(p.before, addressPart{auto, kind == "known"})
		default:
			p.fronts[kind] = append(p.fronts[kind], addressPart{auto, true})
		}
	}
	return p
})

// addressPattern returns the kind and the pattern of a line of the file, with
// the pieces that are named before it.
func addressPattern(line string) (kind, pattern string, ok bool) {
	kind, pattern, ok = strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	if !ok || kind == "#" || kind == "let" {
		return "", "", false
	}
	lets := addressPieces()
	for _, l := range slices.Backward(lets) { // a piece may name those above it
		pattern = strings.ReplaceAll(pattern, l[0], l[1])
	}
	return kind, pattern, true
}

var addressPieces = sync.OnceValue(func() (lets [][2]string) {
	for line := range strings.Lines(addressPartFile) {
		if rest, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "let "); ok {
			name, piece, _ := strings.Cut(rest, " ")
			lets = append(lets, [2]string{"{" + name + "}", piece})
		}
	}
	return lets
})

const (
	maxAddressParts = 6   // on either side
	maxAddressBack  = 72  // bytes in front that one part may have
	maxAddress      = 320 // bytes of all
)

// workPerAddress is what a list of addresses may cost for each beside other hits: what
// stands on both sides is read as many patterns.
const workPerAddress = 400

// wholeAddress returns the address around what d found in text[i:j], and whether
// what belongs to it shows that it is one.
func (c *scan) wholeAddress(d *detector, i, j int) (from, to int, shown bool) {
	parts := partsOfAddresses()
	from, to = c.wholeRunes(i, j)
	if d.front != "" {
		if from, shown = c.frontOf(d, parts.fronts[d.front], from, to); !shown {
			return from, to, false
		}
	}
	for range maxAddressParts {
		next := to
		for k := range parts.after {
			p := &parts.after[k]
			end, work := p.auto.match(c.text[:min(len(c.text), from+maxAddress)], to)
			c.work += work
			if end > next {
				next = end
			}
			shown = shown || end > 0 && p.shows
		}
		if next == to {
			break
		}
		to = next
	}
	for range maxAddressParts {
		at, shows := from, false
		if c.endsPart(from) {
			at, shows = c.beforeAddress(parts.before, from)
		}
		if at == from {
			break
		}
		from, shown = at, shown || shows
	}
	from, to = c.wholeRunes(c.ideographsBefore(from), to)
	return from, to, shown
}

// frontOf returns where what d asks for starts in front of text[i:j], and whether it
// is there. A number may also stand inside.
func (c *scan) frontOf(d *detector, parts []addressPart, i, j int) (at int, shown bool) {
	switch d.front {
	case "number":
		at, shown = c.beforeAddress(parts, i)
		return at, shown || slices.ContainsFunc(c.text[i:j], isDigit)
	case "name":
		return c.beforeAddress(parts, i)
	}
	for p := i - 2; p >= max(0, i-6); p-- { // the number of the house: most postcodes have none before them
		if isDigit(c.text[p]) {
			at, shown = c.beforeAddress(parts, i)
			return at, shown && !hasStopWord(c.text[at:i], d.words)
		}
	}
	return i, false
}

// endsPart reports whether what stands before i may be the end of a part of an address:
// a number, a mark or another script.
func (c *scan) endsPart(i int) bool {
	for i--; i > 0 && (c.text[i] == ' ' || c.text[i] == '\n' || c.text[i] == '+'); i-- {
	}
	return i > 0 && !isAlpha(c.text[i])
}

// beforeAddress returns where the part of an address starts that ends at i, or i.
func (c *scan) beforeAddress(parts []addressPart, i int) (at int, shows bool) {
	at = i
	if i == 0 || isAlnum(c.text[i-1]) {
		return i, false
	}
	for p := i - 1; p >= max(0, i-maxAddressBack); p-- {
		if !c.startsWord(p) {
			continue
		}
		for k := range parts {
			b := &parts[k]
			ok, work := b.auto.wholeSteps(c.text[p:i])
			if c.work += work; ok {
				at, shows = p, shows || b.shows
			}
		}
	}
	return at, shows
}

// startsWord reports whether a word, a number or a mark in front of one starts at p.
func (c *scan) startsWord(p int) bool {
	b := c.text[p]
	if !utf8.RuneStart(b) || b <= ' ' {
		return false
	}
	return p == 0 || !isWord[c.text[p-1]] && c.text[p-1] < 0x80
}

// maxIdeographs is how many characters the province and the town before a quarter may
// have: nothing parts them from it.
const maxIdeographs = 12

// ideographsBefore returns where the Chinese characters start that the one at i goes
// on from, or i.
func (c *scan) ideographsBefore(i int) int {
	if r, _ := utf8.DecodeRune(c.text[i:]); !unicode.Is(unicode.Han, r) {
		return i
	}
	for range maxIdeographs {
		r, n := utf8.DecodeLastRune(c.text[:i])
		if !unicode.Is(unicode.Han, r) {
			break
		}
		i -= n
	}
	return i
}

// wholeRunes widens text[i:j] to whole characters: patterns see bytes.
func (c *scan) wholeRunes(i, j int) (int, int) {
	for i > 0 && !utf8.RuneStart(c.text[i]) {
		i--
	}
	for j < len(c.text) && !utf8.RuneStart(c.text[j]) {
		j++
	}
	return i, j
}

// manyStarts reports whether an address is looked for whose keyword stands behind a
// name or a number: what comes before that may be taken for some of it.
func (t *try) manyStarts() bool { return t.d.address && t.kind == tryPattern && t.over != nil }

// anyStart returns the first match of t that starts at a word from at on and holds the
// keyword at i: what may stand before a street may also be words of the sentence.
func (c *scan) anyStart(t *try, at, i int) (from, end int) {
	for p := at; p <= i; p++ {
		if !c.startsWord(p) {
			continue
		}
		end, work := t.d.auto.match(c.text, p)
		c.work += work
		if end > i {
			return p, end
		}
	}
	return at, -1
}

// namesFirst reports whether d is an address that starts with a name, which may itself
// be a keyword: no kind of a street starts with an X.
func (d *detector) namesFirst() bool {
	return d.address && d.auto.next[d.auto.start()+uint16(d.auto.class['X'])] != 0
}

// street accepts what a pattern takes for a street.
func street([]byte) bool { return true }
