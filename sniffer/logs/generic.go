package logs

import (
	"sort"
	"strings"
)

// finish makes a record of what generic columns say.
func (w *row) finish(e *env, r *Record) verdict {
	switch w[slotAction] {
	case "true", "1", "yes", "TRUE", "True":
		w[slotAction] = "blocked" // the column was "blocked"
	}
	switch strings.ToLower(w[slotScheme]) {
	case "", "http", "https":
	default:
		w[slotScheme] = "" // "protocol" is TCP, UDP or HTTP/1.1 elsewhere
	}
	if w[slotDate] != "" && w[slotClock] == "" {
		w[slotClock], w[slotTime] = w[slotTime], "" // date and time
	}
	if w[slotClock] == "" && w[slotTime] == "" {
		w[slotTime], w[slotDate] = w[slotDate], "" // all in one, named date
	}
	if u := w[slotURL]; u != "" && (strings.HasPrefix(u, "GET ") || strings.HasPrefix(u, "POST ")) {
		m, rest, _ := strings.Cut(u, " ") // a request line
		w[slotURL], _, _ = strings.Cut(rest, " ")
		w.put(slotMethod, m)
	}
	return w.record(e, r)
}

// delimited reads CSV, also with semicolons, tabs or bars. The first line names
// the columns.
type delimited struct {
	e     *env
	names naming
	sep   byte
	head  string // the header, which comes again where files are put together
	order []slot
	cols  []string
	w     row
}

func genericCSV(e *env) parser { return &delimited{e: e, names: newNaming(e)} }

func (p *delimited) line(s string, r *Record) verdict {
	if p.order == nil {
		return p.header(s)
	}
	if s[0] == '#' || s == p.head {
		return nothing
	}
	var ok bool
	if p.cols, ok = columns(p.cols[:0], s, p.sep); !ok {
		return badQuoting
	}
	if len(p.cols) < len(p.order) {
		return badColumns
	}
	p.w = row{}
	for i, at := range p.order {
		if at != slotNone {
			p.w.put(at, strings.Trim(p.cols[i], " "))
		}
	}
	return p.w.finish(p.e, r)
}

// header learns the columns. Trailing columns that mean nothing may be missing
// from a line.
func (p *delimited) header(s string) verdict {
	order, sep := p.names.header(s)
	if !tells(order) {
		return badColumns
	}
	p.order, p.sep, p.head = order, sep, strings.Clone(s)
	for n := len(p.order); n > 0 && p.order[n-1] == slotNone; n-- {
		p.order = p.order[:n-1]
	}
	return nothing
}

// header cuts a header and says what its columns are.
func (n naming) header(s string) (order []slot, sep byte) {
	for _, c := range headerColumns(s) {
		order = append(order, n.slot(c))
	}
	return order, separator(strings.TrimLeft(s, "# "))
}

// separator returns what separates the columns of a header best.
func separator(s string) byte {
	sep := byte(',')
	for _, c := range []byte(";\t|") {
		if strings.Count(s, string(rune(c))) > strings.Count(s, string(rune(sep))) {
			sep = c
		}
	}
	return sep
}

func scoreGenericCSV(head []string) int {
	for _, s := range head {
		if s == "" {
			continue
		}
		order, _ := naming{}.header(s)
		if len(order) > 2 && tells(order) {
			return 60
		}
		return 0
	}
	return 0
}

// genericPairs reads key=value.
type genericPairs struct {
	e     *env
	names naming
	w     row
}

func genericKeys(e *env) parser { return &genericPairs{e: e, names: newNaming(e)} }

func (p *genericPairs) line(s string, r *Record) verdict {
	p.w = row{}
	s, _ = cutPRI(s)
	for n := 0; n < maxFields; n++ {
		key, value, rest, ok := cutPair(s)
		if !ok {
			return badQuoting
		}
		if key == "" {
			break
		}
		s = rest
		if at := p.names.slot(key); at != slotNone {
			p.w.put(at, value)
		}
	}
	return p.w.finish(p.e, r)
}

func scoreGenericKeys(head []string) int {
	return share(head, func(s string) bool {
		var have []slot
		for len(have) < maxFields {
			key, _, rest, ok := cutPair(s)
			if !ok || key == "" {
				break
			}
			have, s = append(have, usualSlot(key)), rest
		}
		return tells(have)
	}) * 6 / 10
}

// genericObjects reads JSON with one object a line. A mapped column a.b is the
// member b of the object a.
type genericObjects struct {
	e     *env
	names naming
	inner []string // the a of a.b, sorted
	w     row
}

func genericJSON(e *env) parser {
	p := &genericObjects{e: e, names: newNaming(e)}
	for column := range p.names.slots {
		if i := strings.LastIndexByte(column, '.'); i > 0 {
			p.inner = append(p.inner, column[:i])
		}
	}
	sort.Strings(p.inner)
	return p
}

func (p *genericObjects) line(s string, r *Record) verdict {
	p.w = row{}
	if !p.object(s, "", 0) {
		return badJSON
	}
	return p.w.finish(p.e, r)
}

// maxNesting bounds how far down a mapped member may lie.
const maxNesting = 4

func (p *genericObjects) object(s, prefix string, depth int) bool {
	m := object(s)
	for m.next() {
		name := m.key
		if prefix != "" {
			name = prefix + "." + m.key
		}
		if m.value[0] == '{' {
			if depth < maxNesting && p.wanted(name) && !p.object(m.value, name, depth+1) {
				return false
			}
			continue
		}
		if at := p.names.slot(name); at != slotNone {
			p.w.put(at, text(m.value))
		}
	}
	return !m.bad
}

// wanted tells whether a mapped column lies below name.
func (p *genericObjects) wanted(name string) bool {
	for _, in := range p.inner {
		if in == name || strings.HasPrefix(in, name) && in[len(name)] == '.' {
			return true
		}
	}
	return false
}

func scoreGenericJSON(head []string) int {
	return share(head, func(s string) bool {
		var have []slot
		m := object(s)
		for m.next() {
			have = append(have, usualSlot(m.key))
		}
		return !m.bad && tells(have)
	}) * 6 / 10
}
