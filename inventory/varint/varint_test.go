package varint_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/varint"
)

func TestReader(t *testing.T) {
	b := binary.AppendVarint([]byte{7}, math.MinInt64)
	b = binary.AppendUvarint(b, math.MaxUint64)
	b = varint.AppendText(b, "Grüße")
	r := varint.NewReader(b)
	if c, i, u, s := r.Byte(), r.Int(), r.Uint(), r.Text(); c != 7 || i != math.MinInt64 || u != math.MaxUint64 || s != "Grüße" || !r.Done() {
		t.Errorf("read %d, %d, %d, %q, done %v", c, i, u, s, r.Done())
	}
}

func TestReaderBad(t *testing.T) {
	endless := bytes.Repeat([]byte{0xff}, 11)
	for _, tt := range []struct {
		name string
		in   []byte
		read func(*varint.Reader)
	}{
		{"no byte", nil, func(r *varint.Reader) { r.Byte() }},
		{"no number", nil, func(r *varint.Reader) { r.Int() }},
		{"a number without an end", endless, func(r *varint.Reader) { r.Int() }},
		{"a count without an end", endless, func(r *varint.Reader) { r.Uint() }},
		{"more things than bytes", []byte{3, 0, 0}, func(r *varint.Reader) { r.Count() }},
		{"larger than may be", []byte{9}, func(r *varint.Reader) { r.Size(8) }},
		{"larger than an int", binary.AppendUvarint(nil, math.MaxUint64), func(r *varint.Reader) { r.Size(math.MaxInt) }},
		{"more bytes than there are", []byte{1}, func(r *varint.Reader) { r.Bytes(2) }},
		{"a text that is cut", []byte{2, 'a'}, func(r *varint.Reader) { r.Text() }},
		{"nonsense", []byte{1}, (*varint.Reader).Fail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := varint.NewReader(tt.in)
			tt.read(&r)
			if !r.Bad() || r.Done() {
				t.Errorf("bad %v, done %v", r.Bad(), r.Done())
			}
			if c, i, u, n, b, s := r.Byte(), r.Int(), r.Uint(), r.Count(), r.Bytes(1), r.Text(); c != 0 || i != 0 || u != 0 || n != 0 || b != nil || s != "" {
				t.Errorf("then it read %d, %d, %d, %d, %q, %q", c, i, u, n, b, s)
			}
		})
	}
}

func TestBytesCantGrowIntoTheRest(t *testing.T) {
	b := []byte("abc")
	r := varint.NewReader(b)
	_ = append(r.Bytes(1), 'x')
	if string(b) != "abc" {
		t.Errorf("appending to what was read made %q of what follows", b)
	}
}

// FuzzReader reads anything in any order; what reads as a text is read again from
// what is written of it.
func FuzzReader(f *testing.F) {
	f.Add([]byte("\x02ab\x80"), []byte("tiuc"))
	f.Add(varint.AppendText(nil, ""), []byte("tb"))
	f.Fuzz(func(t *testing.T, in, order []byte) {
		r := varint.NewReader(in)
		for _, what := range order {
			switch what % 5 {
			case 0:
				r.Byte()
			case 1:
				r.Int()
			case 2:
				if n := r.Count(); n > len(in) {
					t.Fatalf("%d things in %d bytes", n, len(in))
				}
			case 3:
				r.Bytes(int(what) - 100)
			case 4:
				s := r.Text()
				again := varint.NewReader(varint.AppendText(nil, s))
				if got := again.Text(); got != s || !again.Done() {
					t.Fatalf("%q, then %q", s, got)
				}
			}
		}
	})
}
