// Package varint writes and reads numbers and texts in little room, for what is
// stored: numbers are varints of encoding/binary, a text has its length before it.
package varint

import "encoding/binary"

// AppendText appends what Text reads.
func AppendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Reader reads values one after the other. Once something is not as it should be,
// it is bad and all that it returns is zero. The bytes may come from anywhere: it
// neither panics nor makes anything larger than they are.
type Reader struct {
	rest []byte
	bad  bool
}

// NewReader returns a Reader of b, which the caller must not change meanwhile.
func NewReader(b []byte) Reader { return Reader{rest: b} }

// Bad reports whether something could not be read.
func (r *Reader) Bad() bool { return r.bad }

// Done reports whether all could be read and nothing is left.
func (r *Reader) Done() bool { return !r.bad && len(r.rest) == 0 }

// Fail makes r bad: what it read makes no sense.
func (r *Reader) Fail() { r.bad, r.rest = true, nil }

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if len(r.rest) == 0 {
		r.Fail()
		return 0
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	return c
}

// Int reads what binary.AppendVarint appended.
func (r *Reader) Int() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.Fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// Uint reads what binary.AppendUvarint appended.
func (r *Reader) Uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.Fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// Size reads how large something is that is elsewhere, no more than limit.
func (r *Reader) Size(limit int) int { return r.atMost(r.Uint(), limit) }

// Count reads the number of what follows: each takes a byte at least.
func (r *Reader) Count() int {
	n := r.Uint()
	return r.atMost(n, len(r.rest)) // of the rest behind the number
}

func (r *Reader) atMost(n uint64, limit int) int {
	if n > uint64(limit) {
		r.Fail()
		return 0
	}
	return int(n)
}

// Bytes reads n bytes, which alias what r reads.
func (r *Reader) Bytes(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.Fail()
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

// Text reads what AppendText appended. It is a copy.
func (r *Reader) Text() string { return string(r.Bytes(r.Count())) }
