package dlp

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// lookalikes.txt lists letters that look like an ASCII letter: the letter, a
// blank, and those that look like it.
//
//go:embed lookalikes.txt
var lookalikeFile string

// alike maps a letter of another script to the ASCII letter that it looks like.
var alike = sync.OnceValue(func() map[rune]byte {
	m := make(map[rune]byte)
	for line := range strings.Lines(lookalikeFile) {
		plain, others, _ := strings.Cut(strings.TrimSpace(line), " ")
		if len(plain) != 1 || plain == "#" {
			continue
		}
		for _, r := range others {
			if r != ' ' {
				m[r] = plain[0]
			}
		}
	}
	return m
})

// plainRune returns what r is meant as where it is no plain character itself:
// an ASCII byte, or nothing for what can't be seen. The way is 0 for all others.
// Letters of other scripts that look like ASCII are left to undoRune: alone they
// are what they are.
func plainRune(r rune) (byte, Way) {
	switch {
	case r < 0x300:
		switch r {
		case 0xa0:
			return ' ', waySeparator
		case 0xad:
			return 0, wayHidden
		case 0xb2, 0xb3, 0xb9:
			return "23     1"[r-0xb2], wayDigit
		}
		return 0, 0
	case r < 0x370, 0x180b <= r && r <= 0x180e, 0xfe00 <= r && r <= 0xfe0f: // combining marks, variation selectors
		if r == 0x34f || r >= 0x180b {
			return 0, wayHidden
		}
		return 0, wayHidden
	case 0x2000 <= r && r <= 0x206f:
		return punctuation(r)
	case r == 0x3000, r == 0x1680:
		return ' ', waySeparator
	case r == 0xfeff, r == 0x3164, r == 0x115f, r == 0x1160, r == 0xffa0, 0xe0000 <= r && r <= 0xe01ef:
		return tag(r)
	case 0xff01 <= r && r <= 0xff5e:
		return byte(r - 0xfee0), wayLetter
	case 0x1d400 <= r && r <= 0x1d7ff:
		return mathematical(r)
	case 0x2460 <= r && r <= 0x24ff, 0x2776 <= r && r <= 0x2793:
		return enclosed(r)
	case 0x20d0 <= r && r <= 0x20ff: // combining marks, of which one makes a key of "4"
		return 0, wayHidden
	case 0x2070 <= r && r <= 0x2079:
		return byte('0' + r - 0x2070), wayDigit
	case 0x2080 <= r && r <= 0x2089:
		return byte('0' + r - 0x2080), wayDigit
	case r == 0x2212, r == 0xfe63, r == 0xfe58, r == 0x2e3a:
		return '-', waySeparator
	case 0x1f110 <= r && r <= 0x1f189: // letters in brackets, squares and circles
		if k := (r - 0x1f110) & 31; k < 26 {
			return byte('A' + k), wayLetter
		}
	case 0x1f1e6 <= r && r <= 0x1f1ff: // the letters of flags
		return byte('A' + r - 0x1f1e6), wayLetter
	}
	if d := digitOf(r); d >= 0 {
		return byte('0' + d), wayDigit
	}
	if _, ok := alike()[r]; ok {
		return 0, wayLetter
	}
	return 0, 0
}

// enclosed undoes digits and letters in circles and brackets, and those with a
// full stop.
func enclosed(r rune) (byte, Way) {
	switch {
	case r == 0x24ea, r == 0x24ff:
		return '0', wayDigit
	case 0x24b6 <= r && r <= 0x24e9:
		return letterOf(r - 0x24b6), wayLetter
	case 0x249c <= r && r <= 0x24b5:
		return byte('a' + r - 0x249c), wayLetter
	}
	for _, one := range [...]rune{0x2460, 0x2474, 0x2488, 0x24f5, 0x2776, 0x2780, 0x278a} {
		if one <= r && r < one+9 {
			return byte('1' + r - one), wayDigit
		}
	}
	return 0, 0
}

// selected returns the byte that a variation selector may stand for: runs of them
// hold texts that nobody sees, and some models read.
func selected(r rune) (byte, bool) {
	switch {
	case 0xfe00 <= r && r <= 0xfe0f:
		return byte(r - 0xfe00), true
	case 0xe0100 <= r && r <= 0xe01ef:
		return byte(r - 0xe0100 + 16), true
	}
	return 0, false
}

// punctuation returns what the spaces and dashes of U+2000 to U+206F are meant
// as. Dashes and quotation marks of ordinary prose stay.
func punctuation(r rune) (byte, Way) {
	switch {
	case r <= 0x200a, r == 0x202f, r == 0x205f:
		return ' ', waySeparator
	case r <= 0x200f, 0x202a <= r && r <= 0x202e, 0x2060 <= r && r <= 0x206f:
		return 0, wayHidden
	case r == 0x2010, r == 0x2011, r == 0x2012, r == 0x2013, r == 0x2014, r == 0x2015:
		return '-', waySeparator
	}
	return 0, 0
}

// tag undoes characters that are never seen; tags (U+E0020 and up) repeat ASCII
// and are read by some models.
func tag(r rune) (byte, Way) {
	if 0xe0020 <= r && r <= 0xe007e {
		return byte(r - 0xe0000), wayHidden
	}
	return 0, wayHidden
}

// mathematical undoes the letters and digits of U+1D400 to U+1D7FF, which repeat
// the alphabet in blocks of 52 and the digits in blocks of ten.
func mathematical(r rune) (byte, Way) {
	switch {
	case r >= 0x1d7ce:
		return byte('0' + (r-0x1d7ce)%10), wayDigit
	case r < 0x1d6a4:
		return letterOf((r - 0x1d400) % 52), wayLetter
	}
	return 0, 0
}

func letterOf(n rune) byte {
	if n < 26 {
		return byte('A' + n)
	}
	return byte('a' + n - 26)
}

// digitOf returns the value of a decimal digit of any script, or -1. Their
// ranges hold ten each, from zero to nine.
func digitOf(r rune) int {
	if r < 0x660 || r >= 0x3000 && r < 0xa620 {
		return -1
	}
	for _, x := range unicode.Nd.R16 {
		if r < rune(x.Lo) {
			return -1
		}
		if r <= rune(x.Hi) {
			return int(r-rune(x.Lo)) % 10
		}
	}
	for _, x := range unicode.Nd.R32 {
		if rune(x.Lo) <= r && r <= rune(x.Hi) {
			return int(r-rune(x.Lo)) % 10
		}
	}
	return -1
}

// undoRune undoes the character at i. A letter that only looks like ASCII is
// undone in a word that has ASCII letters or digits, too.
func (p *plainer) undoRune(i int) int {
	r, n := utf8.DecodeRune(p.text[i:])
	b, way, look := plainOf(r)
	switch {
	case way == 0:
		return 0
	case way == wayHidden && b == 0:
		if b, ok := selected(r); ok {
			switch before, behind := p.selectors(i, n); {
			case before:
				return p.emit(i, n, way, b)
			case behind:
				return p.emit(i, n, way, ' ', b)
			}
		}
		return p.emit(i, n, way)
	case b != 0:
		return p.emit(i, n, way, b)
	case !p.mixed(i):
		return 0
	}
	return p.emit(i, n, way, look)
}

// selectors reports whether other variation selectors stand before and behind the
// one at i, which has n bytes.
func (p *plainer) selectors(i, n int) (before, behind bool) {
	next, _ := utf8.DecodeRune(p.text[i+n:])
	last, _ := utf8.DecodeLastRune(p.text[:i])
	_, before = selected(last)
	_, behind = selected(next)
	return before, behind
}

// mixed reports whether the word around i has letters or digits of ASCII.
func (p *plainer) mixed(i int) bool {
	if p.wordFrom <= i && i < p.wordTo {
		return p.wordMixed
	}
	const reach = 48
	from, to := i, i
	p.wordMixed = false
	for from > 0 && i-from < reach && p.text[from-1] > ' ' {
		from--
		p.wordMixed = p.wordMixed || isAlnum(p.text[from])
	}
	for to < len(p.text) && to-i < reach && p.text[to] > ' ' {
		p.wordMixed = p.wordMixed || isAlnum(p.text[to])
		to++
	}
	p.wordFrom, p.wordTo = from, to
	return p.wordMixed
}
