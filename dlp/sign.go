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
func addSigns(byWord map[string]*keyword, detectors []rules.Detector) {
	for _, w := range joiners {
		addSign(byWord, w, signJoin)
	}
	for _, w := range speakers {
		addSign(byWord, w, signReversed)
	}
	for i := range detectors {
		d := &detectors[i]
		if d.Anchor != rules.AnchorKeyword || d.Class != traffic.ClassSecret || d.Confidence < 0.9 {
			continue
		}
		words, err := keywords(d)
		if err != nil {
			continue
		}
		for _, w := range words {
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
