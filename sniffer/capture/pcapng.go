package capture

import (
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
	"strings"
	"time"
	"unicode"
)

// sectionMagic starts each section of a pcapng file; it reads the same in
// either byte order.
var sectionMagic = [4]byte{0x0a, 0x0d, 0x0d, 0x0a}

// The block types that we read (draft-ietf-opsawg-pcapng, section 4); others
// are skipped.
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockOldPacket = 2 // obsolete
	blockSimple    = 3
	blockPacket    = 6
)

// The table of a section is bounded: what the file says of its interfaces is
// all that we keep. Merged captures have thousands; 16 bits are what an obsolete
// packet block can tell apart.
const (
	maxInterfaces = 1 << 16
	maxName       = 64
)

var (
	errBlockLength = errors.New("impossible block length")
	errByteOrder   = errors.New("unknown byte order")
	errInterface   = errors.New("packet of an interface that was never described")
	errInterfaces  = errors.New("too many interfaces")
)

// pcapngSource reads the pcapng format: sections of either byte order, each
// with interfaces of their own link types and clocks.
type pcapngSource struct {
	in         *input
	order      binary.ByteOrder
	interfaces []ngInterface
}

type ngInterface struct {
	name   string
	link   uint32
	snap   uint32
	res    uint8 // if_tsresol as in the file
	offset int64 // if_tsoffset, seconds
}

func (s *pcapngSource) Next(f *Frame) error {
	for {
		at := s.in.off
		done, err := s.block(f)
		switch {
		case err == io.EOF && s.in.off == at:
			return io.EOF
		case err != nil:
			return damaged(at, "block", unexpected(err))
		case done:
			return nil
		}
	}
}

// ahead leaves everything but packets to Next.
func (s *pcapngSource) ahead(dst []Frame) (n int) {
	for in := s.in; n < len(dst) && s.order != nil && in.end-in.at >= 8; n++ {
		b := in.buf[in.at:in.end]
		total := s.order.Uint32(b[4:])
		if s.order.Uint32(b) != blockPacket || total > maxFrame || int(total) > len(b) {
			break
		}
		before := *in
		if ok, err := s.block(&dst[n]); !ok || err != nil { // Next says so
			*in = before
			break
		}
	}
	return n
}

// block reads one block and reports whether it held a packet.
func (s *pcapngSource) block(f *Frame) (packet bool, err error) {
	head, err := s.in.take(8)
	if err != nil {
		return false, err
	}
	if [4]byte(head) == sectionMagic {
		return false, s.section([4]byte(head[4:]))
	}
	if s.order == nil {
		return false, errByteOrder
	}
	kind, total := s.order.Uint32(head), s.order.Uint32(head[4:])
	if total < 12 || total%4 != 0 || total > 1<<30 {
		return false, errBlockLength
	}
	left := int(total) - 8 // body and the length that ends the block
	switch kind {
	default:
		return false, s.in.skip(left)
	case blockInterface, blockPacket, blockSimple, blockOldPacket:
	}
	if left > maxFrame {
		return false, errTooLong
	}
	body, err := s.in.take(left)
	if err != nil {
		return false, unexpected(err)
	}
	body = body[:left-4]
	switch kind {
	case blockInterface:
		return false, s.describe(body)
	case blockSimple:
		return true, s.simple(f, body)
	}
	return true, s.stamped(f, body, kind)
}

// section starts a section: everything known so far is void.
func (s *pcapngSource) section(length [4]byte) error {
	magic, err := s.in.take(4)
	if err != nil {
		return unexpected(err)
	}
	switch [4]byte(magic) {
	case [4]byte{0x4d, 0x3c, 0x2b, 0x1a}:
		s.order = binary.LittleEndian
	case [4]byte{0x1a, 0x2b, 0x3c, 0x4d}:
		s.order = binary.BigEndian
	default:
		return errByteOrder
	}
	s.interfaces = s.interfaces[:0]
	total := s.order.Uint32(length[:])
	if total < 28 || total%4 != 0 || total > 1<<30 {
		return errBlockLength
	}
	return s.in.skip(int(total) - 12)
}

// describe adds an interface.
func (s *pcapngSource) describe(body []byte) error {
	if len(body) < 8 {
		return errBlockLength
	}
	if len(s.interfaces) >= maxInterfaces {
		return errInterfaces
	}
	i := ngInterface{link: uint32(s.order.Uint16(body)), snap: s.order.Uint32(body[4:]), res: 6}
	for opt := body[8:]; len(opt) >= 4; {
		code, n := s.order.Uint16(opt), int(s.order.Uint16(opt[2:]))
		if opt = opt[4:]; code == 0 || n > len(opt) {
			break
		}
		switch {
		case code == 2: // if_name
			i.name = printable(opt[:min(n, maxName)])
		case code == 9 && n == 1: // if_tsresol
			i.res = opt[0]
		case code == 14 && n == 8: // if_tsoffset
			i.offset = int64(s.order.Uint64(opt))
		}
		opt = opt[min((n+3)&^3, len(opt)):]
	}
	s.interfaces = append(s.interfaces, i)
	return nil
}

// stamped reads an enhanced or an obsolete packet block: they differ in the
// width of the interface number only.
func (s *pcapngSource) stamped(f *Frame, body []byte, kind uint32) error {
	if len(body) < 20 {
		return errBlockLength
	}
	id := s.order.Uint32(body)
	if kind == blockOldPacket {
		id = uint32(s.order.Uint16(body))
	}
	if int64(id) >= int64(len(s.interfaces)) {
		return errInterface
	}
	i := &s.interfaces[id]
	n := s.order.Uint32(body[12:])
	if int64(n) > int64(len(body)-20) {
		return errBlockLength
	}
	data := body[20 : 20+n]
	*f = Frame{
		Time: i.time(uint64(s.order.Uint32(body[4:]))<<32 | uint64(s.order.Uint32(body[8:]))), Link: i.link,
		Data: data, Length: wireLength(s.order.Uint32(body[16:]), data), Interface: i.name,
	}
	return nil
}

// simple reads a simple packet block: first interface, no time.
func (s *pcapngSource) simple(f *Frame, body []byte) error {
	if len(body) < 4 {
		return errBlockLength
	}
	if len(s.interfaces) == 0 {
		return errInterface
	}
	n := s.order.Uint32(body)
	if snap := s.interfaces[0].snap; snap != 0 {
		n = min(n, snap)
	}
	data := body[4 : 4+min(int64(n), int64(len(body)-4))]
	*f = Frame{Link: s.interfaces[0].link, Data: data, Length: wireLength(s.order.Uint32(body), data), Interface: s.interfaces[0].name}
	return nil
}

// time converts a timestamp by the clock of the interface: units of 10^-res
// seconds, or of 2^-res when the top bit of res is set.
func (i *ngInterface) time(ts uint64) time.Time {
	var sec, nano uint64
	if n := uint(i.res & 0x7f); i.res&0x80 != 0 {
		n = min(n, 63)
		sec = ts >> n
		hi, lo := bits.Mul64(ts&(1<<n-1), 1e9)
		nano = lo
		if n > 0 {
			nano = lo>>n | hi<<(64-n)
		}
	} else {
		unit := uint64(1)
		for range min(n, 19) { // 10^19 is the greatest power that fits
			unit *= 10
		}
		sec = ts / unit
		hi, lo := bits.Mul64(ts%unit, 1e9)
		nano, _ = bits.Div64(hi, lo, unit) // hi < unit, as the remainder is smaller than unit
	}
	return time.Unix(int64(sec)+i.offset, int64(nano))
}

// printable makes an interface name safe to show: it is the file's word.
func printable(b []byte) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 0:
			return -1
		case !unicode.IsPrint(r):
			return '?'
		}
		return r
	}, string(b))
}
