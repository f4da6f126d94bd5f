package dlp

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A gate tells which sentences of a text are worth a closer look: those that may be orders,
// and those with words that may be tagged. All of a text passes it, so it knows little and
// costs little: it adds up what each word tells by itself. What that is worth was learned from
// sentences (TestTrainGate).
type gate struct {
	worth [1 << gateBits][2]int8 // of a fact, in its place: for tags, and for orders
	least gateSums               // which open it
}

// gateSums are what the facts of a sentence are worth: for tags, and for orders.
type gateSums [2]int32

// What a gate is open to, as bits.
const (
	openTags = 1 << iota
	openOrders
)

const (
	gateBits  = 16
	gateFacts = 4 // of a word are known
)

// gate.bin is what was learned: the sums that open the gate, in 32 bits, then two bytes for
// each place.
//
//go:embed gate.bin
var gateWeights string

var theGate = sync.OnceValue(func() *gate { return newGate(gateWeights) })

// newGate reads what was learned. Without it the gate stays shut.
func newGate(learned string) *gate {
	g := &gate{least: gateSums{1, 1}}
	data := []byte(learned)
	if len(data) != 8+2*len(g.worth) {
		return g
	}
	for k := range g.least {
		g.least[k] = int32(binary.LittleEndian.Uint32(data[4*k:]))
	}
	for i := range g.worth {
		g.worth[i] = [2]int8{int8(data[8+2*i]), int8(data[9+2*i])}
	}
	return g
}

// add adds what facts are worth.
func (g *gate) add(s gateSums, facts []uint16) gateSums {
	for _, at := range facts {
		w := g.worth[at]
		s[0] += int32(w[0])
		s[1] += int32(w[1])
	}
	return s
}

// open returns what the gate is open to by sums.
func (g *gate) open(s gateSums) (to int) {
	if s[0] >= g.least[0] {
		to = openTags
	}
	if s[1] >= g.least[1] {
		to |= openOrders
	}
	return to
}

// The kinds of characters, above the 16 bits of their small letters.
const (
	gateLower = 0x10000 << iota
	gateUpper
	gateDigit
	gateLone // of a script without blanks
	gateWide // a byte of a longer character
	gateStop // may end a sentence

	gateAlnum = gateLower | gateUpper | gateDigit
)

var gateBytes = func() (kinds [256]uint32) {
	for i := range kinds {
		switch c := byte(i); {
		case c >= utf8.RuneSelf:
			kinds[i] = gateWide
		case isLower(c):
			kinds[i] = gateLower | uint32(c)
		case isUpper(c):
			kinds[i] = gateUpper | uint32(fold(c))
		case isDigit(c):
			kinds[i] = gateDigit | '0'
		case mayEnd[c]:
			kinds[i] = gateStop
		}
	}
	kinds['\\'] = gateStop // with an n behind it
	return kinds
}()

// wideKinds are the kinds of the characters before most of those of East Asia.
var wideKinds = sync.OnceValue(func() *[0x3100]uint32 {
	kinds := new([0x3100]uint32)
	for i := range kinds {
		kinds[i] = kindOf(rune(i))
	}
	return kinds
})

// kindOf returns the kind of a character, zero for what is no letter.
func kindOf(r rune) uint32 {
	switch {
	case unicode.IsUpper(r):
		return gateUpper | uint32(unicode.ToLower(r))&0xffff
	case isUnspaced(r):
		return gateLone | uint32(r)&0xffff
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return gateLower | uint32(r)&0xffff
	case unicode.IsDigit(r):
		return gateDigit | '0'
	}
	return 0
}

// wideKind returns the kind of the character at the start of text and how many bytes it has.
func wideKind(text []byte) (kind uint32, size int) {
	r, size := utf8.DecodeRune(text)
	kinds := wideKinds()
	switch {
	case int(r) < len(kinds):
		return kinds[r], size
	case '一' <= r && r <= '鿿' || 'ぁ' <= r && r <= 'ゖ' || 'ァ' <= r && r <= 'ヺ': // most of those without blanks
		return gateLone | uint32(r), size
	case '가' <= r && r <= '힣':
		return gateLower | uint32(r), size
	case r == utf8.RuneError || r == '\ufeff':
		return 0, size
	}
	return kindOf(r), size
}

// gateReader reads texts, a sentence after the other.
type gateReader struct {
	gate   *gate                  // adds up what the words are worth; nil: all is kept
	sums   gateSums               // of the sentence that was read, or of its last string,
	opened int                    // what it opens the gate to,
	kept   []uint16               // or all facts of its words
	facts  [64 * gateFacts]uint16 // of words, as the places of their hashes
	n      int
	last   uint64 // letter of a script without blanks
}

// read reads the sentence that starts at text[i], and of one that is longer than maxSentence
// its start, and returns where it ends.
func (r *gateReader) read(text []byte, i int) (end int) {
	r.n, r.last, r.sums, r.opened, r.kept = 0, 0, gateSums{}, 0, r.kept[:0]
	begin, most, ends := i, min(len(text), i+maxSentence), false
	for i < most && !ends {
		at, noted := i, r.n
		switch kind := gateBytes[text[i]]; {
		case kind&gateAlnum != 0:
			i = r.word(text, i)
		case kind == 0:
			if text[i] == '"' {
				r.border()
			}
			i++
		case kind&gateWide != 0:
			i, ends = r.wide(text, i)
		default:
			if text[i] == '\\' && i+1 < len(text) && isEscape[text[i+1]] {
				i++
			}
			i++
			ends = endsAt(text, i-1, len(text))
		}
		if i > most && at > begin && r.n > noted {
			i, r.n = at, noted // a word belongs to the next piece as a whole
			break
		}
		if r.n+gateFacts > len(r.facts) {
			r.add()
		}
	}
	r.border()
	return i
}

// border ends a string: names of fields and other strings tell nothing of what stands in the next.
func (r *gateReader) border() {
	r.add()
	if r.gate != nil {
		r.opened |= r.gate.open(r.sums)
		r.sums = gateSums{}
	}
}

// add adds up the facts that were noted.
func (r *gateReader) add() {
	if r.gate == nil {
		r.kept = append(r.kept, r.facts[:r.n]...)
	} else {
		r.sums = r.gate.add(r.sums, r.facts[:r.n])
	}
	r.n = 0
}

// wide reads what starts with a character of several bytes, and reports whether a sentence
// ends with it.
func (r *gateReader) wide(text []byte, i int) (next int, ends bool) {
	kind, size := wideKind(text[i:])
	switch {
	case kind&gateLone != 0:
		r.lone(uint64(kind))
		return i + size, false
	case kind != 0:
		return r.word(text, i), false
	}
	i += size
	return i, mayEnd[text[i-1]] && endsAt(text, i-1, len(text))
}

// word notes the facts of the word at text[i], and returns where it ends.
func (r *gateReader) word(text []byte, i int) int {
	var word, stem uint64 // its latest letters, and the first four
	letters, kinds, first := 0, uint32(0), uint32(0)
	most := min(len(text), i+maxSentence)
scan:
	for i < most {
		kind := gateBytes[text[i]]
		switch {
		case kind&gateAlnum != 0:
			word = word<<8 | uint64(kind&0xff)
			i++
		case kind&gateWide != 0:
			wide, size := wideKind(text[i:])
			if wide&gateAlnum == 0 {
				break scan
			}
			kind, word = wide, word<<16|uint64(wide&0xffff)
			i += size
		default:
			break scan
		}
		kinds |= kind
		switch letters++; letters {
		case 1:
			first = kind
		case tagStem:
			stem = word
		}
	}
	if letters < tagStem {
		stem = word
	}
	shape := kinds>>16&7 | first>>14&8 | uint32(min(letters, mostGateLetters))<<4 // the first is a capital: gateUpper becomes 8
	if i < len(text) && text[i] < utf8.RuneSelf {
		shape |= uint32(text[i]) << 8
	}
	whole := word ^ stem*gateFactor
	r.note(whole, stem, word&0xffffff, uint64(shape))
	return i
}

// mostGateLetters is from where on all words are long.
const mostGateLetters = 10

// lone notes the facts of a letter of a script without blanks.
func (r *gateReader) lone(letter uint64) {
	r.note(letter, letter^r.last<<24, letter>>4, 0)
	r.last = letter
}

// note notes facts of a word: hashes of all of it, of its start and its end, and its shape.
func (r *gateReader) note(whole, stem, end, shape uint64) {
	f := r.facts[r.n : r.n+gateFacts : r.n+gateFacts]
	f[0] = gatePlace(whole, 0)
	f[1] = gatePlace(stem, 1)
	f[2] = gatePlace(end, 2)
	f[3] = gatePlace(shape, 3)
	r.n += gateFacts
}

const gateFactor = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio

// gatePlace returns the place of the nth fact of a word.
func gatePlace(hash uint64, n uint64) uint16 {
	return uint16((hash + n<<56) * gateFactor >> (64 - gateBits))
}

// sentences passes the text through the gate, and looks at the sentences that it is open to.
// Letters that stand in another order, or for others, make words of no language: nothing is
// tagged there.
func (c *scan) sentences() {
	asked := c.s.gates
	if c.scrambled {
		asked &^= openTags
	}
	if asked == 0 {
		return
	}
	r := gateReader{gate: theGate()}
	for i := 0; i < len(c.text); {
		end := r.read(c.text, i)
		if to := r.opened & asked; to != 0 {
			c.passed(i, end, to)
		}
		i = end
	}
}

// passed looks at the sentence text[i:j], to which the gate is open.
func (c *scan) passed(i, j, to int) {
	s := bytes.TrimLeft(c.text[i:j], betweenSentences)
	i = j - len(s)
	j = i + len(bytes.TrimSpace(s))
	if to&openTags != 0 && hasWords(c.text[i:j]) {
		c.tagged(i, j)
	}
	if to&openOrders != 0 {
		for _, d := range c.s.orders {
			c.sentence(d, i, j)
		}
	}
}

// hasWords reports whether there is more than one word in a sentence, as far as blanks and
// letters beyond ASCII tell: nothing stands beside a single one that tells what it is.
func hasWords(sentence []byte) bool {
	return bytes.IndexByte(sentence, ' ') > 0 || nextWide(sentence, 0) < len(sentence)
}
