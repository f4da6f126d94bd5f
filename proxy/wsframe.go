package proxy

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"
)

// The opcodes of RFC 6455, section 5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xa
)

// The close codes of RFC 6455, section 7.4.1, that the relay sends.
const (
	closeGoingAway = 1001
	closeProtocol  = 1002
	closeBadData   = 1007
	closePolicy    = 1008
	closeTooBig    = 1009
)

const (
	maxFrameHead = 14  // two bytes, a length of eight, a masking key
	maxControl   = 125 // payload of a control frame
)

// wsError ends a connection with a close frame.
type wsError struct {
	code   uint16
	reason string
}

func (e *wsError) Error() string { return "websocket: " + e.reason }

func protocolError(reason string) error { return &wsError{closeProtocol, reason} }

// wsFrame is the head of a frame.
type wsFrame struct {
	fin, rsv1 bool
	op        byte
	length    int64
	masked    bool
	key       [4]byte
	raw       [maxFrameHead]byte
	size      int // of raw
}

func (f *wsFrame) control() bool { return f.op&0x8 != 0 }

// read reads and checks the head of a frame. Frames of clients are masked,
// those of servers are not. deflate allows RSV1 on the first frame of a data
// message (RFC 7692, section 6). At the end of r before the first byte the
// error is io.EOF.
func (f *wsFrame) read(r io.Reader, fromClient, deflate bool) error {
	if _, err := io.ReadFull(r, f.raw[:2]); err != nil {
		return err
	}
	b := f.raw[1]
	f.fin, f.rsv1, f.op, f.masked = f.raw[0]&0x80 != 0, f.raw[0]&0x40 != 0, f.raw[0]&0x0f, b&0x80 != 0
	f.size = 2
	switch b & 0x7f {
	case 126:
		f.size += 2
	case 127:
		f.size += 8
	}
	if f.masked {
		f.size += 4
	}
	if err := f.check(fromClient, deflate); err != nil {
		return err
	}
	if _, err := io.ReadFull(r, f.raw[2:f.size]); err != nil {
		return noEOF(err)
	}
	switch n := b & 0x7f; n {
	case 126:
		f.length = int64(binary.BigEndian.Uint16(f.raw[2:]))
		if f.length < 126 {
			return protocolError("length is not minimal")
		}
	case 127:
		v := binary.BigEndian.Uint64(f.raw[2:])
		if v < 1<<16 || v >= 1<<63 {
			return protocolError("length is not minimal or too long")
		}
		f.length = int64(v)
	default:
		f.length = int64(n)
	}
	if f.masked {
		copy(f.key[:], f.raw[f.size-4:])
	}
	return nil
}

// check judges what the first two bytes tell.
func (f *wsFrame) check(fromClient, deflate bool) error {
	switch {
	case f.raw[0]&0x30 != 0:
		return protocolError("reserved bits set")
	case f.rsv1 && (!deflate || f.op != opText && f.op != opBinary):
		return protocolError("RSV1 set without an extension that says so")
	case f.masked != fromClient:
		return protocolError("wrong masking")
	case f.op > opBinary && f.op < opClose || f.op > opPong:
		return protocolError("unknown opcode")
	case f.control() && (!f.fin || f.raw[1]&0x7f > maxControl):
		return protocolError("control frame is fragmented or too long")
	}
	return nil
}

// mask XORs b with key, as if b began at the given offset of the payload, and
// so masks and unmasks.
func mask(key [4]byte, offset int64, b []byte) {
	var k [8]byte
	for i := range k {
		k[i] = key[(offset+int64(i))&3]
	}
	wide := binary.LittleEndian.Uint64(k[:])
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^wide)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= k[i]
	}
}

// appendFrame appends a frame of our own to b, masked with a new key where it
// goes to a server.
func appendFrame(b []byte, op byte, fin, masked bool, payload []byte) []byte {
	if fin {
		op |= 0x80
	}
	var m byte
	if masked {
		m = 0x80
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, op, m|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, op, m|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, op, m|127), uint64(n))
	}
	if !masked {
		return append(b, payload...)
	}
	var key [4]byte
	rand.Read(key[:]) // never fails (crypto/rand); RFC 6455, section 5.3 wants it unpredictable
	b = append(b, key[:]...)
	start := len(b)
	b = append(b, payload...)
	mask(key, 0, b[start:])
	return b
}

// checkClose checks the payload of a close frame (RFC 6455, sections 5.5.1 and
// 7.4).
func checkClose(payload []byte) error {
	if len(payload) == 0 {
		return nil
	}
	if len(payload) == 1 {
		return protocolError("close frame of one byte")
	}
	switch code := binary.BigEndian.Uint16(payload); {
	case code < 1000, code == 1004, code == 1005, code == 1006, code >= 1015 && code < 3000, code >= 5000:
		return protocolError("close code out of range")
	}
	if !utf8.Valid(payload[2:]) {
		return &wsError{closeBadData, "close reason is not UTF-8"}
	}
	return nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
