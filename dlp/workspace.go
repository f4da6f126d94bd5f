package dlp

// workspace holds the buffers of one view.
type workspace struct {
	in, out []byte
	places  []place
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
	clear(w.in[:cap(w.in)]) // prompts are secrets
	clear(w.out[:cap(w.out)])
	c.s.spaces.Put(w)
}

// subScan returns a scan for a view: there may be thousands of views, and a scan
// is large.
func (s *Scanner) subScan() *scan {
	if c, ok := s.scans.Get().(*scan); ok {
		return c
	}
	return new(scan)
}
