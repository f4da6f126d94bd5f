package dlp

// mostFeature is how many features of a word there are.
const mostFeature = 44

// features writes the places of what is known of word i into f: each is a hash in the table of
// weights.
func (s *tagged) features(f *[mostFeature]uint32, i int) {
	w, before, behind, before2, behind2 := s.at(i), s.at(i-1), s.at(i+1), s.at(i-2), s.at(i+2)
	form, kind := w.shape&formMask, w.shape<<8|w.lists
	pieces := s.pieces(i)
	*f = [mostFeature]uint32{
		0, // of any word
		w.whole, w.stem, w.end, kind, form, w.lists,
		join(pieces[0], w.shape), join(pieces[1], w.shape), join(pieces[2], w.shape), join(pieces[3], w.end),

		before.whole, before.stem, before.end, behind.whole, behind.stem, behind.end,
		join(before.whole, w.whole), join(w.whole, behind.whole), join(before.whole, behind.whole),
		join(before.whole, form), join(before.stem, kind), join(behind.stem, kind),
		join(before2.stem, kind), join(behind2.stem, kind), join(join(before2.stem, before.stem), form),

		join(before.shape&formMask, w.shape), join(w.shape, behind.shape&formMask),
		join(join(before.shape&formMask, form), behind.shape&formMask),
		join(before.shape, before2.shape), join(behind.shape, behind2.shape),
		join(before.lists, kind), join(kind, behind.lists), join(join(before.lists, w.lists), behind.lists),

		join(w.tells, w.shape), join(before.tells, w.shape), join(before2.tells, w.shape), join(behind.tells, w.shape),
		join(before.tells, w.tells), join(w.tells, behind.tells),
		join(s.near(i, -1), w.shape), join(s.near(i, 1), w.shape),
		join(s.all, form), join(s.all, w.tells),
	}
	for n := range f { // the same hash is another feature in each place
		f[n] = (f[n] ^ uint32(n)*0x85ebca6b) * headFactor >> (32 - tagBits)
	}
}

// join returns a hash of two.
func join(x, y uint32) uint32 { return x*31 ^ y*headFactor>>3 ^ y }

// pieces returns hashes of how a word begins and ends, in bytes; of a script without blanks, of
// letters in a row.
func (s *tagged) pieces(i int) [4]uint32 {
	w := s.at(i)
	if w.shape&formMask == formLone {
		two, next := join(s.at(i-1).whole, w.whole), join(w.whole, s.at(i+1).whole)
		return [...]uint32{join(s.at(i-2).whole, two), join(two, s.at(i+1).whole), join(next, s.at(i+2).whole), join(next, join(s.at(i+2).whole, s.at(i+3).whole))}
	}
	word := s.word(w)
	n := len(word)
	return [...]uint32{
		hashMore(hashStart, word[max(0, n-2):]), hashMore(hashStart, word[max(0, n-4):]),
		hashMore(hashStart, word[:min(n, 2)]), hashMore(hashStart, word[:min(n, 3)]),
	}
}

// noWord stands for the words before and behind a sentence.
var noWord = tagWord{whole: 1, stem: 1, end: 1, shape: 99}

func (s *tagged) at(i int) *tagWord {
	if i < 0 || i >= s.n {
		return &noWord
	}
	return &s.words[i]
}

// mostNear is how many words away what a word tells still matters.
const mostNear = 8

// near returns what the nearest word tells that tells anything, on the side of step.
func (s *tagged) near(i, step int) uint32 {
	for range mostNear {
		if i += step; i < 0 || i >= s.n {
			return 0
		}
		if s.words[i].tells != 0 {
			return s.words[i].tells
		}
	}
	return 0
}

// gateFeatures is how many features of a word the gate asks for.
const gateFeatures = 4

// alone writes the places of what is known of a word by itself in the table of the gate into f.
func (s *tagged) alone(f *[gateFeatures]uint32, i int) {
	w := &s.words[i]
	*f = [gateFeatures]uint32{w.whole, w.stem, w.shape, w.end}
	if i == 0 {
		f[2] |= 1 << 16
	}
	for n := range f {
		h := (f[n] ^ uint32(n)*0x85ebca6b) * headFactor
		f[n] = (h ^ h>>15) * headFactor >> (32 - gateBits)
	}
}

// worth returns what the words of a sentence, each by itself, tell of there being any tag in it.
func (t *tagger) worth(s *tagged) (sum int32) {
	var f [gateFeatures]uint32
	for i := range s.n {
		s.alone(&f, i)
		for _, at := range f {
			sum += int32(t.gate[at&(1<<gateBits-1)])
		}
	}
	return sum
}
