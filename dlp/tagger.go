package dlp

import (
	_ "embed"
	"encoding/binary"
	"sync"
)

// A tagger tells of each word of a sentence what it is a part of: a name, what is said
// of somebody's health, a secret, what a device is known by. It reads the word, the words
// beside it and what lists know of them; what each of these is worth was learned from
// sentences (TestTrainTagger), and the best row of tags is found as a whole (Viterbi).
type tagger struct {
	weights []uint32                // of a feature, by its hash: a byte for each tag but none, each plus tagZero
	after   [allTags][allTags]int32 // what a tag is worth behind another
}

// wordTag is what a word is a part of.
type wordTag uint8

const (
	tagNone wordTag = iota
	tagName
	tagHealth
	tagSecret
	tagDevice
	allTags
)

const (
	tagBits    = 19   // of the hashes of features
	tagZero    = 0x80 // stands for 0 in a byte of weights,
	each       = 0x01010101
	mostTagged = 96 // words of a sentence are read
)

// tagger.bin is what features are worth, a byte for each tag but none, then what tags
// are worth behind one another, in 32 bits.
//
//go:embed tagger.bin
var taggerWeights string

// theTagger is read when the first sentence is tagged.
var theTagger = sync.OnceValue(func() *tagger { return newTagger(taggerWeights) })

// newTagger reads what was learned. Without it all words are nothing.
func newTagger(learned string) *tagger {
	t := &tagger{weights: make([]uint32, 1<<tagBits)}
	if len(learned) < 4*len(t.weights) {
		return t
	}
	rest := []byte(learned)
	for i := range t.weights {
		t.weights[i] = binary.LittleEndian.Uint32(rest) ^ tagZero*each
		rest = rest[4:]
	}
	for i := range allTags {
		for k := range allTags {
			t.after[i][k] = int32(binary.LittleEndian.Uint32(rest))
			rest = rest[4:]
		}
	}
	return t
}

// tagSums are what features are worth: two sums of 16 bits in each, for names and secrets, for
// health and devices.
type tagSums struct{ even, odd uint32 }

// add adds the weights of features.
func (t *tagger) add(sums tagSums, features []uint32) tagSums {
	for _, at := range features {
		w := t.weights[at&(1<<tagBits-1)]
		sums.even += w & 0xff00ff
		sums.odd += w >> 8 & 0xff00ff
	}
	return sums
}

// of returns what so many features are worth for each tag.
func (s tagSums) of(features int32) [allTags]int32 {
	zero := features * tagZero
	return [allTags]int32{0, int32(s.even&0xffff) - zero, int32(s.odd&0xffff) - zero, int32(s.even>>16) - zero, int32(s.odd>>16) - zero}
}

// What a word by itself is worth at least, as names, secrets and devices or as health, if the words
// around it are asked for, too: half of all words are none of these wherever they stand. What is
// said of health has more such words in it, but one that tells.
const (
	leastOwn       = -200
	leastOwnHealth = -500
	leastBest      = -100
)

// own returns what word i of a sentence is worth by itself.
func (t *tagger) own(s *tagged, i int) tagSums {
	var own [ownFeatures]uint32
	s.own(&own, i)
	return t.add(tagSums{}, own[:])
}

// worth tells what the words of a sentence are worth for each tag, or that none can be any.
func (t *tagger) worth(s *tagged) (some bool) {
	for i := range s.n {
		if !s.words[i].known {
			s.sums[i] = t.own(s, i)
		}
		by := s.sums[i].of(ownFeatures)
		s.worth[i] = by
		some = some || max(by[tagName], by[tagHealth], by[tagSecret], by[tagDevice]) >= leastBest
	}
	if !some {
		return false
	}
	for i := range s.n {
		by := &s.worth[i]
		if max(by[tagName], by[tagSecret], by[tagDevice]) < leastOwn && by[tagHealth] < leastOwnHealth {
			continue
		}
		var around [mostFeature - ownFeatures]uint32
		s.around(&around, i)
		*by = t.add(s.sums[i], around[:]).of(mostFeature)
	}
	return true
}

// tag tells the tags of the words of a sentence that was read, and looked at for t.
func (t *tagger) tag(s *tagged) {
	if !t.worth(s) {
		clear(s.tags[:s.n])
		return
	}
	var score, last [allTags]int32
	for i := range s.n {
		own := &s.worth[i]
		if i == 0 {
			for k := range allTags {
				score[k] = own[k] + t.after[tagNone][k]
			}
			continue
		}
		last = score
		for k := range allTags {
			best, from := last[0]+t.after[0][k], tagNone
			for p := wordTag(1); p < allTags; p++ {
				if x := last[p] + t.after[p][k]; x > best {
					best, from = x, p
				}
			}
			score[k], s.best[i][k] = best+own[k], from
		}
	}
	if s.n == 0 {
		return
	}
	k := tagNone
	for p := wordTag(1); p < allTags; p++ {
		if score[p] > score[k] {
			k = p
		}
	}
	for i := s.n - 1; i >= 0; i-- {
		s.tags[i] = k
		k = s.best[i][k]
	}
}
