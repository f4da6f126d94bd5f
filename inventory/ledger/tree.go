package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// Leaf returns the hash of a record as a leaf.
func Leaf(record []byte) (h Hash) {
	d := sha256.New()
	d.Write([]byte{0})
	d.Write(record)
	d.Sum(h[:0])
	return h
}

func node(left, right Hash) Hash {
	b := make([]byte, 0, 1+2*sha256.Size)
	b = append(append(append(b, 1), left[:]...), right[:]...)
	return sha256.Sum256(b)
}

// Tree computes the root of a Merkle tree of any number of leaves in little
// memory. The zero value has none.
type Tree struct {
	n     uint64
	whole []Hash // roots of complete subtrees, the largest first: one for each bit of n
}

// Add adds a leaf: what Leaf returned.
func (t *Tree) Add(leaf Hash) { t.add(leaf, 0) }

// add adds the root of a complete subtree of 2^level leaves. There must be a
// multiple of as many before it.
func (t *Tree) add(root Hash, level int) {
	t.n += 1 << level
	for range bits.TrailingZeros64(t.n) - level {
		last := len(t.whole) - 1
		root = node(t.whole[last], root)
		t.whole = t.whole[:last]
	}
	t.whole = append(t.whole, root)
}

// Len returns the number of leaves.
func (t *Tree) Len() int64 { return int64(t.n) }

// Root returns the root over all leaves so far.
func (t *Tree) Root() Hash {
	if t.n == 0 {
		return sha256.Sum256(nil)
	}
	root := t.whole[len(t.whole)-1]
	for i := len(t.whole) - 2; i >= 0; i-- {
		root = node(t.whole[i], root)
	}
	return root
}

// Then returns the hash over h and what follows it in a chain of records that
// are no entries: SHA-256 over "gnomon-batch-1", h and each part behind its
// length in 8 bytes, big endian.
func (h Hash) Then(parts ...[]byte) (next Hash) {
	d := sha256.New()
	d.Write([]byte("gnomon-batch-1"))
	d.Write(h[:])
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		d.Write(n[:])
		d.Write(p)
	}
	d.Sum(next[:0])
	return next
}
