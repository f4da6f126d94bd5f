package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"strings"
)

// Document writes a JSON document part by part, with the bytes that json.Encoder
// makes of the whole, which need not be held then. Errors stay until Close.
type Document struct {
	w      *bufio.Writer
	err    error
	indent string
	depth  int  // of what is open
	filled bool // what is open has something in it
}

// NewDocument returns a Document that is indented as json.Encoder.SetIndent says,
// or on one line where indent is "".
func NewDocument(w io.Writer, indent string) *Document {
	return &Document{w: bufio.NewWriter(w), indent: indent}
}

// Object writes an object that f fills. The document itself and elements of an
// Array have no name.
func (d *Document) Object(name string, f func()) { d.within(name, "{", "}", f) }

// Array writes a list that f fills with objects, or values.
func (d *Document) Array(name string, f func()) { d.within(name, "[", "]", f) }

// Members writes the members of v, a struct, into the object that is open.
func (d *Document) Members(v any) {
	text := d.text(v, d.depth-1)
	if len(text) < 2 || d.err != nil {
		return
	}
	if text = bytes.TrimSpace(text[1 : len(text)-1]); len(text) > 0 {
		d.next()
		d.w.Write(text)
	}
}

// Value writes an element of the list that is open.
func (d *Document) Value(v any) error {
	if text := d.text(v, d.depth); d.err == nil {
		d.next()
		d.w.Write(text)
	}
	return d.err
}

// List writes a list of values, of which it holds one at a time.
func List[T any](d *Document, name string, values iter.Seq[T]) {
	d.Array(name, func() {
		for v := range values {
			if d.Value(v) != nil {
				return
			}
		}
	})
}

// Close ends the document.
func (d *Document) Close() error {
	d.w.WriteByte('\n')
	if err := d.w.Flush(); d.err == nil {
		d.err = err
	}
	return d.err
}

func (d *Document) within(name, begin, end string, f func()) {
	if d.depth > 0 {
		d.next()
	}
	if name != "" {
		d.w.Write(d.text(name, 0))
		d.w.WriteByte(':')
		if d.indent != "" {
			d.w.WriteByte(' ')
		}
	}
	d.w.WriteString(begin)
	d.depth, d.filled = d.depth+1, false
	f()
	d.depth--
	if d.filled {
		d.line()
	}
	d.w.WriteString(end)
	d.filled = true
}

// next begins a member or an element.
func (d *Document) next() {
	if d.filled {
		d.w.WriteByte(',')
	}
	d.line()
	d.filled = true
}

func (d *Document) line() {
	if d.indent != "" {
		d.w.WriteByte('\n')
		d.w.WriteString(strings.Repeat(d.indent, d.depth))
	}
}

// text returns v as it is written at a depth.
func (d *Document) text(v any, depth int) (text []byte) {
	if d.err != nil {
		return nil
	}
	if d.indent == "" {
		text, d.err = json.Marshal(v)
	} else {
		text, d.err = json.MarshalIndent(v, strings.Repeat(d.indent, depth), d.indent)
	}
	return text
}
