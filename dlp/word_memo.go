package dlp

// wordMemo keeps what is known of words by themselves, as most words of a text stood in it or in
// another before. A word takes the place of one that has the same slot.
type wordMemo struct {
	tagger *tagger // whose weights it holds
	slots  [1 << wordMemoBits]knownWord
}

const wordMemoBits = 11

// knownWord is a word and what lists, senses and the weights of a tagger say of it.
type knownWord struct {
	whole, stem, end, shape uint32 // which word
	own                     tagSums
	lists                   uint8
	tells                   uint16
	sense                   sense
	opens                   bool // a phrase of health may start with it
}

// isFor reports whether k is the word w.
func (k *knownWord) isFor(w *tagWord) bool {
	return k.whole == w.whole && k.stem == w.stem && k.end == w.end && k.shape == w.shape
}

// of returns what is known of the word i of a sentence, which has letters and no digits: those of
// words are alike to their hashes.
func (m *wordMemo) of(s *tagged, i int) *knownWord {
	w := &s.words[i]
	k := &m.slots[(w.whole^w.shape)*headFactor>>(32-wordMemoBits)]
	if !k.isFor(w) {
		*k = m.learn(s, i)
	}
	return k
}

// learn asks the lists for the word i of a sentence, and what it is worth.
func (m *wordMemo) learn(s *tagged, i int) knownWord {
	w, word := &s.words[i], s.word(&s.words[i])
	lists := wordLists().of(w.whole)
	w.lists = uint32(lists & 0xff)
	w.sense, _ = senses().ofWord(word)
	k := knownWord{
		whole: w.whole, stem: w.stem, end: w.end, shape: w.shape,
		own:   m.tagger.own(s, i),
		lists: uint8(lists),
		tells: lists >> 8,
		sense: w.sense,
		opens: len(word) < 4 || healthWords().mayStart(word) || healthFrames().mayStart(word),
	}
	if told := toldWords().inside(word); told != 0 {
		k.tells |= uint16(toldTells(told))
	}
	return k
}
