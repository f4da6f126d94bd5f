package dlp

import "sync/atomic"

// plainPage holds plainRune of 256 characters: text of other scripts is read one
// character at a time, and asking which ranges each is in takes long.
type plainPage [256]struct {
	plain byte
	way   Way
	alike byte // the letter that it looks like, which counts in a word with ASCII
}

// plainPages are made when a character of theirs is met first.
var plainPages [0x20000 >> 8]atomic.Pointer[plainPage]

// plainOf is plainRune, and what r looks like.
func plainOf(r rune) (plain byte, way Way, look byte) {
	page := int(r >> 8)
	if r < 0 || page >= len(plainPages) {
		plain, way = plainRune(r)
		return plain, way, alike()[r]
	}
	p := plainPages[page].Load()
	if p == nil {
		p = new(plainPage)
		for i := range p {
			r := r&^0xff | rune(i)
			p[i].plain, p[i].way = plainRune(r)
			p[i].alike = alike()[r]
		}
		plainPages[page].Store(p)
	}
	x := &p[r&0xff]
	return x.plain, x.way, x.alike
}
