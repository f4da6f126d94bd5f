package dlp

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// nextWord appends the first word of s, in lower case, to dst and says whether it
// starts with a capital and how many bytes it takes with what follows it.
func nextWord(dst, s []byte) (word []byte, capital bool, size int) {
	all := shortRunes()
	for size < len(s) {
		var x shortRune
		n := 1
		switch c := s[size]; {
		case c < utf8.RuneSelf:
			x = all[c]
		case c >= 0xc2 && c < shortRuneEnd>>6|0xc0 && size+1 < len(s) && s[size+1]&0xc0 == 0x80:
			x, n = all[int(c&0x1f)<<6|int(s[size+1]&0x3f)], 2
		default:
			var r rune
			r, n = utf8.DecodeRune(s[size:])
			x = shortRune{lower: unicode.ToLower(r), letter: unicode.IsLetter(r), capital: len(dst) == 0 && isCapital(r)}
		}
		size += n
		if !x.letter {
			break
		}
		if len(dst) == 0 {
			capital = x.capital
		}
		switch {
		case len(dst)+utf8.UTFMax > cap(dst):
		case x.lower < utf8.RuneSelf:
			dst = append(dst, byte(x.lower))
		case x.lower < 0x800:
			dst = append(dst, 0xc0|byte(x.lower>>6), 0x80|byte(x.lower&0x3f))
		default:
			dst = utf8.AppendRune(dst, x.lower)
		}
	}
	return dst, capital, size
}

// shortRune is what package unicode says of a rune, after a search.
type shortRune struct {
	lower           rune
	letter, capital bool
}

// isCapital reports whether a name may start with r: letters of some scripts have no case.
func isCapital(r rune) bool { return unicode.IsUpper(r) || unicode.Is(unicode.Lo, r) }

// lowerRune is unicode.ToLower.
func lowerRune(r rune) rune {
	if r < shortRuneEnd {
		return shortRunes()[r].lower
	}
	return unicode.ToLower(r)
}

// shortRuneEnd is behind the Latin, Greek and Cyrillic letters, which take two bytes.
const shortRuneEnd = 0x500

// shortRunes is what names are mostly made of. It is made when the first is met.
var shortRunes = sync.OnceValue(func() *[shortRuneEnd]shortRune {
	all := new([shortRuneEnd]shortRune)
	for r := range all {
		r := rune(r)
		all[r] = shortRune{lower: unicode.ToLower(r), letter: unicode.IsLetter(r), capital: isCapital(r)}
	}
	return all
})
