package capture

import (
	"encoding/binary"
	"errors"
	"io"
	"time"
)

// pcapSource reads the classic libpcap format (draft-ietf-opsawg-pcap) in
// either byte order, with microseconds or nanoseconds.
type pcapSource struct {
	in    *input
	order binary.ByteOrder
	link  uint32
	unit  time.Duration // of the fraction of a timestamp
	head  int           // bytes of a record header
	swaps bool          // written by a tcpdump that could mix up the two lengths
}

var errTooLong = errors.New("length beyond any packet's")

func newPcapSource(in *input) (*pcapSource, error) {
	magic, err := in.r.Peek(4)
	if err != nil {
		return nil, ErrFormat
	}
	s := &pcapSource{in: in, order: binary.LittleEndian, unit: time.Microsecond, head: 16}
	if magic[0] == 0xa1 {
		s.order = binary.BigEndian
	}
	switch s.order.Uint32(magic) {
	case 0xa1b2c3d4:
	case 0xa1b23c4d:
		s.unit = time.Nanosecond
	case 0xa1b2cd34: // Kuznetzov's patched libpcap: 8 more bytes a record
		s.head = 24
	default:
		return nil, ErrFormat
	}
	h, err := in.take(24)
	if err != nil {
		return nil, damaged(in.off, "file header", unexpected(err))
	}
	s.swaps = s.order.Uint16(h[4:]) == 2 && s.order.Uint16(h[6:]) <= 3
	s.link = s.order.Uint32(h[20:]) & 0xffff // above: the length of the frame check sequence
	return s, nil
}

func (s *pcapSource) Next(f *Frame) error {
	at := s.in.off
	h, err := s.in.take(s.head)
	if err == io.EOF {
		return io.EOF
	}
	if err != nil {
		return damaged(at, "record header", err)
	}
	sec, frac, n, wire := s.order.Uint32(h), s.order.Uint32(h[4:]), s.order.Uint32(h[8:]), s.order.Uint32(h[12:])
	if s.swaps && n > wire { // before version 2.4 either order is found
		n, wire = wire, n
	}
	if n > maxFrame {
		return damaged(at, "record header", errTooLong)
	}
	data, err := s.in.take(int(n))
	if err != nil {
		return damaged(at, "packet", unexpected(err))
	}
	*f = Frame{
		Time: time.Unix(int64(sec), int64(frac)*int64(s.unit)), Link: s.link,
		Data: data, Length: wireLength(wire, data),
	}
	return nil
}

// wireLength returns the length of a packet on the wire, which is at least what
// was captured of it and bounded like it.
func wireLength(claimed uint32, data []byte) int {
	return max(int(min(claimed, maxFrame)), len(data))
}
