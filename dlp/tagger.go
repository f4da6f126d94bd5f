package dlp

import (
	_ "embed"
	"encoding/binary"
	"strings"
	"sync"
)

// A tagger tells of each word of a sentence what it is a part of: a name, what is said
// of somebody's health, a secret, what a device is known by. It reads the word, the words
// beside it and what lists know of them; what each of these is worth was learned from
// sentences (TestTrainTagger), and the best row of tags is found as a whole (Viterbi).
type tagger struct {
	weights []uint32                // of a feature, by its hash: a byte for each tag but none, each plus tagZero
	after   [allTags][allTags]int32 // what a tag is worth behind another
	gate    [1 << gateBits]int8     // what a word alone tells of there being any tag in its sentence
	open    int32                   // which must be more than this
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
	tagBits    = 18 // of the hashes of features
	gateBits   = 15
	tagZero    = 0x80 // stands for 0 in a byte of weights,
	each       = 0x01010101
	mostTagged = 96 // words of a sentence are read
)

// tagger.bin is what features are worth, a byte for each tag but none, then what tags
// are worth behind one another, in 32 bits; tagger_signs.txt lists the words by which a
// sentence is looked at, with low lines for blanks.
var (
	//go:embed tagger.bin
	taggerWeights string
	//go:embed tagger_signs.txt
	taggerSigns string
)

// theTagger and its signs are read when the first detector asks for them.
var (
	theTagger = sync.OnceValue(func() *tagger { return newTagger(taggerWeights) })
	tagSigns  = sync.OnceValue(func() (signs []string) {
		for w := range strings.FieldsSeq(taggerSigns) {
			signs = append(signs, strings.ReplaceAll(w, "_", " "))
		}
		return signs
	})
)

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
	t.open = int32(binary.LittleEndian.Uint32(rest))
	for i := range t.gate {
		t.gate[i] = int8(rest[4+i])
	}
	return t
}

// tag tells the tags of the words of a sentence that was read.
func (t *tagger) tag(s *tagged) {
	var f [mostFeature]uint32
	var score, last [allTags]int32
	for i := range s.n {
		s.features(&f, i)
		even, odd := uint32(0), uint32(0) // two sums of 16 bits each
		for _, at := range f {
			w := t.weights[at&(1<<tagBits-1)]
			even += w & 0xff00ff
			odd += w >> 8 & 0xff00ff
		}
		const zero = mostFeature * tagZero
		own := [allTags]int32{0, int32(even&0xffff) - zero, int32(odd&0xffff) - zero, int32(even>>16) - zero, int32(odd>>16) - zero}
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
