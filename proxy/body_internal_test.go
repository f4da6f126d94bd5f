package proxy

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"
)

// A body whose length is told is held in few steps; no promise gets more than
// eight times what has come (and a byte).
func TestHoldGrows(t *testing.T) {
	for _, tt := range []struct {
		name         string
		come, length int
		steps        int // buffers made, at most
	}{
		{"told", 1 << 20, 1 << 20, 3},
		{"not told", 1 << 20, -1, 8},
		{"short", 100, 100, 1},
		{"promised", 20 << 10, 1 << 30, 2},
		{"told too little", 1 << 20, 100 << 10, 7},
	} {
		src := &watched{r: iotest.HalfReader(bytes.NewReader(make([]byte, tt.come)))}
		b := body{length: int64(tt.length), rest: true, still: holdTimeout, src: io.NopCloser(src), client: (*front)(nil)}
		src.b = &b
		if err := b.hold(32 << 20); err != nil {
			t.Fatal(err)
		}
		if src.steps > tt.steps || src.over || len(b.wire) != tt.come {
			t.Errorf("%s: %d buffers for %d bytes, one too large: %v; want at most %d", tt.name, src.steps, len(b.wire), src.over, tt.steps)
		}
		b.release()
	}
}

// watched looks at the buffer of a body whenever that is read.
type watched struct {
	r     io.Reader
	b     *body
	steps int
	last  int
	over  bool
}

func (w *watched) Read(p []byte) (int, error) {
	if size := cap(w.b.wire); size != w.last {
		w.steps, w.last = w.steps+1, size
		w.over = w.over || size > max(8*len(w.b.wire)+1, firstHold)
	}
	return w.r.Read(p)
}
