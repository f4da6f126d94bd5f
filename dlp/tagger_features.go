package dlp

// How many features of a word there are: of itself, and of it and the words around it.
const (
	ownFeatures = 13
	mostFeature = 62
)

// own writes the places of what is known of word i by itself into f: each is a hash in the table
// of weights.
func (s *tagged) own(f *[ownFeatures]uint32, i int) {
	w, pieces := s.at(i), s.pieces(i)
	*f = [ownFeatures]uint32{
		0, // of any word
		w.whole, w.stem, w.end, w.kind(), w.shape & formMask, w.lists,
		join(pieces[0], w.shape), join(pieces[1], w.shape), join(pieces[2], w.shape), join(pieces[3], w.end),
		uint32(w.sense), join(uint32(w.sense), w.shape),
	}
	for n := range f {
		f[n] = featurePlace(f[n], uint32(n))
	}
}

// around writes the places of what is known of word i and the words around it into f.
func (s *tagged) around(f *[mostFeature - ownFeatures]uint32, i int) {
	w, before, behind, before2, behind2 := s.at(i), s.at(i-1), s.at(i+1), s.at(i-2), s.at(i+2)
	form, kind, own := w.shape&formMask, w.kind(), uint32(w.sense)
	*f = [mostFeature - ownFeatures]uint32{
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

		join(own, uint32(before.sense)), join(own, uint32(behind.sense)), join(join(own, uint32(before.sense)), uint32(behind.sense)),
		join(kind, uint32(before.sense)), join(kind, uint32(behind.sense)),
		join(join(form, uint32(before.sense)), uint32(before2.sense)), join(join(form, uint32(behind.sense)), uint32(behind2.sense)),
		join(own, uint32(before2.sense)), join(own, uint32(behind2.sense)),
		join(before.whole, own), join(behind.whole, own),
		join(own, uint32(s.sensedNear(i, -1))), join(own, uint32(s.sensedNear(i, 1))), join(w.stem, uint32(s.sensedNear(i, -1))),
		join(own, s.gist), join(form, s.gist),
	}
	for n := range f {
		f[n] = featurePlace(f[n], uint32(ownFeatures+n))
	}
}

// kind is the shape of a word, and the lists that have it.
func (w *tagWord) kind() uint32 { return w.shape<<8 | w.lists }

// featurePlace returns the place of the nth feature of a word: the same hash is another one in each.
func featurePlace(hash, n uint32) uint32 {
	const apart = 0x85ebca6b // odd, with bits all over
	return (hash ^ n*apart) * headFactor >> (32 - tagBits)
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

// gists are groups of senses; a sentence is of those of which it has one.
var gists = [...]uint64{
	1<<senseKin | 1<<senseRole | 1<<sensePersonTalk,
	1 << senseGeneral,
	1<<senseAnimal | 1<<senseThing | 1<<senseFigure,
	1<<senseUnable | 1<<senseAbility,
	1<<senseBefall | 1<<senseTake | 1<<senseClinic | 1<<senseDoctor | 1<<senseTreatment,
	1<<senseID | 1<<senseDeviceTalk | 1<<senseDevice,
	1 << senseAccess,
}

// gistOf returns which groups have one of the senses.
func gistOf(means uint64) (has uint32) {
	for k, senses := range gists {
		if means&senses != 0 {
			has |= 1 << k
		}
	}
	return has
}

// sensedNear returns the nearest sense, on the side of step.
func (s *tagged) sensedNear(i, step int) sense {
	for range mostNear {
		if i += step; i < 0 || i >= s.n {
			return senseNone
		}
		if s.words[i].sense != senseNone {
			return s.words[i].sense
		}
	}
	return senseNone
}
