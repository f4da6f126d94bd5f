package dlp

import (
	"hash/maphash"
	"sync/atomic"
)

// taggedMemory remembers what was tagged in sentences, those of earlier texts, too: an assistant
// is sent all of its conversation again with each question. What a sentence is tagged depends on
// its bytes alone, so it need not be taken apart again. It holds keyed hashes, whose key no sender
// knows, and places, no text; a sentence takes the place of one that has the same slot.
type taggedMemory struct {
	seed  maphash.Seed
	slots [1 << taggedMemoryBits]rememberedTags
}

const taggedMemoryBits = 15 // some three megabytes of sentences

// rememberedTags are the tags of a sentence, and its hash XOR these: what two writers left half
// of each is the sentence of neither.
type rememberedTags struct{ tags, mixed atomic.Uint64 }

func newTaggedMemory() *taggedMemory { return &taggedMemory{seed: maphash.MakeSeed()} }

// hash returns the hash of a sentence, which is not 0.
func (m *taggedMemory) hash(sentence []byte) uint64 { return maphash.Bytes(m.seed, sentence) | 1 }

// of returns what was tagged in the sentence of a hash, if that is remembered.
func (m *taggedMemory) of(hash uint64) (tags packedSpans, ok bool) {
	slot := m.slot(hash)
	held := slot.tags.Load()
	return packedSpans(held), slot.mixed.Load()^held == hash
}

// add remembers what was tagged in the sentence of a hash.
func (m *taggedMemory) add(hash uint64, tags packedSpans) {
	slot := m.slot(hash)
	slot.tags.Store(uint64(tags))
	slot.mixed.Store(uint64(tags) ^ hash)
}

func (m *taggedMemory) slot(hash uint64) *rememberedTags {
	return &m.slots[hash>>(64-taggedMemoryBits)]
}

// taggedSpan are the bytes from to to of a sentence, whose words have one tag.
type taggedSpan struct {
	from, to int
	as       wordTag
	lone     bool // one word was tagged
}

// packedSpans are spans of a sentence, the first in the lowest bits: none is 0.
type packedSpans uint64

const (
	placeBits = 9 // of a byte of a sentence
	spanBits  = 2*placeBits + 3
	mostSpans = 64 / spanBits
)

// Neither place of a span, nor the tags but none, may have more bits than there are for them.
const (
	_ = uint(1<<placeBits - 1 - maxSentence)
	_ = uint(4 - (allTags - 1))
)

// packed returns spans packed, if there are not too many.
func packed(spans []taggedSpan) (p packedSpans, ok bool) {
	if len(spans) > mostSpans {
		return 0, false
	}
	for n, span := range spans {
		bits := packedSpans(span.from) | packedSpans(span.to)<<placeBits | packedSpans(span.as-1)<<(2*placeBits)
		if span.lone {
			bits |= 1 << (spanBits - 1)
		}
		p |= bits << (n * spanBits)
	}
	return p, true
}

// next returns the first span, and those behind it. No span is empty.
func (p packedSpans) next() (first taggedSpan, rest packedSpans) {
	const place = 1<<placeBits - 1
	return taggedSpan{
		from: int(p & place),
		to:   int(p >> placeBits & place),
		as:   wordTag(p>>(2*placeBits)&3) + 1,
		lone: p>>(spanBits-1)&1 != 0,
	}, p >> spanBits
}
