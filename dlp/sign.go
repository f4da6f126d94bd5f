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
	for sign, words := range map[signs][]string{
		signJoin:       joiners,
		signList:       listJoiners,
		signListBefore: listsJoined,
		signListed:     digitsListed,
		signUU:         uuSigns,
		sign85:         speak85,
		signReversed:   speakers,
		signRot13:      {"rot13", "rot-13", "rot 13", "caesar"},
		signMorse:      {".---- ", "..--- ", "...-- ", "....- ", "-.... ", "--... ", "---.. ", "----. "},
		signSpaced:     wordsApart,
		signSpoken:     spoken().signs,
		signSQL:        sqlWords,
	} {
		for _, w := range words {
			addSign(byWord, w, sign)
		}
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
