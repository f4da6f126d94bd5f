package logs

// held keeps a lookup back until the log says whether it was refused, which
// resolvers write into a line of its own. It holds one: resolvers refuse before
// they turn to the next query, so an earlier one is let go as it is.
type held struct {
	rec  Record
	key  string // what the line that refuses has in common with the query
	full bool
}

// swap holds r instead, and puts into r what was held.
func (h *held) swap(r *Record, key string) verdict {
	old, had := h.rec, h.full
	h.rec, h.key, h.full = *r, key, true
	*r = old
	if had {
		return yes
	}
	return nothing
}

// flush lets go what is held.
func (h *held) flush(r *Record) verdict {
	if !h.full {
		return nothing
	}
	*r = h.rec
	*h = held{} // let the block go
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
