package dlp

import (
	"bytes"
	"encoding/binary"
)

// memo remembers what became of numbers and other matches: lists and logs have the
// same ones again and again. It holds places of the text only, and what it says is what trying again
// would say, as all bytes that were looked at are compared.
type memo struct {
	matches [memoSize]remembered
	refused [memoSize]refusal
}

const (
	memoBits = 9
	memoSize = 1 << memoBits
	memoFrom = 256 // tries and matches of a text before it is worth having one
)

// remembered is one detector at one place.
type remembered struct {
	order      int // of the detector, plus one
	at, length int // the bytes that it looked at
	end        int // of the match; negative: there is none
	from, to   int // of the value in it
	ok         bool
}

// memory returns where what becomes of d at i is remembered; nil: nowhere.
func (c *scan) memory(d *detector, i int) *remembered {
	if c.tries++; c.tries < memoFrom || c.trace != nil || d.banner || d.mark || d.auto.rest != 0 || d.auto.exits != nil || i+8 > len(c.text) {
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
	return r.order == d.order+1 && i+r.length <= len(text) && bytes.Equal(text[r.at:r.at+r.length], text[i:i+r.length])
}

// recall is check, for a match that may have been checked before.
func (c *scan) recall(d *detector, i, j int) (from, to int, ok bool) {
	r := c.memory(d, i)
	if r == nil || j == len(c.text) {
		return c.check(d, i, j)
	}
	if r.holds(d, c.text, i) && r.end == j-i {
		c.work += workTry
		return i + r.from, i + r.to, r.ok
	}
	from, to, ok = c.check(d, i, j)
	*r = remembered{order: d.order + 1, at: i, length: j - i + 1, end: j - i, from: from - i, to: to - i, ok: ok}
	return from, to, ok
}

// note notes that the match of d at i ends at end, or that there is none, and took
// so much work.
func (r *remembered) note(d *detector, text []byte, i, end, work int) bool {
	length := work + 1 // what follows a match may make it the head of something longer
	if i+length > len(text) {
		return false // the end of the text ended it
	}
	*r = remembered{order: d.order + 1, at: i, length: length, end: end}
	return true
}

// forget gives the memo back.
func (c *scan) forget() {
	if c.money.words != nil {
		c.s.pays.Put(c.money.words)
		c.money.words = nil
	}
	if c.tagging != nil {
		*c.tagging = tagged{} // no text of a prompt stays in the pool
		c.s.taggings.Put(c.tagging)
		c.tagging = nil
	}
	if c.memo != nil {
		*c.memo = memo{}
		c.s.memos.Put(c.memo)
		c.memo = nil
	}
}
