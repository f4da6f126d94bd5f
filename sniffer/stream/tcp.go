package stream

import "time"

// maxHeld bounds the bytes that are held of one direction, in order and late
// each: a client hello counts within the first 64 KiB, and a DNS message with its
// length is no longer than that.
const maxHeld = 64<<10 + 2

// maxWait is how long late segments wait for what precedes them. No sender takes
// longer to repeat a lost one that its receiver can't do without.
const maxWait = int64(5 * time.Second)

// segment hands out what s brings, and reports whether it ends the flow.
func (t *Table[T]) segment(i int32, f *Flow[T], s *Segment, side uint8) (over bool) {
	h := &f.sides[side]
	if s.Length > 0 && h.wanted {
		if h.late() > 0 && s.Time-h.held.since > maxWait {
			t.skip(f, side)
		}
		t.take(f, side, piece{s.first(), s.first() + uint32(s.Length), s.Payload}, s.Time)
	}
	h.fin = h.fin || s.Flags&FIN != 0
	switch {
	case s.Flags&RST != 0:
		t.finish(i, f, Reset)
		return true
	case f.sides[0].fin && f.sides[1].fin && f.sides[0].late()+f.sides[1].late() == 0:
		t.finish(i, f, Closed)
		return true
	}
	return false
}

// finish ends f and leaves it where stragglers find it.
func (t *Table[T]) finish(i int32, f *Flow[T], why End) {
	t.end(f, why)
	var nothing T
	f.Data = nothing
	t.touch(i, closed)
}

// take hands out p, or holds it when it is late. Where segments overlap, the
// bytes that came first stand.
func (t *Table[T]) take(f *Flow[T], side uint8, p piece, now int64) {
	h := &f.sides[side]
	if d := int32(p.seq - h.next); d > 0 {
		t.hold(f, side, p, now)
		return
	} else if d < -believable { // no repetition reaches so far back: another connection, whose SYN was not seen
		t.cut(f, side, p.seq)
	}
	t.give(f, side, p)
	t.fill(f, side)
}

// give hands out what is new in p, which does not begin behind h.next.
func (t *Table[T]) give(f *Flow[T], side uint8, p piece) {
	h := &f.sides[side]
	if p = p.from(h.next); p.seq == p.end || !h.wanted {
		return
	}
	if len(p.b) > 0 {
		h.next += uint32(len(p.b))
		t.read(f, side, p.b)
	}
	if h.next != p.end && h.wanted { // the capture cut the frame short: the rest will never come
		t.cut(f, side, p.end)
	}
}

// read offers b, behind what is held, to the handler and keeps what it leaves.
func (t *Table[T]) read(f *Flow[T], side uint8, b []byte) {
	h := &f.sides[side]
	kept := h.held != nil && len(h.held.data) > 0
	if kept {
		if !t.append(h, b) {
			return
		}
		b = h.held.data
	}
	n, more := t.handler.Read(f, f.dir(side), b)
	switch rest := b[n:]; {
	case !more:
		t.quit(h)
	case kept && n > 0:
		h.held.data = h.held.data[:copy(h.held.data, rest)]
		t.shrink(h)
	case !kept && len(rest) > 0:
		t.append(h, rest)
	}
}

// cut tells the handler that what comes next begins at seq, behind a hole.
func (t *Table[T]) cut(f *Flow[T], side uint8, seq uint32) {
	h := &f.sides[side]
	t.stats.Gaps++
	h.next = seq
	t.lose(f, side)
}

// lose tells the handler that nothing follows on what it left.
func (t *Table[T]) lose(f *Flow[T], side uint8) {
	h := &f.sides[side]
	var rest []byte
	if h.held != nil {
		rest = h.held.data
	}
	if !t.handler.Cut(f, f.dir(side), rest) {
		t.quit(h)
	} else if h.held != nil {
		h.held.data = h.held.data[:0]
		t.shrink(h)
	}
}

// skip gives up the first hole.
func (t *Table[T]) skip(f *Flow[T], side uint8) {
	h := &f.sides[side]
	t.cut(f, side, h.held.late[0].seq)
	t.fill(f, side)
}

// fill hands out the late pieces that are late no more.
func (t *Table[T]) fill(f *Flow[T], side uint8) {
	h := &f.sides[side]
	for h.late() > 0 && int32(h.held.late[0].seq-h.next) <= 0 {
		p := h.held.pop()
		t.give(f, side, p)
		t.pool.put(p.b)
	}
	if h.held != nil {
		t.shrink(h)
	}
}

// drain hands out what is held of a side that ends.
func (t *Table[T]) drain(f *Flow[T], side uint8) {
	h := &f.sides[side]
	for h.late() > 0 {
		t.skip(f, side)
	}
	if h.held != nil && len(h.held.data) > 0 {
		t.lose(f, side)
	}
	t.quit(h)
}
