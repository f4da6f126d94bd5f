package proxy

import (
	"bytes"
	"testing"
)

func TestAlertWatch(t *testing.T) {
	hello := append([]byte{22, 3, 1, 1, 0}, bytes.Repeat([]byte{21}, 256)...)
	for _, tt := range []struct {
		name string
		in   []byte
		want string
	}{
		{"unknown authority", []byte{21, 3, 3, 0, 2, 2, 48}, "unknown_ca"},
		{"bad certificate", []byte{21, 3, 3, 0, 2, 2, 42}, "bad_certificate"},
		{"unknown certificate", []byte{21, 3, 1, 0, 2, 2, 46}, "certificate_unknown"},
		{"after a change of ciphers", []byte{20, 3, 3, 0, 1, 1, 21, 3, 3, 0, 2, 2, 48}, "unknown_ca"},
		{"another alert", []byte{21, 3, 3, 0, 2, 2, 80}, ""},
		{"sealed alert", append([]byte{21, 3, 3, 0, 26, 2, 48}, make([]byte, 24)...), ""},
		{"half an alert", []byte{21, 3, 3, 0, 2, 2}, ""},
	} {
		for _, piece := range []int{1, 3, 1000} {
			var a alertWatch
			for b := append(bytes.Clone(hello), tt.in...); len(b) > 0; {
				k := min(piece, len(b))
				a.see(b[:k])
				b = b[k:]
			}
			if got := a.refusal(); got != tt.want {
				t.Errorf("%s in pieces of %d: %q, want %q", tt.name, piece, got, tt.want)
			}
		}
	}
}

func FuzzAlertWatch(f *testing.F) {
	f.Add([]byte{21, 3, 3, 0, 2, 2, 48}, 3)
	f.Add([]byte{22, 3, 1, 0, 1, 0, 21, 3, 3, 0, 2, 2, 42}, 8)
	f.Fuzz(func(t *testing.T, b []byte, cut int) {
		cut = max(0, min(cut, len(b)))
		var whole, parts alertWatch
		whole.see(b)
		parts.see(b[:cut])
		parts.see(b[cut:])
		if whole != parts {
			t.Errorf("%x cut at %d: %+v, want %+v", b, cut, parts, whole)
		}
	})
}
