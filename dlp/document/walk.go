package document

import (
	"bytes"
	"context"
	"errors"
	"slices"
)

// walk is the state of one Read. Its writing methods are silent once the walk has
// ended: readers ask more() in their loops.
type walk struct {
	ctx context.Context
	o   Options
	t   *Text
	out []byte

	path     []string
	entries  int
	unpacked int64
	ticks    int   // work done,
	look     int   // and when to look at the clock next
	ended    bool  // a limit on the whole was met
	aliased  bool  // out is the data given to Read
	fresh    *byte // the beginning of data that nobody else holds: its text need not be copied
	cur      part  // where the text that follows stands: the last of Text.parts
}

// more tells whether there is room and time to go on. It is cheap.
func (w *walk) more() bool {
	w.ticks++
	if w.ticks >= w.look {
		w.look = w.ticks + 4096
		if !w.ended && w.ctx.Err() != nil {
			w.end(OutOfTime)
		}
	}
	return !w.ended
}

// end ends the whole walk: what follows the current place is not inspected.
func (w *walk) end(r Reason) {
	if !w.ended {
		w.gap(r, "from here on")
		w.ended = true
	}
}

// enterPlace makes p the place of the text that follows.
func (w *walk) enterPlace(p part) {
	p.Path = w.path
	w.cur = p
	if !w.room(partCost + spanCost) {
		return
	}
	if last := len(w.t.parts) - 1; w.isBare(last) {
		w.t.parts = w.t.parts[:last]
	}
	w.t.parts = append(w.t.parts, p)
	w.span(0, 0)
}

// isBare reports whether no text stands in the last part.
func (w *walk) isBare(part int) bool {
	n := len(w.t.spans)
	return n > 0 && w.t.spans[n-1].off == len(w.out) && int(w.t.spans[n-1].part) == part && (n == 1 || int(w.t.spans[n-2].part) != part)
}

// in is enterPlace for a place without a unit.
func (w *walk) in(p Place) { w.enterPlace(part{Place: p}) }

// span begins a span of the current part.
func (w *walk) span(num, col int) {
	w.spanAt(len(w.out), num, col)
}

// spanAt begins one at an offset behind the last.
func (w *walk) spanAt(off, num, col int) {
	s := span{off: off, part: int32(len(w.t.parts) - 1), num: int32(num), col: int32(col)}
	if n := len(w.t.spans); n > 0 {
		switch last := &w.t.spans[n-1]; {
		case last.off == s.off:
			*last = s
			return
		case last.part == s.part && last.num == s.num && last.col == s.col && w.cur.unit == unitParagraph:
			return
		}
	}
	if w.room(spanCost) {
		w.t.spans = append(w.t.spans, s)
	}
}

// left returns how many bytes there is room for.
func (w *walk) left() int64 {
	used := int64(len(w.t.spans)*spanCost + len(w.t.parts)*partCost)
	if !w.aliased {
		used += int64(len(w.out))
	}
	return max(0, w.o.Text-used)
}

// room tells whether n more bytes fit, and ends the walk if not.
func (w *walk) room(n int) bool {
	if !w.ended && int64(n) > w.left() {
		w.end(TooLarge)
	}
	return !w.ended
}

// write appends text at the current place, as much as there is room for.
func (w *walk) write(b []byte) {
	w.ticks += len(b) >> 6
	if len(b) == 0 || !w.more() {
		return
	}
	if left := w.left(); int64(len(b)) > left {
		w.out = append(w.out, b[:left]...)
		w.end(TooLarge)
		return
	}
	w.out = append(w.out, b...)
}

func (w *walk) writeString(s string) { w.write([]byte(s)) }

// line ends a line unless one has just ended.
func (w *walk) line() {
	if n := len(w.out); n > 0 && w.out[n-1] != '\n' {
		w.write([]byte{'\n'})
	}
}

// piece writes a text of its own at a place of its own.
func (w *walk) piece(p Place, text []byte) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || w.ended {
		return
	}
	w.line()
	w.in(p)
	w.write(text)
	w.line()
}

// maxGaps bounds the list of gaps; further ones are counted at the last of
// their reason.
const maxGaps = 200

// gap notes that something at the current place was not inspected.
func (w *walk) gap(r Reason, detail string) { w.gapAt(w.here(), r, detail) }

// here returns the current place with the number of its unit.
func (w *walk) here() Place {
	p := w.cur.Place
	return Place{Path: w.path, Page: p.Page, Slide: p.Slide, Sheet: p.Sheet, Hidden: p.Hidden, Part: p.Part}
}

func (w *walk) gapAt(p Place, r Reason, detail string) {
	if w.ended {
		return
	}
	g := Gap{Place: p, Reason: r, Detail: detail}
	if len(w.t.Gaps) >= maxGaps {
		for i := range slices.Backward(w.t.Gaps) {
			if w.t.Gaps[i].Reason == r {
				w.t.Gaps[i].More++
				return
			}
		}
	}
	w.t.Gaps = append(w.t.Gaps, g) // at most maxGaps and one for each reason
}

// inside reads a file inside the current one.
func (w *walk) inside(name string, data []byte) {
	if !w.more() || !w.entry(name) {
		return
	}
	path, cur := w.path, w.cur
	w.path = append(slices.Clip(path), cleanName(name))
	w.line()
	w.in(Place{})
	w.file(data)
	w.line()
	w.path = path
	w.enterPlace(cur)
}

// entry counts a file inside a container and tells whether it may be read.
func (w *walk) entry(name string) bool {
	w.entries++
	at := Place{Path: append(slices.Clip(w.path), cleanName(name))}
	switch {
	case w.entries > w.o.Entries:
		w.gapAt(at, TooMany, "")
		return false
	case len(w.path) >= w.o.Depth:
		w.gapAt(at, TooDeep, "")
		return false
	}
	return true
}

// file reads a file at the current path. It survives a reader that panics.
func (w *walk) file(data []byte) {
	f := detect(data)
	if len(w.path) == 0 {
		w.t.Format = f
	}
	path, cur := w.path, w.cur
	defer func() {
		if recover() != nil {
			w.path = path
			w.enterPlace(cur)
			w.gap(ReaderFailed, string(f))
		}
	}()
	before := len(w.out)
	err := w.read(f, data)
	if err == nil {
		return
	}
	w.enterPlace(cur)
	w.fail(err, f)
	if r := Reason(""); errors.As(err, &r) && r == Damaged && len(w.out) == before {
		w.raw(data) // nothing came out: at least what stands in the open is scanned
	}
}

// fail notes the error of a reader of format f.
func (w *walk) fail(err error, f Format) {
	r := Damaged
	errors.As(err, &r)
	w.gap(r, string(f))
}

// raw takes data as text as it stands, without a copy where it is the whole file.
func (w *walk) raw(data []byte) {
	if len(w.path) == 0 && len(w.out) == 0 && len(data) > 0 {
		w.out, w.aliased = data[:len(data):len(data)], true
		return
	}
	if len(w.out) == 0 && len(data) > 0 && &data[0] == w.fresh && w.more() {
		n := min(int64(len(data)), w.left())
		if w.out = data[:n:n]; int(n) < len(data) {
			w.end(TooLarge)
		}
		return
	}
	w.write(data)
}

func countByte(b []byte, c byte) int { return bytes.Count(b, []byte{c}) }
