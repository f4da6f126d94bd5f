package dlp

import (
	"bytes"
	"slices"
)

// workspace holds the buffers of one view.
type workspace struct {
	in, out []byte
	places  []place
	inner   []place // of in
}

// maxKept bounds the buffers that are kept: one huge prompt must not pin memory.
const maxKept = 256 << 10

func (c *scan) workspace() *workspace {
	if w, ok := c.s.spaces.Get().(*workspace); ok {
		return w
	}
	return new(workspace)
}

func (c *scan) release(w *workspace) {
	if cap(w.in)+cap(w.out) > maxKept || cap(w.places) > maxKept/4 {
		return
	}
	wipe(w.in) // prompts are secrets
	wipe(w.out)
	c.s.spaces.Put(w)
}

// wipe clears what was written to buf since it was last wiped: all up to its length and
// what it held before it was cut, which ends where a block was not written to. The
// buffers of a large prompt are used again for very many small views.
func wipe(buf []byte) {
	const block = 512
	var zeros [block]byte
	clear(buf)
	for rest := buf[len(buf):cap(buf)]; len(rest) > 0; {
		n := min(block, len(rest))
		if bytes.Equal(rest[:n], zeros[:n]) {
			return
		}
		clear(rest[:n])
		rest = rest[n:]
	}
}

// appendOne is append for what there may be very much of in one text: it doubles the room,
// where append adds a quarter, so that less is copied and left to collect.
func appendOne[T any](s []T, x T) []T {
	if len(s) == cap(s) {
		s = slices.Grow(s, max(4, len(s)))
	}
	return append(s, x)
}

// subScan returns a scan for a view: there may be thousands of views, and a scan
// is large.
func (s *Scanner) subScan() *scan {
	if c, ok := s.scans.Get().(*scan); ok {
		return c
	}
	return new(scan)
}
