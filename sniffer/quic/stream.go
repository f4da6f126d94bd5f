package quic

// maxHello bounds the ClientHello of a connection: what a client can make us
// hold. Real ones have up to 2 KiB, with post-quantum keys and padding 4 KiB.
const maxHello = 16 << 10

// stream puts the bytes of CRYPTO frames in order.
type stream struct {
	buf  []byte
	have int      // bytes from the start without a hole
	seen []uint64 // a bit for each byte behind a hole; nil until there is one
}

const seenWords = maxHello / 64

// reset forgets the bytes but keeps the memory.
func (s *stream) reset() {
	s.buf, s.have = s.buf[:0], 0
	clear(s.seen)
	s.seen = s.seen[:0]
}

// size is the memory that s holds.
func (s *stream) size() int { return cap(s.buf) + 8*cap(s.seen) }

// clone returns a copy that shares nothing with s. It uses buf if that is not nil,
// and has room for a hello of the usual length.
func (s *stream) clone(buf []byte) stream {
	if buf == nil || cap(buf) < len(s.buf) {
		buf = make([]byte, 0, max(len(s.buf), usualHello))
	}
	return stream{buf: append(buf[:0], s.buf...), have: s.have, seen: append([]uint64(nil), s.seen...)}
}

// usualHello is what nearly all hellos fit in that need two datagrams.
const usualHello = 2304

// spares are buffers of streams that are done, for others.
type spares struct{ bufs [][]byte }

// maxSpares bounds them: as many as may complete while others begin.
const maxSpares = 64

func (l *spares) get() []byte {
	n := len(l.bufs)
	if n == 0 {
		return nil
	}
	b := l.bufs[n-1]
	l.bufs = l.bufs[:n-1]
	return b
}

// put takes b, whose bytes stay what they are until the next get.
func (l *spares) put(b []byte) {
	if cap(b) == usualHello && len(l.bufs) < maxSpares {
		l.bufs = append(l.bufs, b)
	}
}

// add takes the bytes at an offset. What came before counts where there is no
// hole in front of it. It is false when there is no room.
func (s *stream) add(offset uint64, data []byte) bool {
	if offset > maxHello || uint64(len(data)) > maxHello-offset {
		return false
	}
	from, to := int(offset), int(offset)+len(data)
	if from < s.have {
		if to <= s.have {
			return true
		}
		from, data = s.have, data[s.have-from:]
	}
	if to > len(s.buf) {
		s.grow(to)
	}
	copy(s.buf[from:], data)
	if from == s.have {
		s.have = to
		if len(s.seen) > 0 {
			s.close()
		}
		return true
	}
	if from < to {
		s.mark(from, to)
	}
	return true
}

func (s *stream) grow(n int) {
	if n > cap(s.buf) {
		b := make([]byte, n, min(max(n, 2*cap(s.buf)), maxHello))
		copy(b, s.buf)
		s.buf = b
		return
	}
	old := len(s.buf)
	s.buf = s.buf[:n]
	clear(s.buf[old:])
}

// mark notes bytes behind a hole, a word at a time.
func (s *stream) mark(from, to int) {
	if len(s.seen) == 0 {
		if cap(s.seen) < seenWords {
			s.seen = make([]uint64, seenWords)
		}
		s.seen = s.seen[:seenWords]
	}
	for from < to {
		bits := min(to-from, 64-from%64)
		s.seen[from/64] |= (^uint64(0) >> (64 - bits)) << (from % 64)
		from += bits
	}
}

// close moves have over the bytes that were seen before.
func (s *stream) close() {
	for s.have < len(s.buf) && s.seen[s.have/64]>>(s.have%64)&1 != 0 {
		s.have++
	}
}

// outcome is what a stream holds.
type outcome uint8

const (
	partial  outcome = iota
	complete         // a ClientHello
	other            // another message
	tooLong          // a ClientHello for which there is no room
)

// state says what s holds, and the length of the message if it is complete.
func (s *stream) state() (outcome, int) {
	const header, clientHello = 4, 1
	switch {
	case s.have > 0 && s.buf[0] != clientHello:
		return other, 0
	case s.have < header:
		return partial, 0
	}
	n := header + int(s.buf[1])<<16 + int(s.buf[2])<<8 + int(s.buf[3])
	switch {
	case n > maxHello:
		return tooLong, 0
	case s.have < n:
		return partial, 0
	}
	return complete, n
}
