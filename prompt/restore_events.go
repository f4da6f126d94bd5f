package prompt

import (
	"bytes"
	"slices"
)

// eventRestorer restores server-sent events (HTML standard, section 9.2). A line
// goes on when it is whole, and the name of an event with its data: until then
// no client can make anything of either.
type eventRestorer struct {
	m    *matcher
	docs *documents

	line  []byte // the beginning of a line
	name  []byte // lines of an event whose data has not come
	event []byte // of those the one that names it
	data  bool   // data of the event has come
	skip  bool   // the next byte is left out of the line before, if it is a line feed
	long  *longJSON
}

// Append implements traffic.Restorer.
func (r *eventRestorer) Append(dst, p []byte) []byte {
	for len(p) > 0 {
		if r.skip {
			if r.skip = false; p[0] == '\n' {
				dst = r.tail(dst)
				p = p[1:]
				continue
			}
		}
		n := bytes.IndexAny(p, "\r\n")
		if n < 0 {
			return r.part(dst, p)
		}
		dst = r.part(dst, p[:n])
		end := p[n]
		r.skip = end == '\r'
		dst = r.whole(dst, end)
		p = p[n+1:]
	}
	r.m.done()
	return dst
}

// tail puts the line feed of an end of line behind its carriage return.
func (r *eventRestorer) tail(dst []byte) []byte {
	if len(r.name) > 0 {
		r.name = append(r.name, '\n')
		return dst
	}
	return append(dst, '\n')
}

// part takes a part of a line.
func (r *eventRestorer) part(dst, p []byte) []byte {
	if r.long != nil {
		return r.long.append(dst, p)
	}
	if r.line = append(r.line, p...); len(r.line) > maxHeld {
		dst = append(r.before(dst, nil), r.name...)
		r.long = &longJSON{m: r.m}
		dst = r.long.append(dst, r.line)
		r.name, r.event, r.line, r.data = nil, nil, nil, true
	}
	return dst
}

// whole takes the end of a line.
func (r *eventRestorer) whole(dst []byte, end byte) []byte {
	line := r.line
	r.line = r.line[:0]
	if cap(r.line) > maxPiece {
		r.line = nil
	}
	switch {
	case r.long != nil:
		dst = append(r.long.end(dst), end)
		r.long = nil
	case len(line) == 0: // the event ends
		dst = append(append(dst, r.name...), end)
		r.name, r.event, r.data = r.name[:0], nil, false
	case bytes.HasPrefix(line, []byte("data:")):
		dst = append(r.restore(dst, line), end)
	case r.data || line[0] == ':':
		dst = append(append(dst, line...), end)
	default:
		if bytes.HasPrefix(line, []byte("event:")) {
			r.event = slices.Clone(line)
		}
		r.name = append(append(r.name, line...), end)
		if len(r.name) > maxHeld {
			dst = append(dst, r.name...)
			r.name = nil
		}
	}
	return dst
}

// restore takes a line of data.
func (r *eventRestorer) restore(dst, line []byte) []byte {
	start := len("data:")
	if start < len(line) && line[start] == ' ' {
		start++
	}
	first, out, ok := r.docs.restore(line[start:], r.event)
	if !ok { // [DONE], or a text
		out, _ = r.m.restore(nil, new(lane), line[start:], true)
	}
	dst = r.before(dst, first)
	dst = append(dst, r.name...)
	r.name, r.event, r.data = r.name[:0], nil, true
	return append(append(dst, line[:start]...), out...)
}

// before puts events of ours before the one that is under way.
func (r *eventRestorer) before(dst []byte, events []extra) []byte {
	for _, e := range events {
		if len(e.label) > 0 {
			dst = append(append(dst, e.label...), '\n')
		}
		dst = append(append(append(dst, "data: "...), e.doc...), "\n\n"...)
	}
	return dst
}

// End implements traffic.Restorer.
func (r *eventRestorer) End(dst []byte) []byte {
	dst = r.before(dst, r.docs.flush(""))
	if r.long != nil {
		dst = r.long.end(dst)
	}
	dst = append(append(dst, r.name...), r.line...)
	r.name, r.line, r.long = nil, nil, nil
	r.m.done()
	return dst
}
