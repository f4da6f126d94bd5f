package dlp

import (
	"encoding/binary"
	"iter"
)

// heads finds the entries of a vocabulary that a text may start with by its first bytes,
// at most four. At most places of a text there are none, which a bit says.
type heads[E any] struct {
	may     headSet
	entries map[uint32][]E
}

// headSet says of which heads there may be an entry, by their hashes.
type headSet [1 << headBits / 64]uint64

func (s *headSet) add(head uint32) {
	bit := head * headFactor >> (32 - headBits)
	s[bit>>6] |= 1 << (bit & 63)
}

func (s *headSet) has(head uint32) bool {
	bit := head * headFactor >> (32 - headBits)
	return s[bit>>6]>>(bit&63)&1 != 0
}

const (
	headBits   = 16
	headFactor = 0x9e3779b1 // spreads a head over the upper bits
)

// headOf returns the first four bytes of text, or all of a shorter one.
func headOf(text []byte) (h uint32) {
	if len(text) >= 4 {
		return binary.LittleEndian.Uint32(text)
	}
	for i := range len(text) {
		h |= uint32(text[i]) << (8 * i)
	}
	return h
}

func (h *heads[E]) add(head uint32, e E) {
	if h.entries == nil {
		h.entries = make(map[uint32][]E)
	}
	h.may.add(head)
	h.entries[head] = append(h.entries[head], e)
}

// at returns the entries with a head, in the order in which they were added.
func (h *heads[E]) at(head uint32) []E {
	if !h.may.has(head) {
		return nil
	}
	return h.entries[head]
}

// all returns the entries in any order.
func (h *heads[E]) all() iter.Seq[E] {
	return func(yield func(E) bool) {
		for _, entries := range h.entries {
			for _, e := range entries {
				if !yield(e) {
					return
				}
			}
		}
	}
}
