package hello

import (
	"bytes"
	"encoding/binary"
)

// The handshake message type of a ClientHello (RFC 8446, section 4), and the
// length of the header in front of every handshake message.
const (
	typeClientHello = 1
	headerLen       = 4
)

// Parse reads a whole ClientHello with its four bytes of handshake header
// (RFC 8446, section 4.1.2; without extensions back to SSL 3.0; DTLS by its
// version, RFC 6347, section 4.2.1, without the fields for fragments). The error
// is an Error; h then holds what was read before the fault, after ErrExtension
// all that is sound.
func Parse(msg []byte, h *Hello) error { return parse(msg, h, false) }

// ParsePartial is Parse for a message of which only the start is there: it says
// what can be said, and sets h.Truncated. A capture cut short may still show the
// name.
func ParsePartial(msg []byte, h *Hello) error { return parse(msg, h, true) }

func parse(msg []byte, h *Hello, partial bool) error {
	*h = Hello{}
	if len(msg) < headerLen {
		return ErrShort
	}
	if msg[0] != typeClientHello {
		return ErrType
	}
	body, stated := msg[headerLen:], int(msg[1])<<16|int(msg[2])<<8|int(msg[3])
	if len(body) > stated {
		return ErrLength
	}
	c := cursor{b: body, missing: stated - len(body)}
	if c.missing > 0 && !partial {
		c.err = ErrShort // reads on all the same, for what h can say
	}
	err := parseBody(&c, h)
	if err == 0 {
		err = c.err
	}
	switch {
	case err == 0:
		return nil
	case err == ErrShort && partial:
		h.Truncated = true
		return nil
	}
	return err
}

func parseBody(c *cursor, h *Hello) Error {
	var ok bool
	if h.Legacy, ok = c.u16(); !ok {
		return c.fault()
	}
	switch h.Legacy >> 8 {
	case 3:
	case 0xfe, 0x01: // 0x0100: DTLS before its standard
		h.DTLS = true
	default:
		return ErrVersion
	}
	if _, ok = c.take(32); !ok { // random
		return c.fault()
	}
	session, ok := c.vector8()
	if !ok {
		return c.fault()
	}
	if h.session = len(session); h.session > 32 {
		return ErrLength
	}
	if h.DTLS {
		if _, ok = c.vector8(); !ok { // cookie
			return c.fault()
		}
	}
	if h.ciphers, ok = c.vector16(); !ok {
		return c.fault()
	}
	if len(h.ciphers) == 0 || len(h.ciphers)%2 != 0 {
		return ErrLength
	}
	h.Grease = hasGrease(h.ciphers)
	compressions, ok := c.vector8()
	if !ok {
		return c.fault()
	}
	if bytes.IndexByte(compressions, 0) < 0 { // "null" must be offered
		return ErrLength
	}
	if len(c.b)+c.missing == 0 {
		return 0 // no extensions
	}
	return parseExtensions(c, h)
}

// cursor reads a message of which the last bytes may be missing.
type cursor struct {
	b       []byte
	missing int   // bytes of the message behind b
	err     Error // what to report if nothing worse is found
}

// fault tells a cut from a contradiction, after a read that failed.
func (c *cursor) fault() Error {
	if c.missing > 0 {
		return ErrShort
	}
	return ErrLength
}

// take returns the next n bytes. When the message cannot have so many, nothing
// is missing but its lengths are wrong.
func (c *cursor) take(n int) ([]byte, bool) {
	if n > len(c.b) {
		if n > len(c.b)+c.missing {
			c.missing = 0
		}
		return nil, false
	}
	v := c.b[:n:n]
	c.b = c.b[n:]
	return v, true
}

func (c *cursor) u16() (uint16, bool) {
	v, ok := c.take(2)
	if !ok {
		return 0, false
	}
	return binary.BigEndian.Uint16(v), true
}

func (c *cursor) vector8() ([]byte, bool) {
	v, ok := c.take(1)
	if !ok {
		return nil, false
	}
	return c.take(int(v[0]))
}

func (c *cursor) vector16() ([]byte, bool) {
	n, ok := c.u16()
	if !ok {
		return nil, false
	}
	return c.take(int(n))
}
