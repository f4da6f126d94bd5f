package dns

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestPlainName holds the quick way to read a name against the thorough one.
func TestPlainName(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	plain := 0
	for range 200_000 {
		m := &Message{b: make([]byte, headerSize)}
		for range r.IntN(6) {
			size := r.IntN(20)
			if r.IntN(50) == 0 {
				size = r.IntN(256)
			}
			m.b = append(m.b, byte(size))
			for range size {
				c := byte("abcxyzABCXYZ0189-_@[`{"[r.IntN(22)])
				if r.IntN(60) == 0 {
					c = byte(r.IntN(256))
				}
				m.b = append(m.b, c)
			}
		}
		m.b = append(m.b, 0, 0, 1, 0, 1)[:len(m.b)+r.IntN(6)]
		m.b = append(m.b, bytes.Repeat([]byte{0xff}, r.IntN(2)*8)...)
		end := m.plainName(headerSize)
		if end == 0 {
			continue
		}
		plain++
		var want []byte
		wire, c := 1, at(headerSize)
		for {
			label, why := m.label(&c)
			if why != Fine {
				t.Fatalf("%q: read as %q, want %v", m.b, m.Name, why)
			}
			if len(label) == 0 {
				break
			}
			wire += len(label) + 1
			want = append(appendLabel(want, label), '.')
		}
		if string(m.Name)+"." != string(want) || end != c.end || wire > maxName || bytes.Contains(want, []byte(`\`)) {
			t.Fatalf("%q: read as %q up to %d, want %q up to %d", m.b, m.Name, end, want, c.end)
		}
	}
	if plain < 50_000 {
		t.Errorf("only %d names were plain", plain)
	}
}

// TestBytesAtOnce holds what is done to eight bytes against the same for one.
func TestBytesAtOnce(t *testing.T) {
	for i := range 256 {
		c := byte(i)
		for place := range 8 {
			w := uint64(eachByte)*'m' ^ uint64('m'^c)<<(8*place)
			one := appendLabel(nil, []byte{c})
			if odd := oddBytes(w)>>(8*place)&0x80 != 0; odd != (len(one) > 1) {
				t.Errorf("%q at %d: odd is %v", c, place, odd)
			}
			if got := byte(lowerBytes(w) >> (8 * place)); c < 0x80 && got != lower(c) {
				t.Errorf("%q at %d: lower case is %q", c, place, got)
			}
		}
	}
}
