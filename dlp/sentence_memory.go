package dlp

import (
	"hash/maphash"
	"sync/atomic"
)

// sentenceMemory remembers what was told of sentences, those of earlier texts, too: an assistant
// is sent all of its conversation again with each question. What is told depends on the bytes of
// a sentence alone, so that it need not be taken apart again. It holds keyed hashes, whose key no
// sender knows, and a number for each, no text; a sentence takes the place of one that has the
// same slot.
type sentenceMemory struct {
	seed  maphash.Seed
	slots [1 << sentenceMemoryBits]rememberedSentence
}

const sentenceMemoryBits = 15 // some three megabytes of sentences

// rememberedSentence is what was told of a sentence, and its hash XOR that: what two writers left
// half of each is the sentence of neither.
type rememberedSentence struct{ told, mixed atomic.Uint64 }

func newSentenceMemory() *sentenceMemory { return &sentenceMemory{seed: maphash.MakeSeed()} }

// hash returns the hash of a sentence, which is not 0.
func (m *sentenceMemory) hash(sentence []byte) uint64 { return maphash.Bytes(m.seed, sentence) | 1 }

// of returns what was told of the sentence of a hash, if that is remembered.
func (m *sentenceMemory) of(hash uint64) (told uint64, ok bool) {
	slot := m.slot(hash)
	told = slot.told.Load()
	return told, slot.mixed.Load()^told == hash
}

// add remembers what was told of the sentence of a hash.
func (m *sentenceMemory) add(hash, told uint64) {
	slot := m.slot(hash)
	slot.told.Store(told)
	slot.mixed.Store(told ^ hash)
}

func (m *sentenceMemory) slot(hash uint64) *rememberedSentence {
	return &m.slots[hash>>(64-sentenceMemoryBits)]
}
