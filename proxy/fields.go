package proxy

import (
	"bytes"
	"net/http"
	"net/textproto"
	"reflect"
)

// fields are the lines of one head in the order in which they came, beside the
// map that net/http makes of them. They are used again and again: what they
// hold is overwritten by the next head, save for the strings.
type fields struct {
	text   string // of the head: names and values lie in it
	at     int    // how far it has been taken apart
	list   []field
	header http.Header
	values []string // what header points into
}

// field is one line.
type field struct {
	sent  string // the name as it was sent
	name  string // the same as header has it, "" where the line is not passed on
	value string
}

const (
	usualFields = 24  // lines that a head rarely exceeds
	manyFields  = 128 // what was made for more is not kept, see rest
)

// reset begins a head, copying it.
func (f *fields) reset(head []byte) {
	if f.header == nil {
		f.header = make(http.Header, usualFields)
		f.list, f.values = make([]field, 0, usualFields), make([]string, 0, usualFields)
	}
	clear(f.header)
	f.text, f.at, f.list, f.values = string(head), 0, f.list[:0], f.values[:0]
}

// rest lets go of a head that nobody reads any more: connections idle, and what
// was made for a long one would be held for as long.
func (f *fields) rest() {
	if cap(f.list) > manyFields {
		f.forget()
		return
	}
	clear(f.header)
	clear(f.list)
	clear(f.values)
	f.text, f.list, f.values = "", f.list[:0], f.values[:0]
}

// forget lets go of what is held, and leaves no map behind that others may
// still read.
func (f *fields) forget() { *f = fields{} }

// line returns the next line of head, which reset has been given, without its
// end, and where it starts; ok is false for a line that CR LF does not end and
// behind the last one.
func (f *fields) line(head []byte) (line []byte, start int, ok bool) {
	start = f.at
	i := bytes.IndexByte(head[start:], '\n')
	if i < 1 || head[start+i-1] != '\r' {
		return nil, start, false
	}
	f.at = start + i + 1
	return head[start : start+i-1], start, true
}

// add takes a line that begins at start, has a name of that many bytes, and
// was checked. The value is in the text too.
func (f *fields) add(start, name int, value []byte) *field {
	sent := f.text[start : start+name]
	from := start + name + 1
	for from < len(f.text) && (f.text[from] == ' ' || f.text[from] == '\t') {
		from++
	}
	f.list = append(f.list, field{sent, textproto.CanonicalMIMEHeaderKey(sent), ""})
	l := &f.list[len(f.list)-1]
	if len(value) > 0 {
		l.value = f.text[from : from+len(value)]
	}
	return l
}

// is reports whether h is the header of f and not that of another answer.
func (f *fields) is(h http.Header) bool {
	return len(f.list) > 0 && reflect.ValueOf(h).Pointer() == reflect.ValueOf(f.header).Pointer()
}

// keep puts the last line that add took into the header.
func (f *fields) keep(l *field) {
	if have, ok := f.header[l.name]; ok {
		f.header[l.name] = append(have, l.value)
		return
	}
	n := len(f.values)
	f.values = append(f.values, l.value)
	f.header[l.name] = f.values[n : n+1 : n+1]
}

// appendTo appends to b the lines that are still in the header, as they were
// sent, save for the one called except.
func (f *fields) appendTo(b []byte, except string) []byte {
	for i := range f.list {
		l := &f.list[i]
		if l.name == "" || l.name == except {
			continue
		}
		if _, stays := f.header[l.name]; !stays {
			continue
		}
		b = append(b, l.sent...)
		b = append(b, ": "...)
		b = append(b, l.value...)
		b = append(b, "\r\n"...)
	}
	return b
}
