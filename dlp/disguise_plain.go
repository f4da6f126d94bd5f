package dlp

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// plainer makes a view of a text in which each escape is the character that it
// stands for, each look-alike the plain letter or digit, and what can't be seen
// is gone.
type plainer struct {
	text   []byte
	quoted bool // "=41" is an escape: the text looks like quoted-printable
	wide   bool // nothing below 0x80 starts anything
	out    []byte
	m      mapping

	wordFrom, wordTo int  // the word that was looked at last,
	wordMixed        bool // and whether it has ASCII letters or digits
}

const maxEntity = 12 // bytes of an entity: "&zwnj;", "&#x1D7D8;"

// maxIsland bounds the part of a text that one view shows.
const maxIsland = 64 << 10

// plain looks at the text without its escapes and look-alikes, around each of
// them.
func (c *scan) plain() {
	w := c.workspace()
	defer c.release(w)
	p := plainer{text: c.text, quoted: isQuoted(c.text)}
	p.wide = c.signs&signMark == 0 && !p.quoted
	for i := 0; i < len(c.text); {
		at := p.next(i)
		if at == len(c.text) {
			return
		}
		p.out, p.m = w.out[:0], mapping{places: w.places[:0]}
		i = p.island(max(i-around, at-around, 0))
		w.out, w.places = p.out, p.m.places
		if p.m.ways != 0 {
			c.look(p.out, &p.m, 0)
		}
		if c.room <= 0 {
			return
		}
	}
}

// isQuoted tells quoted-printable text (RFC 2045, section 6.7) by its soft line
// breaks or the number of its escapes.
func isQuoted(text []byte) bool {
	n := 0
	for i := 0; n < 4; i++ {
		k := bytes.IndexByte(text[i:], '=')
		if k < 0 {
			return false
		}
		i += k
		if soft(text, i) > 0 {
			return true
		}
		if escaped(text, i) {
			n++
		}
	}
	return true
}

// next returns the place of the next thing to undo, from i.
func (p *plainer) next(i int) int {
	for ; i < len(p.text); i++ {
		if p.wide {
			if i = nextWide(p.text, i); i == len(p.text) {
				return i
			}
		} else if !special[p.text[i]] {
			continue
		}
		if c := p.text[i]; c >= 0x80 {
			if !utf8.RuneStart(c) {
				continue
			}
			r, n := utf8.DecodeRune(p.text[i:])
			if b, way, _ := plainOf(r); way == 0 || way == wayLetter && b == 0 && !p.mixed(i) {
				i += n - 1
				continue
			}
			return i
		} else if (c != '=' || p.quoted) && escaped(p.text, i) || c == '=' && p.quoted && soft(p.text, i) > 0 {
			return i
		} else if (c == '<' || c == '*' || c == '/') && tagInWord(p.text, i) || c == '+' && isShifted(p.text, i) {
			return i
		}
	}
	return i
}

// nextWide returns the place of the next byte beyond ASCII, from i.
func nextWide(text []byte, i int) int {
	for ; i <= len(text)-8; i += 8 {
		if x := binary.LittleEndian.Uint64(text[i:]) & high; x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for i < len(text) && text[i] < 0x80 {
		i++
	}
	return i
}

// special tells the bytes that may start something to undo.
var special = func() (t [256]bool) {
	for i := 0x80; i < 256; i++ {
		t[i] = true
	}
	for _, c := range []byte("%\\&=<*+/") {
		t[c] = true
	}
	return t
}()

// island undoes from i until nothing has been undone for a while, and returns
// where it ended.
func (p *plainer) island(i int) int {
	first, last := i, i+2*around
	p.m.add(0, i, 1, 0)
	plain := i // where the bytes that stay as they are begin
	flush := func(to int) {
		if to > plain {
			p.m.add(len(p.out), plain, 1, 0)
			p.out = append(p.out, p.text[plain:to]...)
		}
	}
	for i < len(p.text) && i < last && i < first+maxIsland {
		if !special[p.text[i]] {
			i++
			continue
		}
		flush(i)
		plain = i
		n := p.undo(i)
		if n == 0 {
			i++
			for i < len(p.text) && !utf8.RuneStart(p.text[i]) {
				i++
			}
			continue
		}
		i += n
		plain = i
		last = i + around
	}
	flush(i)
	p.m.add(len(p.out), i, 1, 0)
	p.m.end = i
	if i == first+maxIsland && i < len(p.text) {
		return i - maxIsland/8 // a value may lie across the border
	}
	return i
}

// emit notes that the n bytes at i stand for b.
func (p *plainer) emit(i, n int, way Way, b ...byte) int {
	if len(b) == 0 {
		p.m.add(len(p.out), i, 0, way)
		return n
	}
	scale := uint8(0)
	if len(b) == 1 {
		scale = uint8(n)
	}
	p.m.add(len(p.out), i, scale, way)
	p.out = append(p.out, b...)
	return n
}

// undo undoes what stands at i and returns its length, 0 if it is plain.
func (p *plainer) undo(i int) int {
	switch c := p.text[i]; {
	case c >= 0x80:
		return p.undoRune(i)
	case c == '%':
		return p.hexPair(i, wayPercent)
	case c == '=' && p.quoted:
		if n := soft(p.text, i); n > 0 {
			return p.emit(i, n, wayQuoted)
		}
		return p.hexPair(i, wayQuoted)
	case c == '&':
		return p.entity(i)
	case c == '\\':
		return p.escape(i)
	case c == '<', c == '*', c == '/' && tagInWord(p.text, i):
		return p.tag(i)
	case c == '+':
		return p.shift(i)
	}
	return 0
}

func (p *plainer) hexPair(i int, way Way) int {
	if i+2 >= len(p.text) {
		return 0
	}
	hi, lo := unhex[p.text[i+1]], unhex[p.text[i+2]]
	if hi > 15 || lo > 15 {
		return 0
	}
	return p.emit(i, 3, way, hi<<4|lo)
}

func (p *plainer) entity(i int) int {
	rest := p.text[i:min(len(p.text), i+maxEntity)]
	end := bytes.IndexByte(rest, ';')
	if end < 2 {
		return 0
	}
	if rest[1] != '#' {
		s, ok := entities[string(rest[1:end])]
		if !ok {
			return 0
		}
		return p.rune(i, end+1, wayEntity, s)
	}
	base, digits := 10, rest[2:end]
	if len(digits) > 1 && digits[0]|0x20 == 'x' {
		base, digits = 16, digits[1:]
	}
	r := rune(0)
	for _, c := range digits {
		if int(unhex[c]) >= base {
			return 0
		}
		r = min(r*rune(base)+rune(unhex[c]), utf8.MaxRune+1)
	}
	return p.rune(i, end+1, wayEntity, r)
}

// entities are those that may be part of a value or stand beside one.
var entities = map[string]rune{
	"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\'', "nbsp": ' ', "ensp": ' ', "emsp": ' ', "thinsp": ' ', "numsp": ' ', "Tab": ' ', "NewLine": ' ',
	"shy": 0xad, "zwnj": 0x200c, "zwj": 0x200d, "lrm": 0x200e, "rlm": 0x200f, "commat": '@', "num": '#', "period": '.', "sol": '/', "bsol": '\\',
	"colon": ':', "semi": ';', "comma": ',', "lowbar": '_', "UnderBar": '_', "hyphen": '-', "dash": '-', "ndash": '-', "mdash": '-', "minus": '-', "plus": '+',
	"equals": '=', "lpar": '(', "rpar": ')', "excl": '!', "quest": '?', "dollar": '$', "percnt": '%', "ast": '*', "verbar": '|', "vert": '|', "Hat": '^', "grave": '`',
}

// rune emits r, which stands at i in n bytes, after making it plain in turn.
func (p *plainer) rune(i, n int, way Way, r rune) int {
	if plain, other := plainRune(r); other == wayHidden && plain == 0 {
		return p.emit(i, n, way)
	} else if other != 0 && plain != 0 {
		return p.emit(i, n, way, plain)
	}
	var buf [utf8.UTFMax]byte
	return p.emit(i, n, way, buf[:utf8.EncodeRune(buf[:], r)]...)
}

// escape undoes an escape of JSON or a programming language.
func (p *plainer) escape(i int) int {
	rest := p.text[i:]
	if len(rest) < 2 {
		return 0
	}
	switch c := rest[1]; c {
	case '\n':
		if continued(p.text, i) {
			return p.emit(i, 2, wayEscape)
		}
	case 'n', 't', 'r':
		return p.emit(i, 2, wayEscape, ' ')
	case '"', '\'', '\\', '/', '`':
		return p.emit(i, 2, wayEscape, c)
	case 'x':
		return p.codePoint(i, 2, 2)
	case 'u':
		if len(rest) > 3 && rest[2] == '{' {
			end := bytes.IndexByte(rest[:min(len(rest), maxEntity)], '}')
			if end < 4 {
				return 0
			}
			return p.codePointOf(i, end+1, rest[3:end])
		}
		return p.codePoint(i, 2, 4)
	case 'U':
		return p.codePoint(i, 2, 8)
	case '0', '1', '2', '3':
		if len(rest) > 3 && isOctal(rest[2]) && isOctal(rest[3]) {
			return p.emit(i, 4, wayEscape, (c-'0')<<6|(rest[2]-'0')<<3|(rest[3]-'0'))
		}
	}
	return 0
}

func isOctal(c byte) bool { return c-'0' < 8 }

func (p *plainer) codePoint(i, skip, digits int) int {
	if i+skip+digits > len(p.text) {
		return 0
	}
	return p.codePointOf(i, skip+digits, p.text[i+skip:i+skip+digits])
}

func (p *plainer) codePointOf(i, n int, digits []byte) int {
	v, ok := hexNumber(digits)
	if !ok {
		return 0
	}
	r := rune(min(v, utf8.MaxRune+1))
	if n == 4 && len(digits) == 2 && v >= 0x80 {
		return p.emit(i, n, wayEscape, byte(v)) // \xc3: a byte, no character
	}
	if utf16.IsSurrogate(r) && i+n+6 <= len(p.text) && p.text[i+n] == '\\' {
		if low, ok := hexNumber(p.text[i+n+2 : i+n+6]); ok {
			r, n = utf16.DecodeRune(r, rune(low)), n+6
		}
	}
	return p.rune(i, n, wayEscape, r)
}

func hexNumber(digits []byte) (v uint32, ok bool) {
	for _, c := range digits {
		if unhex[c] > 15 || v >= 1<<28 {
			return 0, false
		}
		v = v<<4 | uint32(unhex[c])
	}
	return v, true
}
