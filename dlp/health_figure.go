package dlp

import (
	"bytes"
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Much that is ill is no person, and much that is said of persons is meant as a figure:
// a laptop has a stroke, somebody is allergic to meetings or born a Cancer. The words
// right beside the condition show it.

// figureKind is a set of what a word beside a condition may be (healthfigures.txt).
type figureKind uint16

const (
	figureThing  = figureKind(1 << iota) // no person
	figureHas                            // a verb between such a word and the condition,
	figureFill                           // what else may stand there,
	figureGives                          // and what stands there before a nuisance
	figureObject                         // what nobody is ill of
	figureCraved                         // the same of an addiction
	figureSign                           // of the zodiac
	figureBe                             // somebody is a sign
	figureWho                            // who
	figurePart                           // between these and the sign
	figureHave                           // stands before the condition, not the sign
)

// figures is what healthfigures.txt holds.
type figures struct {
	words  map[string]figureKind
	starts map[string][]string // of words: averse, dread, ache, crab
	idioms []string
}

//go:embed healthfigures.txt
var figureText string

var figureWords = sync.OnceValue(func() *figures {
	kinds := map[string]figureKind{
		"thing": figureThing, "has": figureHas, "fill": figureFill, "gives": figureGives, "object": figureObject, "craved": figureCraved,
		"sign": figureSign, "be": figureBe, "who": figureWho, "part": figurePart, "have": figureHave,
	}
	all := &figures{words: make(map[string]figureKind), starts: make(map[string][]string)}
	for line := range strings.Lines(figureText) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		for _, w := range f[1:] {
			switch kind, ok := kinds[f[0]]; {
			case ok:
				all.words[w] |= kind
			case f[0] == "idiom":
				all.idioms = append(all.idioms, strings.ReplaceAll(w, "_", " "))
			default:
				all.starts[f[0]] = append(all.starts[f[0]], w)
			}
		}
	}
	return all
})

// startsWith reports whether word starts as one of the words of that kind.
func (f *figures) startsWith(kind string, word []byte) bool {
	for _, s := range f.starts[kind] {
		if bytes.HasPrefix(word, []byte(s)) {
			return true
		}
	}
	return false
}

const (
	figureWide     = 80 // bytes around a condition that are looked at for signs and idioms
	leastAdjective = 5  // bytes
	mostFigure     = 7  // words before a condition, or behind what is dreaded
)

// figurative reports whether the words beside the condition text[i:j] show that it is a
// figure of speech.
func (c *scan) figurative(i, j int) bool {
	c.work += 2*figureWide + j - i
	return c.ofThing(i) || c.dreaded(i, j) || c.starSign(i, j) || c.idiom(i, j)
}

// ofThing reports whether what stands before place i says that a thing has what follows:
// "my laptop had a".
func (c *scan) ofThing(i int) bool {
	f := figureWords()
	var buf [mostGiven]byte
	first := c.lowerAt(buf[:0], i)
	nuisance, verb := f.startsWith("ache", first), f.words[string(first)]&figureHas != 0
	for n := range mostFigure {
		from, to := wordBefore(c.text, i)
		if from == to || to-from > mostGiven-utf8.UTFMax {
			return false
		}
		kind := f.words[string(appendLower(buf[:0], c.text[from:to]))]
		switch {
		case kind&figureThing != 0:
			return verb || n == 0 && c.asked(from)
		case kind&figureHas != 0, kind&figureGives != 0 && nuisance:
			verb = true
		case kind&figureFill == 0 && (n > 0 || to-from < leastAdjective):
			return false // "nervous" may belong to the condition
		}
		i = from
	}
	return false
}

// asked reports whether the thing that stands at place i is asked about: "is my".
func (c *scan) asked(i int) bool {
	var buf [mostGiven]byte
	for range 2 {
		from, to := wordBefore(c.text, i)
		if from == to || to-from > mostGiven/2 {
			return false
		}
		if figureWords().words[string(appendLower(buf[:0], c.text[from:to]))]&figureHas != 0 {
			return true
		}
		i = from
	}
	return false
}

// lowerAt returns the word at place i in lower case.
func (c *scan) lowerAt(dst []byte, i int) []byte {
	word, _, _ := nextWord(dst, c.text[i:min(len(c.text), i+mostGiven)])
	return word
}

// dreaded reports whether the condition text[i:j] is an allergy, an addiction or low
// spirits and it is said of what nobody is ill of.
func (c *scan) dreaded(i, j int) bool {
	f := figureWords()
	var buf [mostGiven]byte
	at, allergy := -1, false
	for k := max(0, i-figureWide/2); k < j; {
		word, _, size := nextWord(buf[:0], c.text[k:j])
		if f.startsWith("averse", word) || f.startsWith("dread", word) {
			at, allergy = k, f.startsWith("averse", word)
		}
		k += max(size, 1)
	}
	if at < 0 {
		return false
	}
	for n, k := 0, at; n < mostFigure && k < len(c.text); n++ {
		word, _, size := nextWord(buf[:0], c.text[k:min(len(c.text), k+figureWide)])
		kind := f.words[string(word)]
		if kind&figureObject != 0 || kind&figureCraved != 0 && !allergy {
			return true
		}
		if k += max(size, 1); bytes.IndexByte([]byte(",.;:!?\n"), c.text[k-1]) >= 0 {
			return false
		}
	}
	return false
}

// starSign reports whether the condition text[i:j] is somebody's sign of the zodiac: nobody
// has it and the sentence has another, or it has a capital and somebody is it.
func (c *scan) starSign(i, j int) bool {
	f := figureWords()
	var buf [mostGiven]byte
	if !f.startsWith("crab", c.lowerAt(buf[:0], i)) {
		return false
	}
	if k, end := wordBefore(c.text, i); end-k < len(buf)/2 {
		if kind := f.words[string(appendLower(buf[:0], c.text[k:end]))]; kind&(figureHas|figureHave) != 0 && kind&(figureBe|figurePart) == 0 {
			return false
		}
	}
	from, to := max(0, i-figureWide), min(len(c.text), j+figureWide)
	for k := from; k < to; {
		word, _, size := nextWord(buf[:0], c.text[k:to])
		if f.words[string(word)]&figureSign != 0 {
			return true
		}
		k += max(size, 1)
	}
	return startsCapital(c.text[i:]) && endsClause(c.text[j:]) && c.isSomebody(i)
}

// isSomebody reports whether a person and a form of to be stand before place i.
func (c *scan) isSomebody(i int) bool {
	f := figureWords()
	var buf [mostGiven]byte
	is := false
	for range mostFigure {
		from, to := wordBefore(c.text, i)
		if from == to || to-from > mostGiven-utf8.UTFMax {
			return false
		}
		word := appendLower(buf[:0], c.text[from:to])
		kind := f.words[string(word)]
		switch {
		case is:
			return kind&figureWho != 0 || isPerson(word, c.text[from:to])
		case kind&figureBe != 0:
			is = true
			switch string(word) {
			case "i'm", "he's", "she's", "suis", "soy", "sono", "jestem", "sou":
				return true
			}
		case kind&figurePart == 0:
			return false
		}
		i = from
	}
	return false
}

// endsClause reports whether a clause ends where text starts, or goes on with another.
func endsClause(text []byte) bool {
	if len(text) == 0 || text[0] != ' ' {
		return true
	}
	var buf [mostGiven]byte
	word, _, _ := nextWord(buf[:0], text[1:min(len(text), mostGiven)])
	return len(word) == 0 || signWords()[string(word)]&signAnd != 0 || healthWords().tells(word, roleEnd)
}

// idiom reports whether text[i:j] is a part of an idiom.
func (c *scan) idiom(i, j int) bool {
	var buf [4 * figureWide]byte
	from := max(0, i-figureWide/2)
	for from > 0 && from < i && !utf8.RuneStart(c.text[from]) {
		from++
	}
	to := min(len(c.text), i+figureWide)
	at, small := 0, buf[:0]
	for k := from; k < to; {
		r, size := utf8.DecodeRune(c.text[k:to])
		if k <= i {
			at = len(small)
		}
		small = utf8.AppendRune(small, unicode.ToLower(r))
		k += size
	}
	for _, s := range figureWords().idioms {
		if k := bytes.Index(small, []byte(s)); k >= 0 && k < at+max(j-i, 1) && k+len(s) > at {
			return true
		}
	}
	return false
}
