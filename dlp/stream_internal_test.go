package dlp

import (
	"testing"
	"unsafe"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestStreamState holds that a stream keeps 64 KiB at most, however its pieces
// come.
func TestStreamState(t *testing.T) {
	s, err := New(nil, traffic.Key{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []int{1, 1000, 1 << 20} {
		st := s.Stream(0, func(traffic.Finding) {})
		for range 200_000 / min(piece, 100_000) {
			st.Write(make([]byte, piece))
		}
		if n := cap(st.text) + int(unsafe.Sizeof(*st)); n > 64<<10 {
			t.Errorf("pieces of %d bytes: a stream of %d bytes", piece, n)
		}
		st.Close()
	}
}
