package dlp

import (
	"encoding/binary"
	"math"
)

// memo remembers what became of numbers and other matches: lists and logs have the
// same ones again and again. It holds places of the text only, and what it says is what trying again
// would say, as all bytes that were looked at are compared.
type memo struct {
	matches [memoSize]remembered
	refused [memoSize]refusal

	numbered numberedSeen
}

const (
	memoBits = 9
	memoSize = 1 << memoBits
	memoFrom = 256 // tries and matches of a text before it is worth having one
)

// remembered is one detector at one place. It is small, as it is written at nearly
// every number of a text that does not repeat itself.
type remembered struct {
	order      int32 // of the detector, plus one
	at, length int32 // the bytes that it looked at
	end        int32 // of the match; negative: there is none
	from, to   int32 // of the value in it
	ok         bool
}

// memory returns where what becomes of d at i is remembered; nil: nowhere.
func (c *scan) memory(d *detector, i int) *remembered {
	if c.tries++; c.tries < memoFrom || c.trace != nil || !d.repeats || i+8 > len(c.text) || len(c.text) > math.MaxInt32 {
		return nil
	}
	c.remember()
	h := (binary.LittleEndian.Uint64(c.text[i:]) ^ uint64(d.order)<<20) * 0x9e3779b97f4a7c15
	return &c.memo.matches[h>>(64-memoBits)]
}

// remember gets a memo.
func (c *scan) remember() {
	if c.memo != nil {
		return
	}
	if m, ok := c.s.memos.Get().(*memo); ok {
		c.memo = m
	} else {
		c.memo = new(memo)
	}
}

// refusal is a detector and a place of the text that is no value of it, whatever
// else led there; 0: none.
type refusal uint64

func refusalOf(d *detector, i int) refusal { return refusal(i)<<16 | refusal(d.order+1) }

// refused returns where it is remembered whether i is no value of d; nil: nowhere.
func (c *scan) refused(d *detector, i int) *refusal {
	if c.tries++; c.tries < memoFrom || c.trace != nil {
		return nil
	}
	c.remember()
	return &c.memo.refused[uint64(refusalOf(d, i))*0x9e3779b97f4a7c15>>(64-memoBits)]
}

// note notes that i is no value of d.
func (r *refusal) note(d *detector, i int) {
	if r != nil {
		*r = refusalOf(d, i)
	}
}

// holds reports whether r tells what becomes of d at text[i:].
func (r *remembered) holds(d *detector, text []byte, i int) bool {
	return int(r.order) == d.order+1 && i+int(r.length) <= len(text) && string(text[r.at:r.at+r.length]) == string(text[i:i+int(r.length)])
}

// recall is check, for a match that may have been checked before.
func (c *scan) recall(d *detector, i, j int) (from, to int, ok bool) {
	r := c.memory(d, i)
	if r == nil || j == len(c.text) {
		return c.check(d, i, j)
	}
	if r.holds(d, c.text, i) && int(r.end) == j-i {
		c.work += workTry
		return i + int(r.from), i + int(r.to), r.ok
	}
	from, to, ok = c.check(d, i, j)
	*r = remembered{order: int32(d.order + 1), at: int32(i), length: int32(j - i + 1), end: int32(j - i)}
	r.check(i, from, to, ok)
	return from, to, ok
}

// note notes that the match of d at i ends at end, or that there is none, and took
// so much work.
func (r *remembered) note(d *detector, text []byte, i, end, work int) bool {
	length := work + 1 // what follows a match may make it the head of something longer
	if i+length > len(text) {
		return false // the end of the text ended it
	}
	*r = remembered{order: int32(d.order + 1), at: int32(i), length: int32(length), end: int32(end)}
	return true
}

// check notes the value of the match at i, if there is one.
func (r *remembered) check(i, from, to int, ok bool) {
	r.from, r.to, r.ok = int32(from-i), int32(to-i), ok
}

// forget gives the memo back.
func (c *scan) forget() {
	if c.money.words != nil {
		c.s.pays.Put(c.money.words)
		c.money.words = nil
	}
	if c.tagging != nil {
		c.tagging.forget()
		c.s.taggings.Put(c.tagging)
		c.tagging = nil
	}
	if c.memo != nil {
		*c.memo = memo{}
		c.s.memos.Put(c.memo)
		c.memo = nil
	}
}
