package ledger

import (
	"fmt"
	"math/bits"
)

// Span stands for neighbouring leaves of a tree that are not kept themselves: the
// roots of the largest complete subtrees that they fill, about two for each
// doubling of their number. The tree's root can be computed from them as from the
// leaves. The zero value with From set has none.
type Span struct {
	From   int64  `json:"from"` // leaves before these
	N      int64  `json:"n"`    // leaves
	Hashes []Hash `json:"hashes"`
}

// maxSpan is more leaves than any tree has: sums of two never overflow.
const maxSpan = 1 << 48

// levels calls f with the levels of the subtrees: each is the largest that begins
// at its place and does not go beyond the span.
func (s *Span) levels(f func(level int)) {
	for at, end := s.From, s.From+s.N; at < end; {
		level := bits.Len64(uint64(end-at)) - 1
		if at > 0 {
			level = min(level, bits.TrailingZeros64(uint64(at)))
		}
		f(level)
		at += 1 << level
	}
}

// Add adds the leaf that follows: what Leaf returned.
func (s *Span) Add(leaf Hash) {
	s.N++
	s.Hashes = append(s.Hashes, leaf)
	for level := 0; ; level++ {
		size := int64(2) << level
		if end := s.From + s.N; s.N < size || end%size != 0 {
			return
		}
		last := len(s.Hashes) - 1
		s.Hashes[last-1] = node(s.Hashes[last-1], s.Hashes[last])
		s.Hashes = s.Hashes[:last]
	}
}

// AddSpan adds the leaves that s stands for. They must be those that follow.
func (t *Tree) AddSpan(s *Span) error {
	if s.From != t.Len() || s.N <= 0 || s.N > maxSpan || s.From > maxSpan {
		return fmt.Errorf("leaves %d to %d don't follow %d others", s.From, s.From+s.N-1, t.Len())
	}
	var levels []int
	s.levels(func(level int) { levels = append(levels, level) })
	if len(levels) != len(s.Hashes) {
		return fmt.Errorf("leaves %d to %d have %d hashes, not %d", s.From, s.From+s.N-1, len(levels), len(s.Hashes))
	}
	for i, level := range levels {
		t.add(s.Hashes[i], level)
	}
	return nil
}
