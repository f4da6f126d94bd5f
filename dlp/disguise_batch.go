package dlp

// batch is a view of many values that were disguised in the same way, with what is
// around each: what stands between two is shown once.
type batch struct {
	w        *workspace // nil: there is none
	m        mapping
	end      int // of the text that it shows, but for what is behind the latest value
	behind   int // bytes that it shows there
	together bool
}

const (
	batchBefore = 24 // where hundreds of values are looked at, little is shown around each
	batchBehind = 16
	batchFull   = 8 << 10
)

// open makes b ready for a value at i, which is then appended to b.w.out and noted in
// b.m, and closed by shut. It returns whether what stands there has not been
// looked at.
func (c *scan) open(b *batch, i, before, behind int) bool {
	if b.w == nil {
		b.w = c.workspace()
		b.w.out, b.m, b.end = b.w.out[:0], mapping{places: b.w.places[:0]}, 0
	}
	if i < b.end {
		return false
	}
	if from := i - before; from > b.end+b.behind || len(b.w.out) == 0 {
		if from = max(from, 0); len(b.w.out) > 0 {
			cut := b.end + b.behind
			b.add(c.text, b.end, cut)
			b.m.add(len(b.w.out), cut, 0, 0)
			b.w.out = append(b.w.out, "\n\n"...)
		}
		b.end = from
	}
	b.add(c.text, b.end, i)
	b.behind = behind
	return true
}

// add shows text[i:j] as it stands.
func (b *batch) add(text []byte, i, j int) {
	b.m.add(len(b.w.out), i, 1, 0)
	b.w.out = append(b.w.out, text[i:j]...)
}

// show appends a value that places lead back to the text.
func (b *batch) show(value []byte, places []place) {
	n := len(b.w.out)
	for _, p := range places {
		b.m.add(n+int(p.view), int(p.orig), p.scale, p.way)
	}
	b.w.out = append(b.w.out, value...)
}

// shut ends the value that stands in the text up to j.
func (c *scan) shut(b *batch, j int) {
	if b.end = j; len(b.w.out) >= batchFull {
		c.flush(b)
	}
}

// flush looks at b.
func (c *scan) flush(b *batch) {
	if b.w == nil {
		return
	}
	b.m.end = min(len(c.text), b.end+b.behind)
	b.add(c.text, b.end, b.m.end)
	b.w.places = b.m.places
	c.lookAt(b.w.out, &b.m, 0, b.together)
	c.release(b.w)
	b.w = nil
}
