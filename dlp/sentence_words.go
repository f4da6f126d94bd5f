package dlp

import (
	"unicode"
)

// wordWeights are what words are worth beside their kinds, each in the place of its
// hash: what was learned of the words themselves, where the sentences to learn from
// had them. Words with the same hash share a weight; most have none.
type wordWeights [1 << wordBits]int8

const (
	wordBits = 16
	wordUnit = 4 // hundredths that a weight of one stands for
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
func (w *wordWeights) score(s *tagged) (sum int32) {
	eachWord(s, func(place uint32) { sum += int32(w[place]) })
	return sum * wordUnit
}

// eachWord calls meet with the places of the words of a sentence and of what they start
// with; of scripts without blanks, with those of letters and of two together. Marks that
// prompts and markup are made of count as words. What is repeated counts once.
func eachWord(s *tagged, each func(place uint32)) {
	last := uint32(0)
	var seen [metBits / 64]uint64 // of hashes: some others are taken for repeated, too
	meet := func(place uint32) {
		if at := place % metBits; seen[at/64]>>(at%64)&1 == 0 {
			seen[at/64] |= 1 << (at % 64)
			each(place)
		}
	}
	for i := range s.words[:s.n] {
		word := &s.words[i]
		form := word.shape & formMask
		if form != formMark || isPromptMark[s.text[word.from]] {
			meet(hashEnd(word.whole, ofWhole))
		}
		switch form {
		case formMark:
		case formLone:
			meet(hashEnd(join(last, word.whole), ofPair))
			last = word.whole
		default:
			meet(hashEnd(word.stem, ofStem))
		}
	}
}

// metBits is how many bits tell which words were met in a sentence.
const metBits = 2048

// isPromptMark are the marks that count as words.
var isPromptMark = table("<>[]|#{}:!\"?@")

// isUnspaced reports whether r is a letter of a script without blanks between words.
func isUnspaced(r rune) bool {
	return isAnywhere(r) && (unicode.IsLetter(r) || unicode.IsMark(r)) && !unicode.Is(unicode.Hangul, r)
}

// The sorts of hashes: of a word, of what it starts with, of two letters together.
const (
	hashStart = 2166136261 // of FNV-1a
	hashPrime = 16777619
	ofWhole   = 0x77
	ofStem    = 0x73
	ofPair    = 0x6a
)

// hashMore goes on with a hash over text.
func hashMore(h uint32, text []byte) uint32 {
	for _, c := range text {
		h = (h ^ uint32(c)) * hashPrime
	}
	return h
}

// hashEnd returns the place of a hash of a sort.
func hashEnd(h, sort uint32) uint32 {
	h = (h ^ sort) * headFactor
	return (h ^ h>>15) * headFactor >> (32 - wordBits)
}
