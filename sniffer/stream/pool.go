package stream

// classes are the sizes of buffers: a segment, a few, the segments that a network
// card joins, and all that a direction may hold.
var classes = [...]int{2 << 10, 8 << 10, 20 << 10, maxHeld}

// maxFree bounds the free buffers that are kept, for each class.
var maxFree = [...]int{512, 64, 16, 8}

// sizeFor returns the size of the buffer that n bytes get.
func sizeFor(n int) int64 {
	for _, size := range classes {
		if n <= size {
			return int64(size)
		}
	}
	return 0
}

// pool lends buffers and knows how many bytes are out.
type pool struct {
	free [len(classes)][][]byte
	out  int64
}

// get returns an empty buffer with room for n bytes, n <= maxHeld.
func (p *pool) get(n int) []byte {
	for c, size := range classes {
		if n > size {
			continue
		}
		p.out += int64(size)
		if last := len(p.free[c]) - 1; last >= 0 {
			b := p.free[c][last]
			p.free[c] = p.free[c][:last]
			return b
		}
		return make([]byte, 0, size)
	}
	panic("stream: buffer above maxHeld") // our own bug
}

func (p *pool) put(b []byte) {
	for c, size := range classes {
		if cap(b) != size {
			continue
		}
		p.out -= int64(size)
		if len(p.free[c]) < maxFree[c] {
			p.free[c] = append(p.free[c], b[:0])
		}
	}
}

// add appends more to b, which it may swap for a bigger one.
func (p *pool) add(b, more []byte) []byte {
	if n := len(b) + len(more); n > cap(b) {
		bigger := append(p.get(n), b...)
		p.put(b)
		b = bigger
	}
	return append(b, more...)
}
