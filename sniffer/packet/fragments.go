package packet

import (
	"bytes"
	"slices"
	"time"
)

// Stats counts the fragments that a Decoder met.
type Stats struct {
	Fragments   int64 // fragments of IP datagrams
	Reassembled int64 // datagrams put together
	TimedOut    int64 // datagrams given up because the rest did not come
	Evicted     int64 // datagrams given up because newer ones needed the room
}

// The bounds of what is kept of fragmented datagrams. When one is reached, the
// oldest datagram goes: of it the least is still to be hoped.
const (
	maxDatagrams     = 1024
	maxFragmentBytes = 4 << 20
	maxPieces        = 128 // of a datagram: 64 KiB cut for the smallest link of today, 576 bytes
	fragmentTimeout  = 30 * time.Second
)

// fragments holds the fragments of datagrams that are not whole yet.
//
// Fragments that contradict each other (overlap, or disagree on the end) drop
// the datagram, and what else comes of it until the time-out, as RFC 5722 wants
// for IPv6 and Linux does for IPv4 as well: two readers that solve the
// contradiction differently would read two different texts ("teardrop" and its
// kin). An exact repetition is ignored.
type fragments struct {
	stats Stats

	index map[fragmentKey]int32
	slots []datagram
	free  []int32

	// The order of arrival, as indices of slots plus one.
	oldest, newest int32

	bytes int // room of all buffers, those at rest included
	rest  [classes][][]byte
	whole []byte // the datagram put together last
}

// datagram is one that is not whole yet.
type datagram struct {
	key          fragmentKey
	since        time.Time
	buf          []byte  // the data of all fragments, in order of arrival
	pieces       []piece // in order of offset
	total        int     // length, -1 while unknown
	proto        byte    // of the first fragment
	handed       bool    // the first fragment was handed out
	dead         bool    // given up, but what else comes of it has to be known
	older, newer int32   // indices plus one
}

// piece is a run of a datagram's bytes: [off,end) are at buf[at:].
type piece struct{ off, end, at int }

// assembly is what came out of adding a fragment.
type assembly struct {
	whole  []byte // the datagram, valid until the next; nil: not whole
	proto  byte
	handed bool // its first fragment was handed out before
	first  bool // this is the first fragment, seen for the first time
}

func (t *fragments) add(k fragmentKey, f *fragment, now time.Time) (assembly, Reason) {
	t.expire(now)
	i, ok := t.index[k]
	if !ok {
		i = t.insert(k, now)
	}
	g := &t.slots[i]
	if g.dead {
		return assembly{}, Fine
	}
	fresh, why := g.fits(f)
	if why != Fine {
		t.kill(g)
		return assembly{first: f.off == 0 && !g.handed}, why
	}
	if !fresh {
		return assembly{}, Fine
	}
	t.store(i, f)
	// Pieces do not overlap: the datagram is whole when all its bytes are there.
	if g = &t.slots[i]; g.total < 0 || len(g.buf) != g.total {
		return assembly{first: f.off == 0}, Fine
	}
	a := assembly{whole: t.assemble(g), proto: g.proto, handed: g.handed}
	t.stats.Reassembled++
	t.remove(i)
	return a, Fine
}

// handedOut notes that the first fragment of a datagram was handed out.
func (t *fragments) handedOut(k fragmentKey) {
	if i, ok := t.index[k]; ok {
		t.slots[i].handed = true
	}
}

// fits tells whether f is new to g, and why it can't be of g at all.
func (g *datagram) fits(f *fragment) (fresh bool, why Reason) {
	end := f.off + len(f.data)
	if g.total >= 0 && (end > g.total || !f.more && end != g.total) {
		return false, FragmentOverlap
	}
	if n := len(g.pieces); !f.more && n > 0 && g.pieces[n-1].end > end {
		return false, FragmentOverlap
	}
	i := g.search(f.off)
	if i > 0 && g.pieces[i-1].end > f.off {
		i-- // begins in the one before
	}
	if i == len(g.pieces) || g.pieces[i].off >= end {
		if len(g.pieces) >= maxPieces {
			return false, FragmentOverflow
		}
		return true, Fine
	}
	p := g.pieces[i]
	if p.off <= f.off && end <= p.end && bytes.Equal(g.buf[p.at+f.off-p.off:][:len(f.data)], f.data) {
		return false, Fine // came twice
	}
	return false, FragmentOverlap
}

// search returns the index of the first piece that begins at off or later.
func (g *datagram) search(off int) int {
	i, _ := slices.BinarySearchFunc(g.pieces, off, func(p piece, off int) int { return p.off - off })
	return i
}

// store keeps a fragment that fits.
func (t *fragments) store(i int32, f *fragment) {
	t.grow(i, len(f.data))
	g := &t.slots[i]
	at, end := len(g.buf), f.off+len(f.data)
	g.buf = append(g.buf, f.data...)
	if f.off == 0 {
		g.proto = f.proto
	}
	if !f.more {
		g.total = end
	}
	n := g.search(f.off)
	if n > 0 && g.pieces[n-1].end == f.off && g.pieces[n-1].at+f.off-g.pieces[n-1].off == at {
		g.pieces[n-1].end = end // in order: one run
		return
	}
	g.pieces = slices.Insert(g.pieces, n, piece{f.off, end, at})
}

func (t *fragments) assemble(g *datagram) []byte {
	if t.whole == nil {
		t.whole = make([]byte, maxDatagram)
	}
	for _, p := range g.pieces {
		copy(t.whole[p.off:p.end], g.buf[p.at:])
	}
	return t.whole[:g.total]
}

// expire gives up what is too old. Files merged of several captures may jump
// back, too.
func (t *fragments) expire(now time.Time) {
	for t.oldest != 0 {
		g := &t.slots[t.oldest-1]
		if now.Sub(g.since).Abs() <= fragmentTimeout {
			return
		}
		if !g.dead {
			t.stats.TimedOut++
		}
		t.remove(t.oldest - 1)
	}
}

// evict gives up the oldest datagram.
func (t *fragments) evict() {
	if !t.slots[t.oldest-1].dead {
		t.stats.Evicted++
	}
	t.remove(t.oldest - 1)
}
