package document

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Options are limits and tools. The zero value means the defaults.
type Options struct {
	// OCR reads images. Without one they are not inspected.
	OCR *OCR

	Depth    int           // files inside files; 8
	Entries  int           // files inside containers in all; 10,000
	Unpacked int64         // bytes that decompression and decoding may make in all; 256 MiB
	Text     int64         // bytes of text and of the list of places; 128 MiB
	Ratio    int64         // unpacked to packed bytes of one part beyond its first MiB; 250
	Time     time.Duration // for everything; 30 s
}

func (o Options) withDefaults() Options {
	o.Depth = cmp.Or(o.Depth, 8)
	o.Entries = cmp.Or(o.Entries, 10_000)
	o.Unpacked = cmp.Or(o.Unpacked, 256<<20)
	o.Text = cmp.Or(o.Text, 128<<20)
	o.Ratio = cmp.Or(o.Ratio, 250)
	o.Time = cmp.Or(o.Time, 30*time.Second)
	return o
}

// Text is the text of a file. It is not changed after Read.
type Text struct {
	Format Format
	Bytes  []byte // may be those given to Read
	Gaps   []Gap  // what was not inspected, in order

	parts []part
	spans []span
}

// Gap is a part of a file that was not inspected.
type Gap struct {
	Place  Place
	Reason Reason
	Detail string // what kind of thing it is: "image/png", "" if there is nothing to say
	More   int    // further gaps of the same reason that are not listed
}

// part is a place whose spans differ in one number only.
type part struct {
	Place
	unit unit
	grid *grid // of unitCSV
}

// span is a run of text up to the next span.
type span struct {
	off      int
	part     int32
	num, col int32
}

// Bytes that a span and a part take, counted against Options.Text.
const (
	spanCost = 24
	partCost = 200
)

// unit tells what the number of a span counts.
type unit uint8

const (
	unitNone      unit = iota
	unitLine           // num is the line of its first byte, further lines follow it
	unitParagraph      // num is the paragraph
	unitCell           // num is the row, col the column of its first byte; tabs part cells
	unitCSV            // num is the row of its first byte, further rows follow it
)

// Read reads the text out of a file. It never fails: what can't be read is
// in Gaps. It keeps no data after it returns but Bytes, which may be data itself.
func Read(ctx context.Context, data []byte, o Options) *Text {
	o = o.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, o.Time)
	defer cancel()
	w := &walk{ctx: ctx, o: o, t: &Text{}}
	w.enterPlace(part{})
	w.file(data)
	w.t.Bytes = w.out
	return w.t
}

// Place returns where the byte of the text at off stood in the file.
func (t *Text) Place(off int) Place {
	i, exact := slices.BinarySearchFunc(t.spans, off, func(s span, off int) int { return cmp.Compare(s.off, off) })
	if !exact {
		i--
	}
	if i < 0 || off > len(t.Bytes) {
		return Place{}
	}
	s := t.spans[i]
	p := t.parts[s.part]
	before := t.Bytes[s.off:off]
	switch p.unit {
	case unitLine:
		p.Line = int(s.num) + countByte(before, '\n')
	case unitParagraph:
		p.Paragraph = int(s.num)
	case unitCell:
		p.Row, p.Column = int(s.num), int(s.col)+countByte(before, '\t')
	case unitCSV:
		p.Row, p.Column = p.grid.locate(before, int(s.num))
		p.Heading = p.grid.heading(p.Column)
	}
	return p.Place
}
