package dlp

import (
	"bytes"

	"github.com/gnomon-proxy/gnomon/rules"
)

const (
	maxWithin   = 200 // bytes before a match in which a context word may stand
	afterWithin = 48  // and after it, where forms put the unit or the kind
	against     = 24  // bytes before it in which a word says that it is something else
)

// contextIndex holds the context words of all detectors by their first bytes, so
// that one reading of a text finds them all.
type contextIndex struct {
	pairs [1 << 10]uint64          // is there a word with these first two bytes
	first [1 << contextBits]uint16 // the first word of a hash, plus one; 0: there is none
	keys  []contextKey             // by word: most words of a text are told to be none by these
	words []contextWord
	ids   map[string]uint16
}

// contextKey is what a word is looked up by.
type contextKey struct {
	key  uint32
	next uint16 // the next word of that hash, plus one; 0: there is none
}

// contextWord is a word and the detectors, by order, that ask for it.
type contextWord struct {
	text    string
	within  int // the farthest that one of them asks for
	raises  orders
	against orders
	denies  orders
}

// orders is a set of detectors: of 64 each, those that it has, by their order.
type orders []struct {
	at   uint16 // the order of the first of the 64, divided by 64
	bits uint64
}

// add adds the detectors in their order.
func (o *orders) add(order int) {
	at := uint16(order >> 6)
	if n := len(*o); n == 0 || (*o)[n-1].at != at {
		*o = append(*o, orders{{at: at}}...)
	}
	(*o)[len(*o)-1].bits |= 1 << (order & 63)
}

func (o orders) has(order int) bool {
	for i := range o {
		if int(o[i].at) == order>>6 {
			return o[i].bits>>(order&63)&1 != 0
		}
	}
	return false
}

func newContextIndex() *contextIndex { return &contextIndex{ids: make(map[string]uint16)} }

// add enters the words of d.
func (x *contextIndex) add(d *detector, words, not, never []string) {
	for _, w := range words {
		c := x.word(w)
		c.raises.add(d.order)
		c.within = max(c.within, d.within)
	}
	for _, w := range not {
		c := x.word(w)
		c.against.add(d.order)
		c.within = max(c.within, d.opposing())
	}
	for _, w := range never {
		c := x.word(w)
		c.denies.add(d.order)
		c.within = max(c.within, d.within)
	}
}

func (x *contextIndex) word(text string) *contextWord {
	id, ok := x.ids[text]
	if !ok {
		id = uint16(len(x.words))
		x.ids[text] = id
		k := key([]byte(text))
		x.words, x.keys = append(x.words, contextWord{text: text}), append(x.keys, contextKey{key: k})
		last := &x.first[contextHash(k)]
		for *last != 0 {
			last = &x.keys[*last-1].next
		}
		*last = id + 1
		p := pair(text[0], text[1])
		x.pairs[p>>6] |= 1 << (p & 63)
	}
	return &x.words[id]
}

// key returns what a text is looked up by: its first four bytes, or all of a
// shorter word.
func key(s []byte) (k uint32) {
	if len(s) >= 4 {
		return uint32(fold(s[0])) | uint32(fold(s[1]))<<8 | uint32(fold(s[2]))<<16 | uint32(fold(s[3]))<<24
	}
	for i := range s {
		if !isAlpha(s[i]) {
			break // "ss#" is looked up by its letters
		}
		k |= uint32(fold(s[i])) << (8 * i)
	}
	return k
}

// pair returns the index of two bytes, folded, in a set of pairs.
func pair(a, b byte) int { return int(a|0x20)<<8 | int(b|0x20) }

const contextBits = 13

func contextHash(k uint32) uint32 { return k * headFactor >> (32 - contextBits) }

// seen is a context word in the text.
type seen struct {
	start, end int32
	word       uint16
}

// surroundings are the context words around the place that the scan has come to:
// all that start in text[from:upto]. The name of the part stands before its
// start.
type surroundings struct {
	from, upto int
	n          int
	seen       [64]seen
	name       string
}

// cover reads on until all words that start in text[lo:hi] are known, and
// returns how many bytes it read.
func (s *surroundings) cover(x *contextIndex, text []byte, lo, hi int) (work int) {
	lo, hi = max(lo, 0), min(hi, len(text))
	if s.upto == 0 || lo < s.from || lo > s.upto {
		s.from, s.upto, s.n = lo, lo, 0
		if lo == 0 && s.name != "" {
			s.read(x, []byte(s.name), 0, len(s.name))
			for i := range s.n {
				s.seen[i].start, s.seen[i].end = 0, 0
			}
		}
	}
	if hi <= s.upto {
		return 0
	}
	work = hi - s.upto
	at := s.upto
	s.upto = hi
	s.read(x, text, at, hi)
	return work
}

// read notes the words that start in text[i:hi].
func (s *surroundings) read(x *contextIndex, text []byte, i, hi int) {
	last := otherByte
	if i > 0 {
		last = kinds[text[i-1]]
	}
	hi = min(hi, len(text)-1)
	for ; i < hi; i++ {
		kind := kinds[text[i]]
		// "customerSsn" is two words, scripts without blanks are nothing but starts
		starts := kind != otherByte && (kind == leadByte || last == otherByte || last == lowerByte && kind == upperByte)
		last = kind
		if !starts {
			continue
		}
		if p := pair(text[i], text[i+1]); x.pairs[p>>6]>>(p&63)&1 != 0 {
			s.look(x, text, i)
		}
	}
}

// The kinds of bytes that tell where words start.
const (
	otherByte = uint8(iota)
	lowerByte
	upperByte
	leadByte  // of a letter of another script
	digitByte // (told by random only)
)

var kinds = func() (t [256]uint8) {
	for c := range t {
		switch {
		case isLower(byte(c)):
			t[c] = lowerByte
		case isUpper(byte(c)):
			t[c] = upperByte
		case c >= 0xc0:
			t[c] = leadByte
		}
	}
	return t
}()

// look notes the words that start at i.
func (s *surroundings) look(x *contextIndex, text []byte, i int) {
	rest := text[i:min(len(text), i+64)]
	if len(rest) >= 4 {
		s.match(x, key(rest), rest, i)
	}
	n := 0
	for n < len(rest) && n < 4 && isAlpha(rest[n]) && (n == 0 || !isUpper(rest[n]) || isUpper(rest[n-1])) {
		n++
	}
	if n > 0 && n < 4 {
		s.match(x, key(rest[:n]), rest, i)
	}
}

func (s *surroundings) match(x *contextIndex, k uint32, rest []byte, i int) {
	for id := x.first[contextHash(k)]; id != 0; {
		at := &x.keys[id-1]
		if at.key == k {
			if w := x.words[id-1].text; isWordAt(rest, w) {
				s.note(seen{int32(i), int32(i + len(w)), id - 1})
			}
		}
		id = at.next
	}
}

func (s *surroundings) note(w seen) {
	if s.n == len(s.seen) { // keep the nearer half
		half := len(s.seen) / 2
		s.from = int(s.seen[half-1].start) + 1
		s.n = copy(s.seen[:], s.seen[half:])
	}
	s.seen[s.n] = w
	s.n++
}

// isWordAt reports whether s starts with word, as a word of its own. A long word
// may go on ("passport" in "passports").
func isWordAt(s []byte, word string) bool {
	if len(s) < len(word) {
		return false
	}
	for k := range len(word) {
		if fold(s[k]) != word[k] {
			return false
		}
	}
	end := len(word)
	return end > 5 || end == len(s) || !isAlpha(s[end]) || !isAlpha(s[end-1]) || isUpper(s[end]) && isLower(s[end-1])
}

// context says what the words around text[i:j] make of a match of d there:
// whether one raises its confidence, else whether one is against it.
func (c *scan) context(d *detector, i, j int) (raised, opposed bool) {
	if d.anchor == rules.AnchorName {
		return c.nameContext(d, i, j)
	}
	if d.health {
		return c.healthContext(d, i, j)
	}
	c.work += c.near.cover(c.s.context, c.text, i-d.within, i)
	if c.near.upto < j {
		c.near.upto = j // the words of the value itself say nothing
	}
	c.work += c.near.cover(c.s.context, c.text, i-d.within, j+afterWithin)
	for k := c.near.n - 1; k >= 0; k-- {
		w := &c.near.seen[k]
		start, end := int(w.start), int(w.end)
		if start < i-d.within {
			break
		}
		before := end <= i && i-start <= d.within
		if !before && (start < j || start >= j+afterWithin) {
			continue
		}
		c.work++
		x := &c.s.context.words[w.word]
		if d.denied && x.denies.has(d.order) && !c.inOtherParagraph(start, end, i, j) {
			return false, true
		}
		if x.raises.has(d.order) {
			if d.anchor != rules.AnchorRandom && !d.denied {
				return true, false
			}
			raised = raised || before || d.denied
		}
		opposed = opposed || before && i-end <= d.opposing() && x.against.has(d.order)
	}
	if d.plain && !opposed {
		opposed = !c.inRunningText(i, j)
	}
	return raised && !opposed, opposed
}

// inOtherParagraph reports whether a blank line parts the word text[start:end] from text[i:j]: what is
// said there to be none is another thing.
func (c *scan) inOtherParagraph(start, end, i, j int) bool {
	between := c.text[min(end, i):i]
	if start >= j {
		between = c.text[j:start]
	}
	return bytes.Contains(between, []byte("\n\n")) || bytes.Contains(between, []byte("\n\r\n"))
}

// opposing returns how far before a match a word may stand to speak against it.
func (d *detector) opposing() int {
	if d.anchor == rules.AnchorRandom || d.anchor == rules.AnchorName {
		return d.within
	}
	return against
}

// containsFold reports whether s has the lower-case text sub in any letter case.
func containsFold(s []byte, sub string) bool { return indexFold(s, sub) >= 0 }

// indexFold returns where s has the lower-case text sub in any letter case, or -1.
func indexFold(s []byte, sub string) int {
	for i := 0; i+len(sub) <= len(s); i++ {
		k := 0
		for k < len(sub) && fold(s[i+k]) == sub[k] {
			k++
		}
		if k == len(sub) {
			return i
		}
	}
	return -1
}
