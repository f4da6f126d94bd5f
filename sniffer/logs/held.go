package logs

import "unsafe"

// held keeps a lookup back until the log says whether it was refused, which
// resolvers write into a line of its own. It holds one: resolvers refuse before
// they turn to the next query, so an earlier one is let go as it is.
type held struct {
	rec  Record
	key  string // what the line that refuses has in common with the query
	full bool
	text [2][]byte // holds the strings of rec, and those of the record let go before
}

// swap holds r instead, and puts into r what was held. What it holds outlives
// the line.
func (h *held) swap(r *Record, key string) verdict {
	old, had := h.rec, h.full
	h.text[0], h.text[1] = h.text[1][:0], h.text[0]
	h.rec, h.key, h.full = *r, h.keep(key), true
	for _, s := range h.rec.texts() {
		*s = h.keep(*s)
	}
	*r = old
	if had {
		return yes
	}
	return nothing
}

func (h *held) keep(s string) string {
	if s == "" {
		return ""
	}
	at := len(h.text[0])
	h.text[0] = append(h.text[0], s...)
	return unsafe.String(&h.text[0][at], len(s))
}

// flush lets go what is held.
func (h *held) flush(r *Record) verdict {
	if !h.full {
		return nothing
	}
	*r = h.rec
	h.rec, h.key, h.full = Record{}, "", false
	return yes
}

// answer lets the record of key go, refused or not; a line about another one
// says nothing.
func (h *held) answer(r *Record, key string, blocked bool) verdict {
	if !h.full || h.key != key {
		return nothing
	}
	h.rec.Blocked = h.rec.Blocked || blocked
	return h.flush(r)
}
