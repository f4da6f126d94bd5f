package logs

import (
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
	p.row = zeekRow{}
	last := len(p.columns) - 1
	for i, f := range p.columns {
		v := s
		if j := strings.IndexByte(s, p.sep); j >= 0 {
			v, s = s[:j], s[j+1:]
		} else if i < last {
			return badColumns
		}
		if f != zeekOther && v != p.unset && v != p.empty {
			p.row[f] = unescapeX(v)
		}
	}
	return p.row.record(p.env, p.kind, r)
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
		p.unset = value
	case "#empty_field":
		p.empty = value
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
		if f >= zeekMarkQUIC || f == zeekPath { // for JSON
			f = zeekOther
		}
		if p.columns = append(p.columns, f); f != zeekOther {
			used = len(p.columns)
		}
	}
	p.columns = p.columns[:used]
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
