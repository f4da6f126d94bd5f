package dlp

import (
	_ "embed"
	"sync"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Rules are those of games, too, and limits those of length: such a sentence orders no model
// to do anything, if it speaks of none.

// plainKind is a set of what a word of such a sentence may be (ordersplain.txt).
type plainKind uint8

const (
	plainPiece   = plainKind(1 << iota) // of a game that no model plays
	plainPlay                           // of any game
	plainModel                          // of a model, or what one is told to do
	plainLimit                          // what somebody has none of,
	plainOn                             // what stands between that and what it is of,
	plainMeasure                        // and how long or large something is
)

//go:embed ordersplain.txt
var plainOrderText string

var plainOrderWords = sync.OnceValue(func() map[string]plainKind {
	kinds := map[string]plainKind{
		"piece": plainPiece, "play": plainPlay, "model": plainModel, "limit": plainLimit, "on": plainOn, "measure": plainMeasure,
	}
	return wordKinds(plainOrderText, kinds)
})

// plainOrder reports whether the line of text[i:j], which d took for an order to a model, is
// about a game or about how long something may be.
func (c *scan) plainOrder(d *detector, i, j int) bool {
	if d.class != traffic.ClassInjection {
		return false
	}
	from, to := sentenceStart(c.text, i), orderEnd(c.text, j)
	c.work += to - from
	words := plainOrderWords()
	var buf [mostGiven]byte
	pieces, plays, limits, measured, behind := 0, 0, 0, 0, false
	for from < to {
		word, _, size := nextWord(buf[:0], c.text[from:to])
		from += max(size, 1)
		kind := words[string(word)]
		switch {
		case kind&plainModel != 0:
			return false
		case kind&plainPiece != 0:
			pieces++
		case kind&plainPlay != 0:
			plays++
		case kind&plainLimit != 0:
			limits++
		}
		if behind && kind&plainMeasure != 0 {
			measured++
		}
		behind = kind&plainLimit != 0 || behind && kind&plainOn != 0
	}
	return pieces > 0 && pieces+plays > 1 || limits > 0 && limits == measured
}
