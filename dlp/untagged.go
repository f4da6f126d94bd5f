package dlp

import (
	"hash/maphash"
	"sync/atomic"
)

// untagged remembers sentences of which nothing was tagged, those of earlier texts, too: an
// assistant is sent all of its conversation again with each question. What a sentence is tagged
// depends on its bytes alone, so it need not be looked at again. It holds keyed hashes, whose key
// no sender knows; a sentence takes the place of one that has the same slot.
type untagged struct {
	seed  maphash.Seed
	slots [1 << untaggedBits]atomic.Uint64
}

const untaggedBits = 15 // some three megabytes of sentences

func newUntagged() *untagged { return &untagged{seed: maphash.MakeSeed()} }

// hash returns the hash of a sentence, which is not 0.
func (u *untagged) hash(sentence []byte) uint64 { return maphash.Bytes(u.seed, sentence) | 1 }

func (u *untagged) has(hash uint64) bool { return u.slot(hash).Load() == hash }

func (u *untagged) add(hash uint64) { u.slot(hash).Store(hash) }

func (u *untagged) slot(hash uint64) *atomic.Uint64 { return &u.slots[hash>>(64-untaggedBits)] }
