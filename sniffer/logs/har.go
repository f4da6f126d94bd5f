package logs

import (
	"bufio"
	"io"
	"strings"
)

// har reads an HTTP Archive (HAR 1.2), as browsers save it: one JSON document
// with a list of requests in log.entries. It is read entry by entry; the bodies
// that most of the file consists of are dropped on the way. A browser doesn't
// tell who it is, so its records have no client.
type har struct {
	e   *env
	cut entries
	w   row
}

func harDocument(r io.Reader, e *env) document {
	return &har{e: e, cut: entries{r: bufio.NewReaderSize(r, 64<<10)}}
}

func (p *har) next(r *Record) (verdict, error) {
	s, v, err := p.cut.next()
	if err != nil || v != yes {
		return v, err
	}
	return p.entry(s, r), nil
}

func (p *har) entry(s string, r *Record) verdict {
	p.w = row{}
	*r = Record{Kind: KindHTTP}
	var down int64
	ok := true
	m := object(s)
	for m.next() {
		switch m.key {
		case "startedDateTime":
			p.w.put(slotTime, text(m.value))
		case "serverIPAddress":
			p.w.put(slotServer, strings.Trim(text(m.value), "[]"))
		case "request":
			ok = p.request(m.value, r) && ok
		case "response":
			down, ok = p.response(m.value, r, ok)
		}
	}
	if m.bad || !ok {
		return badJSON
	}
	if p.w[slotTime] == "" {
		return badTime
	}
	if v := p.w.when(p.e, r); v != yes {
		return v
	}
	r.Down = down
	r.UserAgent = p.w[slotAgent]
	return p.w.where(r)
}

func (p *har) request(s string, r *Record) bool {
	m := object(s)
	for m.next() {
		switch m.key {
		case "method":
			p.w.put(slotMethod, text(m.value))
		case "url":
			p.w.put(slotURL, text(m.value))
		case "headersSize", "bodySize": // -1 for unknown
			if n, ok := number(m.value); ok {
				r.Up += n
			}
		case "headers":
			p.w.put(slotAgent, harHeader(m.value, "user-agent"))
		}
	}
	return !m.bad
}

// response returns the bytes that came over the wire where the browser knows
// them, or else those of the content.
func (p *har) response(s string, r *Record, before bool) (down int64, ok bool) {
	var wire, sizes, content int64
	m := object(s)
	for m.next() {
		n, isNumber := number(m.value)
		switch m.key {
		case "status":
			if isNumber && n < 1000 {
				r.Status = int(n)
			}
		case "headersSize", "bodySize":
			sizes += n
		case "_transferSize":
			wire = n
		case "content":
			for c := object(m.value); c.next(); {
				if c.key == "size" {
					content, _ = number(c.value)
				}
			}
		case "_error":
			r.Blocked = refused(text(m.value))
		}
	}
	switch {
	case wire > 0:
		down = wire
	case sizes > 0:
		down = sizes
	default:
		down = content
	}
	return down, before && !m.bad
}

// harHeader finds a header in a list of {"name": ..., "value": ...}.
func harHeader(list, name string) string {
	list = strings.TrimPrefix(list, "[")
	for list != "" {
		var el, n, v string
		el, list = nextElement(list)
		for m := object(el); m.next(); {
			switch m.key {
			case "name":
				n = text(m.value)
			case "value":
				v = text(m.value)
			}
		}
		if strings.EqualFold(n, name) {
			return v
		}
	}
	return ""
}

// nextElement cuts the first element off the inside of a JSON array.
func nextElement(s string) (el, rest string) {
	s = space(s)
	n := valueEnd(s)
	if n <= 0 {
		return "", ""
	}
	el, rest = s[:n], space(s[n:])
	if rest == "" || rest[0] != ',' {
		return el, ""
	}
	return el, rest[1:]
}

// scoreHAR looks for {"log": { with what has to be in there.
func scoreHAR(head []string) int {
	s := strings.Join(head, "\n")
	s, ok := strings.CutPrefix(space(s), "{")
	if !ok {
		return 0
	}
	if s, ok = strings.CutPrefix(space(s), `"log"`); !ok {
		return 0
	}
	if s, ok = strings.CutPrefix(space(s), ":"); !ok || !strings.HasPrefix(space(s), "{") {
		return 0
	}
	if strings.Contains(s, `"creator"`) || strings.Contains(s, `"entries"`) || strings.Contains(s, `"version"`) {
		return 100
	}
	return 0
}
