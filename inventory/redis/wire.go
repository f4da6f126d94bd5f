package redis

import "encoding/binary"

// writer writes numbers and texts in little room.
type writer []byte

func (w *writer) int(n int64) { *w = binary.AppendVarint(*w, n) }

func (w *writer) text(s string) {
	*w = binary.AppendUvarint(*w, uint64(len(s)))
	*w = append(*w, s...)
}

// reader reads what writer wrote. Once bad, it returns zero values.
type reader struct {
	rest string
	bad  bool
}

func (r *reader) fail() { r.bad, r.rest = true, "" }

func (r *reader) int() int64 {
	u := r.uint()
	n := int64(u >> 1)
	if u&1 != 0 {
		n = ^n
	}
	return n
}

func (r *reader) uint() (v uint64) {
	for i := range min(len(r.rest), binary.MaxVarintLen64) {
		b := r.rest[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.rest = r.rest[i+1:]
			return v
		}
	}
	r.fail()
	return 0
}

func (r *reader) text() string {
	n := r.uint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// err returns errDamaged unless all was read and well.
func (r *reader) err() error {
	if r.bad || len(r.rest) > 0 {
		return errDamaged
	}
	return nil
}
