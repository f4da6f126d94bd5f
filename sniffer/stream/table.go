package stream

import "math"

// Handler is told what happens to flows. Its methods may not call the Table's.
type Handler[T any] interface {
	// Read is handed the bytes of one direction that follow on those consumed so
	// far, and returns how many of them it consumes and whether it wants more. b
	// is valid until it returns; what was not consumed comes again with more
	// behind it.
	Read(f *Flow[T], d Dir, b []byte) (n int, more bool)
	// Cut tells that the bytes behind rest, which was handed out before and not
	// consumed, will never come. It returns whether bytes behind the hole are
	// wanted.
	Cut(f *Flow[T], d Dir, rest []byte) (more bool)
	// End is the last that is said of a flow.
	End(f *Flow[T], why End)
}

// Options bound a Table. A zero field means its default.
type Options struct {
	Flows  int   // 65,536
	Memory int64 // bytes held for reassembly: 16 MiB
}

// Table holds the flows under way. One goroutine uses it.
type Table[T any] struct {
	handler Handler[T]
	opt     Options
	index   index
	chunks  [][]Flow[T] // never move, so that pointers stay
	free    []int32
	used    int32
	lists   [lists]list
	packets uint64
	due     int64 // before then no list has anything to end
	pool    pool
	holding holders
	stats   Stats
}

// chunk is how many flows are made at a time.
const chunk = 1024

// New returns a Table that tells h about its flows.
func New[T any](h Handler[T], o Options) *Table[T] {
	if o.Flows <= 0 {
		o.Flows = 1 << 16
	}
	if o.Memory <= 0 {
		o.Memory = 16 << 20
	}
	t := &Table[T]{handler: h, opt: o, index: newIndex()}
	for i := range t.lists {
		t.lists[i] = list{none, none}
	}
	return t
}

// Stats returns the counts so far.
func (t *Table[T]) Stats() Stats {
	s := t.stats
	s.Flows, s.Held = int64(t.index.n), t.pool.out
	return s
}

// Packet takes a packet and returns its flow and direction. The flow is nil for
// what ends one, or trails behind its end.
func (t *Table[T]) Packet(s *Segment) (*Flow[T], Dir) {
	t.packets++
	if s.Time >= t.due {
		t.expire(s.Time)
	}
	k, side := keyOf(s)
	hash := t.index.hash(&k)
	i, ok := t.find(&k, hash)
	if ok && s.Proto == TCP {
		if f := t.at(i); f.reopens(s, side) {
			t.remove(i, Replaced)
			ok = false
		} else if f.list == closed {
			return nil, Up
		}
	}
	if !ok {
		if s.Proto == TCP && (s.Flags&RST != 0 || s.Flags&FIN != 0 && s.Length == 0) {
			return nil, Up // the end of what we did not see
		}
		i = t.open(k, hash, s, side)
	}
	f := t.at(i)
	if s.Time < f.last { // merged captures are not quite in order
		t.due = math.MinInt64
	}
	f.last = s.Time
	t.meter(i, f, s, side)
	if s.Proto == TCP && t.segment(i, f, s, side) {
		return nil, Up
	}
	return f, f.dir(side)
}

// Flush ends all flows, as at the end of a capture.
func (t *Table[T]) Flush() {
	for which := range t.lists {
		for t.lists[which].tail != none {
			t.remove(t.lists[which].tail, Flushed)
		}
	}
}

// Each calls do with each live flow, longest unused first in its kind. do may not
// call the Table's methods.
func (t *Table[T]) Each(do func(*Flow[T])) {
	for _, which := range [...]uint8{young, datagrams, streams} {
		for i := t.lists[which].tail; i != none; i = t.at(i).prev {
			do(t.at(i))
		}
	}
}

func (t *Table[T]) at(i int32) *Flow[T] { return &t.chunks[i/chunk][i%chunk] }

// open makes a flow.
func (t *Table[T]) open(k key, hash uint32, s *Segment, side uint8) int32 {
	if t.index.n >= t.opt.Flows {
		t.evict()
	}
	var i int32
	if n := len(t.free); n > 0 {
		i, t.free = t.free[n-1], t.free[:n-1]
	} else {
		if i = t.used; int(i/chunk) == len(t.chunks) {
			t.chunks = append(t.chunks, make([]Flow[T], min(chunk, t.opt.Flows-int(i))))
		}
		t.used++
	}
	f := t.at(i)
	*f = Flow[T]{key: k, hash: hash, first: s.Time, last: s.Time, client: guessClient(s, side)}
	if s.Proto == TCP {
		t.stats.TCP++
		f.sides[0].wanted, f.sides[1].wanted = true, true
		if f.syn = s.Flags&SYN != 0; !f.syn {
			t.stats.Midway++
		}
	} else {
		t.stats.UDP++
	}
	t.index.add(hash, i)
	t.pushFront(i, young)
	return i
}

// remove takes flow i out of the table.
func (t *Table[T]) remove(i int32, why End) {
	f := t.at(i)
	if f.list != closed {
		t.end(f, why)
	}
	t.unlink(i)
	t.index.remove(f.hash, i)
	*f = Flow[T]{} // what the handler kept in it must not live on
	t.free = append(t.free, i)
}

// end tells the handler all that is left to say about f.
func (t *Table[T]) end(f *Flow[T], why End) {
	for side := range f.sides {
		t.drain(f, uint8(side))
	}
	t.handler.End(f, why)
}

// meter counts s, and moves the flow to the list where it belongs now.
func (t *Table[T]) meter(i int32, f *Flow[T], s *Segment, side uint8) {
	h := &f.sides[side]
	h.packets++
	which := streams
	if s.Proto == UDP {
		h.bytes += int64(s.Length)
		which = datagrams
	} else {
		h.start(s)
		h.bytes += h.advance(s)
	}
	if f.sides[0].bytes+f.sides[1].bytes == 0 || s.Proto == UDP && f.sides[0].packets+f.sides[1].packets == 1 {
		which = young
	}
	t.touch(i, which)
}
