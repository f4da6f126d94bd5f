package logs

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
)

// zeekTSV reads the logs that Zeek writes by default. Which columns there are
// and what separates them stands in the lines that start with #, which come
// again where logs were put together.
type zeekTSV struct {
	env     *env
	sep     byte
	unset   string
	empty   string
	kind    Kind
	columns []zeekField // up to the last that is of use
	row     zeekRow
}

func newZeekTSV(e *env) parser { return &zeekTSV{env: e, sep: '\t', unset: "-", empty: "(empty)"} }

// scoreZeekTSV recognises the log of one name, "" for any.
func scoreZeekTSV(path string) func([]string) int {
	return func(head []string) int {
		sep, fields, named := false, false, path == ""
		for _, s := range head {
			switch key, value := cutHash(s); key {
			case "#separator":
				sep = true
			case "#path":
				named = named || value == path
			case "#fields":
				fields = true
			}
		}
		switch {
		case sep && fields && named && path == "":
			return 90 // knows the format, not this log
		case sep && fields && named:
			return 100
		}
		return 0
	}
}

// cutHash takes a header line apart at whatever separates it.
func cutHash(s string) (key, value string) {
	for i := 1; i < len(s) && s[0] == '#'; i++ {
		if c := s[i]; c != '_' && (c < 'a' || c > 'z') {
			return s[:i], s[i+1:]
		}
	}
	return "", ""
}

func (p *zeekTSV) line(s string, r *Record) verdict {
	if s[0] == '#' {
		p.header(s)
		return nothing
	}
	if p.columns == nil {
		return badColumns
	}
	if p.kind == KindUnknown {
		return nothing
	}
	if !p.cut(s) {
		return badColumns
	}
	return p.row.record(p.env, p.kind, r)
}

// cut puts the columns of s into the row, where those of the line before are:
// each that is of use is set anew. A word of the line tells where separators are
// in eight bytes; a search per column costs more than all else.
func (p *zeekTSV) cut(s string) bool {
	raw := strings.IndexByte(s, '\\') < 0 // nothing to unescape
	columns, sep := p.columns, p.sep
	column, start, at := 0, 0, 0
	for ; at+8 <= len(s); at += 8 {
		for hits := match(binary.LittleEndian.Uint64([]byte(s[at:at+8])), sep); hits != 0; hits &= hits - 1 { // not copied
			end := at + bits.TrailingZeros64(hits)/8
			if column >= len(columns) {
				return true
			}
			if f := columns[column]; f != zeekOther {
				p.put(f, s[start:end], raw)
			}
			column, start = column+1, end+1
		}
	}
	for ; column < len(columns); column++ { // the last few bytes
		v, rest, more := cutByte(s[start:], sep)
		if !more && column < len(columns)-1 {
			return false
		}
		if f := columns[column]; f != zeekOther {
			p.put(f, v, raw)
		}
		start = len(s) - len(rest)
	}
	return true
}

func (p *zeekTSV) put(f zeekField, v string, raw bool) {
	switch {
	case v == p.unset || v == p.empty:
		v = ""
	case !raw:
		v = unescapeX(v)
	}
	p.row[f] = v
}

func cutByte(s string, sep byte) (v, rest string, ok bool) {
	if i := strings.IndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func (p *zeekTSV) header(s string) {
	key, value := cutHash(s)
	switch key {
	case "#separator":
		if v := unescapeX(value); len(v) == 1 {
			p.sep = v[0]
		}
	case "#unset_field":
		p.unset = strings.Clone(value)
	case "#empty_field":
		p.empty = strings.Clone(value)
	case "#path":
		p.kind = zeekKind(value)
	case "#fields":
		p.fields(value)
	}
}

// maxZeekColumns bounds what a made-up header can make us hold; conn.log with many
// scripts has about 50.
const maxZeekColumns = 1000

func (p *zeekTSV) fields(s string) {
	p.columns = []zeekField{}
	used := 0
	for more := true; more && len(p.columns) < maxZeekColumns; {
		var name string
		name, s, more = cutByte(s, p.sep)
		f := zeekFieldOf(name)
		unasked := (f == zeekAnswers || f == zeekTTLs) && !p.env.Answers
		if f >= zeekMarkQUIC || f == zeekPath || unasked { // marks and path are for JSON
			f = zeekOther
		}
		if p.columns = append(p.columns, f); f != zeekOther {
			used = len(p.columns)
		}
	}
	p.columns, p.row = p.columns[:used], zeekRow{}
}

// unescapeX decodes \x09 and the like.
func unescapeX(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && s[i+1] == 'x' {
			if n, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				b = append(b, byte(n))
				i += 3
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}
