package dlp

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// givenPassword checks what stands where nothing but a password can, as behind an
// option of a command: anything but a reference to a variable, what documentation
// fills in there, and a word of the sentence that goes on behind the command.
func givenPassword(value []byte) bool {
	g, ok := giveUp(value)
	return ok && (g.words > 1 && (g.strange || hasBoth(value)) || g.strange && hasBoth(value) || g.digits > 0 && g.letters > 1 || g.signs > 0 && g.letters > 2)
}

// givenWord is givenPassword where a word alone counts, too.
func givenWord(value []byte) bool {
	g, ok := giveUp(value)
	return ok && g.strange || givenPassword(value)
}

// setPassword checks what is assigned to a name for passwords as a literal: more
// than one word, as one alone may be a label.
func setPassword(value []byte) bool {
	g, ok := giveUp(value)
	return ok && (g.strange || g.words > 1 && hasBoth(value) || g.digits > 0) && (g.digits > 0 && g.letters > 2 && (g.digits > 1 || g.strange) || g.signs > 0 || g.words > 1)
}

// given is what a value is made of.
type given struct {
	letters, digits, signs, words int
	strange                       bool // it has a word that is none of an English text
}

// giveUp says what value is made of, and not ok where it stands for another value.
func giveUp(value []byte) (g given, ok bool) {
	if len(value) < 5 || len(value) > 64 || same(value) || constant(value) || isAddress(value) || thingNumber(value) {
		return g, false
	}
	if bytes.ContainsAny(value, "(){}[]<>|`\\\"") || bytes.IndexByte([]byte("$%/.-:="), value[0]) >= 0 {
		return g, false
	}
	var buf [80]byte
	low := lowerWord(buf[:0], value)
	f := fillers()
	if f.stemStarts.in(low, f.stems) {
		return g, false
	}
	for _, end := range f.endings {
		if bytes.HasSuffix(low, []byte(end)) {
			return g, false
		}
	}
	if toldWords().of(low)&(tellPassword|tellPin) != 0 || bytes.Count(value, []byte("/")) > 1 {
		return g, false
	}
	return g, g.count(value)
}

// count adds the words, digits and signs of value up, unless one of them is a
// filler.
func (g *given) count(value []byte) bool {
	var buf [64]byte
	word := buf[:0]
	last := rune(0)
	end := func() bool {
		if len(word) == 0 {
			return true
		}
		if fillers().words[string(word)] {
			return false
		}
		g.words++
		g.strange = g.strange || len(word) > 3 && !plainWords().has(word) && !same(word)
		word = word[:0]
		return true
	}
	for i := 0; i < len(value); {
		r, n := utf8.DecodeRune(value[i:])
		i += n
		letter := unicode.IsLetter(r)
		if letter && unicode.IsUpper(r) && unicode.IsLower(last) || !letter {
			if !end() {
				return false
			}
		}
		switch {
		case r >= 0x500:
			return false // of a script whose sentences may have no blanks
		case letter:
			g.letters++
			if len(word)+utf8.UTFMax <= cap(word) {
				word = utf8.AppendRune(word, unicode.ToLower(r))
			}
		case unicode.IsDigit(r):
			g.digits++
		case r != '.' && r != '-' && r != '_' && r != ' ' && i < len(value):
			g.signs++
		}
		last = r
	}
	return end()
}

// givenValue checks what is assigned to a name for passwords by setPassword. Without
// a quotation mark or an element's end behind it it could be code, or a word of a sentence.
func givenValue(match []byte, from, to int) bool {
	value := match[from:to]
	if end := match[len(match)-1]; quote[end] || end == '<' {
		return true
	}
	g, _ := giveUp(value)
	return g.strange && (g.signs > 0 || g.digits > 0 && (hasBoth(value) || bytes.ContainsAny(value, "-_")))
}

// orElse returns a check that takes what one of two does.
func orElse(a, b func([]byte) bool) func([]byte) bool {
	return func(value []byte) bool { return a(value) || b(value) }
}
