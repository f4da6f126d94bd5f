package stream

import "slices"

// maxLate bounds the late segments of one direction: a window of segments that
// pass a lost one, as they do on the Internet, is about that.
const maxLate = 16

// piece is a run of bytes: those numbered seq up to end, of which the capture
// has the first len(b).
type piece struct {
	seq, end uint32
	b        []byte
}

// from returns p without the bytes before seq.
func (p piece) from(seq uint32) piece {
	d := int32(seq - p.seq)
	if d <= 0 {
		return p
	}
	if int32(p.end-seq) <= 0 {
		return piece{seq: p.end, end: p.end}
	}
	return piece{seq, p.end, p.b[min(int(d), len(p.b)):]}
}

// upTo returns p without the bytes from end on.
func (p piece) upTo(end uint32) piece {
	if int32(p.end-end) <= 0 {
		return p
	}
	return piece{p.seq, end, p.b[:min(int(end-p.seq), len(p.b))]}
}

// held is what is kept of one direction.
type held struct {
	data  []byte  // in order, not consumed; from the pool
	late  []piece // sorted, not overlapping; their bytes are from the pool
	size  int     // bytes in late
	since int64   // when the first of late came

	of           *half
	older, newer *held
}

func (h *half) late() int {
	if h.held == nil {
		return 0
	}
	return len(h.held.late)
}

func (d *held) pop() piece {
	p := d.late[0]
	d.late = slices.Delete(d.late, 0, 1)
	d.size -= len(p.b)
	return p
}

// holders are all that hold something, oldest first, and some to use again.
type holders struct {
	oldest, newest *held
	free           []*held
}

// maxSpare bounds the free holders.
const maxSpare = 1024

func (l *holders) add(h *half) *held {
	var d *held
	if n := len(l.free); n > 0 {
		d, l.free = l.free[n-1], l.free[:n-1]
	} else {
		d = new(held)
	}
	d.of, d.older, d.newer = h, l.newest, nil
	if l.newest != nil {
		l.newest.newer = d
	} else {
		l.oldest = d
	}
	l.newest = d
	return d
}

func (l *holders) remove(d *held) {
	if d.older != nil {
		d.older.newer = d.newer
	} else {
		l.oldest = d.newer
	}
	if d.newer != nil {
		d.newer.older = d.older
	} else {
		l.newest = d.older
	}
	*d = held{late: d.late[:0]}
	if len(l.free) < maxSpare {
		l.free = append(l.free, d)
	}
}

// hold keeps a late piece, unless it is too much.
func (t *Table[T]) hold(f *Flow[T], side uint8, p piece, now int64) {
	h := &f.sides[side]
	t.stats.Late++
	if h.held == nil {
		h.held = t.holding.add(h)
	}
	if h.late() >= maxLate || h.held.size+len(p.b) > maxHeld {
		if h.late() == 0 { // one segment that is too long to hold
			t.stats.Overflow++
			t.quit(h)
			return
		}
		t.skip(f, side)
		if h.wanted {
			t.take(f, side, p, now)
		}
		return
	}
	if h.late() == 0 {
		h.held.since = now
	}
	t.insert(h, p)
	if h.held != nil {
		t.shrink(h)
	}
}

// insert puts those bytes of p among the late ones that are not there yet.
func (t *Table[T]) insert(h *half, p piece) {
	for k := 0; k < h.late() && p.seq != p.end; k++ {
		q := h.held.late[k]
		if int32(p.seq-q.end) >= 0 {
			continue
		}
		if int32(q.seq-p.seq) > 0 {
			before := p.upTo(q.seq)
			if !t.put(h, k, before) {
				return
			}
			k++
		}
		p = p.from(q.end)
	}
	if p.seq != p.end {
		t.put(h, h.late(), p)
	}
}

// put copies p to place k of the late pieces. It reports whether there was room.
func (t *Table[T]) put(h *half, k int, p piece) bool {
	if !t.afford(h, len(p.b)) {
		return false
	}
	p.b = append(t.pool.get(len(p.b)), p.b...)
	h.held.late = slices.Insert(h.held.late, k, p)
	h.held.size += len(p.b)
	return true
}

// append puts b behind the bytes held in order. When that is too much, h is
// given up and append returns false.
func (t *Table[T]) append(h *half, b []byte) bool {
	if h.held == nil {
		h.held = t.holding.add(h)
	}
	if len(h.held.data)+len(b) > maxHeld {
		t.stats.Overflow++
		t.quit(h)
		return false
	}
	if !t.afford(h, len(h.held.data)+len(b)) {
		return false
	}
	if h.held.data == nil {
		h.held.data = t.pool.get(len(b))
	}
	h.held.data = t.pool.add(h.held.data, b)
	return true
}

// afford makes room for a buffer of n bytes at the cost of who has held longest:
// who never completes what he began must not starve the others. It returns
// false when that is h itself.
func (t *Table[T]) afford(h *half, n int) bool {
	for t.pool.out+sizeFor(n) > t.opt.Memory && t.holding.oldest != nil {
		of := t.holding.oldest.of
		t.stats.Memory++
		t.quit(of)
		if of == h {
			return false
		}
	}
	return true
}

// shrink frees what h no longer needs.
func (t *Table[T]) shrink(h *half) {
	if len(h.held.data) == 0 && h.held.data != nil {
		t.pool.put(h.held.data)
		h.held.data = nil
	}
	if h.held.data == nil && len(h.held.late) == 0 {
		t.release(h)
	}
}

// quit wants no more bytes of h.
func (t *Table[T]) quit(h *half) {
	h.wanted = false
	if h.held != nil {
		t.release(h)
	}
}

func (t *Table[T]) release(h *half) {
	d := h.held
	t.pool.put(d.data)
	for i := range d.late {
		t.pool.put(d.late[i].b)
		d.late[i] = piece{}
	}
	t.holding.remove(d)
	h.held = nil
}
