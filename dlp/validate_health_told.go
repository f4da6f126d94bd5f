package dlp

import (
	_ "embed"
	"sync"
)

// The names of the checks for what a sentence says somebody has and for what was
// measured.
const (
	checkHealthTold = "health_told"
	checkHealthTest = "health_test"
)

// healthFrameFile lists in many languages what stands before a condition.
//
//go:embed healthframes.txt
var healthFrameFile string

// healthFrames are read from their file once.
var healthFrames = sync.OnceValue(func() *lexicon { return newLexicon(healthFrameFile) })

// Bounds of what a sentence says somebody has, in words.
const (
	mostTold   = 4
	mostBefore = 3 // "a very severe"
)

// healthTold reports whether match says that somebody has something.
func healthTold(match []byte) bool { return cutHealthTold(match) > 0 }

// cutHealthTold returns how much of a text that starts with "diagnosed with" or the
// like is that and the words that it is said of. 0: these are ordinary words.
func cutHealthTold(match []byte) int {
	var text folding
	text.read(match)
	size, _ := healthFrames().at(text.b[:text.n])
	if size == 0 {
		return 0
	}
	words, known, end := 0, false, 0
	for i, before := size, 0; i+1 < text.n && text.skip(i) == i+1 && words < mostTold; {
		rest := text.b[i+1 : text.n]
		word := rest[:wordEnd(rest)]
		ends, says := healthWords().tells(word, roleEnd), healthWords().tells(word, roleSays)
		switch {
		case words == 0 && (says || ends) && before < mostBefore:
			before++
		case ends:
			words = mostTold
			continue
		default:
			words++
			if !says {
				end = i + 1 + len(word)
				known = known || len(word) > 3 && !plainWords().has(word)
			}
		}
		i += 1 + len(word)
	}
	if !known {
		return 0
	}
	return text.past(end)
}
