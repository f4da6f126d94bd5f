package dlp

import (
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// minReversed is the least length of a keyword that is looked for backwards:
// shorter ones occur in words.
const minReversed = 5

// addSigns enters the words that are signs of a disguise.
func addSigns(byWord map[string]*keyword) {
	for _, w := range joiners {
		addSign(byWord, w, signJoin)
	}
	for _, w := range listJoiners {
		addSign(byWord, w, signList)
	}
	for _, w := range listsJoined {
		addSign(byWord, w, signListBefore)
	}
	for _, w := range digitsListed {
		addSign(byWord, w, signListed)
	}
	for _, w := range uuSigns {
		addSign(byWord, w, signUU)
	}
	for _, w := range speak85 {
		addSign(byWord, w, sign85)
	}
	for _, w := range speakers {
		addSign(byWord, w, signReversed)
	}
	for _, w := range []string{"rot13", "rot-13", "rot 13", "caesar"} {
		addSign(byWord, w, signRot13)
	}
	for _, w := range []string{".---- ", "..--- ", "...-- ", "....- ", "-.... ", "--... ", "---.. ", "----. "} {
		addSign(byWord, w, signMorse)
	}
	for _, w := range wordsApart {
		addSign(byWord, w, signSpaced)
	}
	for _, w := range spoken().signs {
		addSign(byWord, w, signSpoken)
	}
	addColumnSigns(byWord)
	for w, k := range byWord {
		for i := range k.tries {
			d := k.tries[i].d
			if d.anchor != rules.AnchorKeyword || d.class != traffic.ClassSecret || d.confidence < 0.9 {
				continue
			}
			if len(w) >= minReversed && strings.ContainsAny(w, "-_0123456789") {
				b := []byte(w)
				slices.Reverse(b)
				addSign(byWord, string(b), signReversed)
			}
		}
	}
}

func addSign(byWord map[string]*keyword, w string, sign signs) {
	k := byWord[w]
	if k == nil {
		k = new(keyword)
		byWord[w] = k
	}
	k.sign |= sign
}
