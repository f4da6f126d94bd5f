package packet

import (
	"math/bits"
	"time"
)

// insert makes room for a datagram, at the end of the list.
func (t *fragments) insert(k fragmentKey, now time.Time) int32 {
	if t.index == nil {
		t.index = make(map[fragmentKey]int32)
	}
	if len(t.index) >= maxDatagrams {
		t.evict()
	}
	var i int32
	if n := len(t.free); n > 0 {
		i, t.free = t.free[n-1], t.free[:n-1]
	} else {
		i, t.slots = int32(len(t.slots)), append(t.slots, datagram{})
	}
	g := &t.slots[i]
	*g = datagram{key: k, since: now, total: -1, pieces: g.pieces[:0], older: t.newest}
	if t.newest != 0 {
		t.slots[t.newest-1].newer = i + 1
	} else {
		t.oldest = i + 1
	}
	t.newest = i + 1
	t.index[k] = i
	return i
}

// remove takes a datagram out of the list.
func (t *fragments) remove(i int32) {
	g := &t.slots[i]
	t.release(g)
	if g.older != 0 {
		t.slots[g.older-1].newer = g.newer
	} else {
		t.oldest = g.newer
	}
	if g.newer != 0 {
		t.slots[g.newer-1].older = g.older
	} else {
		t.newest = g.older
	}
	delete(t.index, g.key)
	t.free = append(t.free, i)
}

// kill gives up a datagram but keeps its place in the list.
func (t *fragments) kill(g *datagram) {
	t.release(g)
	g.dead, g.pieces = true, g.pieces[:0]
}

// Buffers come in powers of two, so that those at rest serve again.
const (
	smallest = 11 // 2 KiB: the two fragments of a DNS answer need one or two steps
	classes  = 6  // up to 64 KiB
)

// class returns the class of buffers of n bytes.
func class(n int) int { return max(bits.Len(uint(n-1))-smallest, 0) }

// grow makes room for n bytes more, if need be by giving up other datagrams.
func (t *fragments) grow(i int32, n int) {
	g := &t.slots[i]
	need := len(g.buf) + n
	if need <= cap(g.buf) {
		return
	}
	c := class(need)
	var buf []byte
	if r := t.rest[c]; len(r) > 0 {
		buf, t.rest[c] = r[len(r)-1], r[:len(r)-1]
	} else {
		t.makeRoom(i, 1<<(c+smallest))
		buf = make([]byte, 0, 1<<(c+smallest))
		t.bytes += cap(buf)
	}
	buf = append(buf, g.buf...)
	t.release(g)
	g.buf = buf
}

// makeRoom frees memory for n bytes: buffers at rest first, then the oldest
// datagrams, though never the one at i.
func (t *fragments) makeRoom(i int32, n int) {
	for c := range t.rest {
		for len(t.rest[c]) > 0 && t.bytes+n > maxFragmentBytes {
			last := len(t.rest[c]) - 1
			t.bytes -= cap(t.rest[c][last])
			t.rest[c][last] = nil
			t.rest[c] = t.rest[c][:last]
		}
	}
	for t.bytes+n > maxFragmentBytes && t.oldest != 0 {
		old := t.oldest - 1
		if old == i { // the only one that needs so much can't be
			if old = t.slots[i].newer - 1; old < 0 {
				return
			}
		}
		g := &t.slots[old]
		if !g.dead {
			t.stats.Evicted++
		}
		t.bytes -= cap(g.buf)
		g.buf = nil
		t.remove(old)
	}
}

// release puts the buffer of g to rest.
func (t *fragments) release(g *datagram) {
	if g.buf == nil {
		return
	}
	c := class(cap(g.buf))
	t.rest[c] = append(t.rest[c], g.buf[:0])
	g.buf = nil
}
