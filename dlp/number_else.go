package dlp

import (
	"bytes"
	_ "embed"
	"sync"
)

// elseChecks are the checks of telephones and accounts whose words may stand anywhere
// near: "ring me if error 40123456 comes" has one, too.
var elseChecks = map[string]bool{checkNear: true, checkPhone: true, "account": true}

// elseKind is a set of what a word right beside a number may be.
type elseKind uint8

const (
	elseBefore = elseKind(1 << iota) // has the number behind it: "error"
	elseLink                         // stands between the two: "code"
	elseBehind                       // is counted: "followers"
)

//go:embed numberelse.txt
var elseText string

var elseWords = sync.OnceValue(func() map[string]elseKind {
	kinds := map[string]elseKind{"before": elseBefore, "link": elseLink, "behind": elseBehind}
	return wordKinds(elseText, kinds)
})

const (
	elseWork = 48 // for the words on both sides
	elseNear = 2  // of them
)

// numbersElse reports whether the word right before or behind the digits text[i:j] says
// that they are the number of something else, or a count.
func (c *scan) numbersElse(i, j int) bool {
	if !allDigits(c.text[i:j]) {
		return false // groups are not those of an error
	}
	c.work += elseWork
	words := elseWords()
	var buf [mostGiven]byte
	for range elseNear {
		from, to := wordBefore(c.text, i)
		if from == to || to-from > mostGiven/2 {
			break
		}
		word := c.text[from:to]
		word = word[bytes.LastIndexByte(word, '\'')+1:] // "l'erreur"
		kind := words[string(appendLower(buf[:0], word))]
		if kind&elseBefore != 0 {
			return true
		}
		if kind&elseLink == 0 {
			break
		}
		i = from
	}
	for range elseNear {
		if j+1 >= len(c.text) || c.text[j] != ' ' {
			break
		}
		word, _, size := nextWord(buf[:0], c.text[j+1:min(len(c.text), j+mostGiven)])
		if words[string(word)]&elseBehind != 0 {
			return true
		}
		j += size
	}
	return false
}
