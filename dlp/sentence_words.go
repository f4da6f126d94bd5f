package dlp

import (
	"unicode"
	"unicode/utf8"
)

// wordWeights are what words are worth beside their kinds, each in the place of its
// hash: what was learned of the words themselves, where the sentences to learn from
// had them. Words with the same hash share a weight; most have none.
type wordWeights [1 << wordBits]int8

const (
	wordBits = 16
	wordUnit = 4 // hundredths that a weight of one stands for
	stemSize = 5 // letters of a word by which its forms are known for the same
)

// newWordWeights reads weights, a byte each.
func newWordWeights(weights string) *wordWeights {
	w := new(wordWeights)
	for i := range min(len(weights), len(w)) {
		w[i] = int8(weights[i])
	}
	return w
}

// score returns what the words of a sentence are worth, in hundredths.
func (w *wordWeights) score(sentence []byte) (s int32) {
	eachWord(sentence, func(hash uint32) { s += int32(w[hash]) })
	return s * wordUnit
}

// eachWord calls meet with the hashes of all words of a sentence and of what they
// start with; of scripts without blanks, with those of letters and of two together.
// Marks that prompts and markup are made of count as words.
func eachWord(sentence []byte, meet func(hash uint32)) {
	var buf [maxSentence]byte
	small := lowerInPlace(buf[:copy(buf[:], sentence)])
	last := uint32(0)
	for i := 0; i < len(small); {
		r, size := utf8.DecodeRune(small[i:])
		switch {
		case isUnspaced(r):
			h := hashMore(hashStart, small[i:i+size])
			meet(hashEnd(h, ofWhole))
			meet(hashEnd(h^last*31, ofPair))
			last = h
		case isSpelling(r) && r != '\'' && r != '’':
			h, from, letters := uint32(hashStart), i, 0
			for isSpelling(r) && !isUnspaced(r) {
				if letters++; letters == stemSize+1 {
					h = hashMore(h, small[from:i])
					meet(hashEnd(h, ofStem))
					from = i
				}
				i += size
				r, size = utf8.DecodeRune(small[i:])
			}
			h = hashMore(h, small[from:i])
			meet(hashEnd(h, ofWhole))
			if letters <= stemSize {
				meet(hashEnd(h, ofStem))
			}
			last = h
			continue
		case r < utf8.RuneSelf && isPromptMark[r]:
			meet(hashEnd(hashMore(hashStart, small[i:i+1]), ofWhole))
		}
		i += size
	}
}

// isPromptMark are the marks that count as words.
var isPromptMark = table("<>[]|#{}:!\"?@")

// isSpelling reports whether a word goes on with r.
func isSpelling(r rune) bool {
	if r < utf8.RuneSelf {
		return isLower(byte(r)) || r == '\''
	}
	return r == '’' || unicode.IsLetter(r) || unicode.IsMark(r)
}

// isUnspaced reports whether r is a letter of a script without blanks between words.
func isUnspaced(r rune) bool {
	return isAnywhere(r) && (unicode.IsLetter(r) || unicode.IsMark(r)) && !unicode.Is(unicode.Hangul, r)
}

// The sorts of hashes: of a word, of what it starts with, of two letters together.
const (
	hashStart = 2166136261 // of FNV-1a
	ofWhole   = 0x77
	ofStem    = 0x73
	ofPair    = 0x6a
)

// hashMore goes on with a hash over text.
func hashMore(h uint32, text []byte) uint32 {
	for _, c := range text {
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

// hashEnd returns the place of a hash of a sort.
func hashEnd(h, sort uint32) uint32 {
	h = (h ^ sort) * headFactor
	return (h ^ h>>15) * headFactor >> (32 - wordBits)
}
