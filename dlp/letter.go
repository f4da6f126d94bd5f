package dlp

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// An automaton reads bytes. A class that holds the letters of all scripts, such as
// [^\s], takes each byte of theirs by itself; one that names some of them (Ñ,
// \p{Greek}) is spelt out here as the bytes of their UTF-8.

// byteRune is the rune that stands for a byte of a spelt letter. It is of a private
// plane, which no pattern names.
const byteRune = 0x10ff00

// nbsp, where a class names no other letter, separates groups of digits, and its
// two bytes are taken one by one as a blank is.
const nbsp = 0xa0

// maxSpelt bounds how many letters of other scripts a class may name: each needs
// states of its own. One of more is taken for one of all scripts.
const maxSpelt = 1 << 16

// spell replaces in re the letters beyond ASCII by their bytes.
func spell(re *syntax.Regexp) *syntax.Regexp {
	for i, sub := range re.Sub {
		re.Sub[i] = spell(sub)
	}
	switch re.Op {
	case syntax.OpLiteral:
		return spellLiteral(re)
	case syntax.OpCharClass:
		if named := namedLetters(re.Rune); len(named) > 0 {
			return spellClass(re, named)
		}
	}
	return re
}

// spellLiteral returns a text with its letters beyond ASCII spelt.
func spellLiteral(re *syntax.Regexp) *syntax.Regexp {
	if !slices.ContainsFunc(re.Rune, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return re
	}
	all := &syntax.Regexp{Op: syntax.OpConcat, Flags: re.Flags}
	for _, r := range re.Rune {
		if r < utf8.RuneSelf {
			all.Sub = append(all.Sub, &syntax.Regexp{Op: syntax.OpLiteral, Flags: re.Flags, Rune: []rune{r}})
			continue
		}
		forms := []rune{r}
		if re.Flags&syntax.FoldCase != 0 {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				forms = append(forms, f)
			}
		}
		all.Sub = append(all.Sub, either(nil, forms))
	}
	return all
}

// namedLetters returns the letters beyond ASCII that the class of these ranges
// names, if it is not one of all scripts. The long s and the Kelvin sign, which
// are in each class of s or k in any letter case, are left to what undoes
// look-alikes.
func namedLetters(ranges []rune) (named []rune) {
	n := rune(0)
	for i := 0; i < len(ranges); i += 2 {
		lo, hi := max(ranges[i], utf8.RuneSelf), ranges[i+1]
		if n += max(0, hi-lo+1); n > maxSpelt || lo <= '中' && '中' <= hi {
			return nil
		}
	}
	for i := 0; i < len(ranges); i += 2 {
		lo, hi := max(ranges[i], utf8.RuneSelf), ranges[i+1]
		for r := lo; r <= hi; r++ {
			if r != 'ſ' && r != '\u212a' {
				named = append(named, r)
			}
		}
	}
	if len(named) == 1 && named[0] == nbsp {
		return nil
	}
	return named
}

// spellClass returns a class as one of ASCII or the letters that it names.
func spellClass(re *syntax.Regexp, named []rune) *syntax.Regexp {
	var ascii []rune
	for i := 0; i < len(re.Rune) && re.Rune[i] < utf8.RuneSelf; i += 2 {
		ascii = append(ascii, re.Rune[i], min(re.Rune[i+1], utf8.RuneSelf-1))
	}
	return either(ascii, named)
}

// either returns a pattern of one character: of the ranges of ASCII or one of
// letters. Letters that differ in their last byte only share a branch.
func either(ascii, letters []rune) *syntax.Regexp {
	ways := &syntax.Regexp{Op: syntax.OpAlternate}
	if len(ascii) > 0 {
		ways.Sub = append(ways.Sub, &syntax.Regexp{Op: syntax.OpCharClass, Rune: ascii})
	}
	slices.Sort(letters)
	for i := 0; i < len(letters); {
		head := letters[i] >> 6
		var last []rune
		for ; i < len(letters) && letters[i]>>6 == head; i++ {
			b := byteRune + rune(0x80|letters[i]&0x3f)
			last = append(last, b, b)
		}
		spelt := &syntax.Regexp{Op: syntax.OpConcat}
		var buf [utf8.UTFMax]byte
		n := utf8.EncodeRune(buf[:], head<<6)
		for _, b := range buf[:n-1] {
			spelt.Sub = append(spelt.Sub, &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune{byteRune + rune(b)}})
		}
		spelt.Sub = append(spelt.Sub, &syntax.Regexp{Op: syntax.OpCharClass, Rune: last})
		ways.Sub = append(ways.Sub, spelt)
	}
	if len(ways.Sub) == 1 {
		return ways.Sub[0]
	}
	return ways
}
