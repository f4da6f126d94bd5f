package capture

import (
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
	"time"
)

// pcapSource reads the classic libpcap format (draft-ietf-opsawg-pcap) in
// either byte order, with microseconds or nanoseconds.
type pcapSource struct {
	in    *input
	big   bool // big-endian
	link  uint32
	unit  int64 // nanoseconds of the fraction of a timestamp
	head  int   // bytes of a record header
	swaps bool  // written by a tcpdump that could mix up the two lengths
}

var errTooLong = errors.New("length beyond any packet's")

func newPcapSource(in *input) (*pcapSource, error) {
	magic, err := in.peek(4)
	if err != nil {
		return nil, ErrFormat
	}
	s := &pcapSource{in: in, big: magic[0] == 0xa1, unit: 1000, head: 16}
	var order binary.ByteOrder = binary.LittleEndian
	if s.big {
		order = binary.BigEndian
	}
	switch order.Uint32(magic) {
	case 0xa1b2c3d4:
	case 0xa1b23c4d:
		s.unit = 1
	case 0xa1b2cd34: // Kuznetzov's patched libpcap: 8 more bytes a record
		s.head = 24
	default:
		return nil, ErrFormat
	}
	h, err := in.take(24)
	if err != nil {
		return nil, damaged(in.off, "file header", unexpected(err))
	}
	s.swaps = order.Uint16(h[4:]) == 2 && order.Uint16(h[6:]) <= 3
	s.link = order.Uint32(h[20:]) & 0xffff // above: the length of the frame check sequence
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
	le := binary.LittleEndian
	sec, frac, n, wire := le.Uint32(h), le.Uint32(h[4:]), le.Uint32(h[8:]), le.Uint32(h[12:])
	if s.big {
		sec, frac, n, wire = bits.ReverseBytes32(sec), bits.ReverseBytes32(frac), bits.ReverseBytes32(n), bits.ReverseBytes32(wire)
	}
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
	s.frame(f, sec, frac, wire, data)
	return nil
}

func (s *pcapSource) frame(f *Frame, sec, frac, wire uint32, data []byte) {
	f.Time, f.Link, f.Data, f.Length = time.Unix(int64(sec), int64(frac)*s.unit), s.link, data, wireLength(wire, data)
	f.VLAN, f.Interface = 0, ""
}

// ahead leaves what is odd to Next.
func (s *pcapSource) ahead(dst []Frame) (n int) {
	const head = 16
	if s.big || s.swaps || s.head != head {
		return 0
	}
	le, in := binary.LittleEndian, s.in
	b := in.buf[in.at:in.end]
	for n < len(dst) && len(b) >= head {
		size := le.Uint32(b[8:])
		if size > maxFrame || len(b)-head < int(size) {
			break
		}
		s.frame(&dst[n], le.Uint32(b), le.Uint32(b[4:]), le.Uint32(b[12:]), b[head:head+size:head+size])
		b = b[head+size:]
		n++
	}
	in.pass(len(b))
	return n
}

// wireLength returns the length of a packet on the wire, which is at least what
// was captured of it and bounded like it.
func wireLength(claimed uint32, data []byte) int {
	return max(int(min(claimed, maxFrame)), len(data))
}
