package stream

// half is one direction of a flow.
type half struct {
	bytes   int64
	packets uint32

	// TCP only. Sequence numbers wrap: they are compared by their difference.
	isn    uint32 // of the SYN
	next   uint32 // of the first byte that was not handed out
	top    uint32 // of the first byte that was not seen at all
	syn    bool   // isn was seen
	known  bool   // next and top mean something
	fin    bool   // the sender is done
	wanted bool   // the handler wants the bytes
	held   *held  // nil when nothing is held
}

// start learns where the bytes of h begin. A segment without payload that is no
// SYN says nothing: a keep-alive has the number before the next byte's.
func (h *half) start(s *Segment) {
	switch {
	case s.Flags&SYN != 0 && !h.syn:
		h.isn, h.syn = s.Seq, true
		if !h.known {
			h.next, h.top, h.known = s.Seq+1, s.Seq+1, true
		}
	case s.Length > 0 && !h.known:
		h.next, h.top, h.known = s.Seq, s.Seq, true
	}
}

// believable bounds how far a sequence number may jump and still count as
// missed bytes: RFC 7323 windows reach 1 GiB, but a hole of more than this in a
// capture is rather a forged or a foreign segment.
const believable = 1 << 20

// advance returns how many bytes of s are new, and notes them. A hole counts as
// data: it was sent, and comes late or was lost by the capture.
func (h *half) advance(s *Segment) int64 {
	if s.Length == 0 {
		return 0
	}
	end := s.first() + uint32(s.Length)
	n := int64(int32(end - h.top))
	switch {
	case n <= 0 && n > -believable: // a retransmission, or a keep-alive
		return 0
	case n > believable, n <= -believable:
		n = int64(s.Length)
	}
	h.top = end
	return n
}

// first returns the number of the first byte of s: a SYN takes one of its own.
func (s *Segment) first() uint32 {
	if s.Flags&SYN != 0 {
		return s.Seq + 1
	}
	return s.Seq
}

// reopens reports whether s, sent by side, starts a new connection between the
// ports of f.
func (f *Flow[T]) reopens(s *Segment, side uint8) bool {
	h := &f.sides[side]
	return s.Flags&(SYN|ACK) == SYN && !(h.syn && h.isn == s.Seq)
}
