package dlp

import (
	"bytes"

	"github.com/gnomon-proxy/gnomon/dlp/sqltext"
)

// selected reads the values of SELECT, a row, and those that UNION adds.
func (r *sqlReader) selected() {
	l, text := &r.lex, r.c.text
	r.row = r.row[:0]
	depth, column, idle, values := 0, 0, 0, true
	for from := l.At; idle < maxSQLIdle; {
		t := l.Skip()
		if idle++; t.Kind == sqltext.End || t.Is(text, ';') {
			r.c.seen += l.At - from
			break
		}
		switch {
		case t.Is(text, '('):
			depth++
		case t.Is(text, ')'):
			depth--
		case t.Is(text, ',') && depth == 0:
			column++
		case depth == 0 && t.IsWord(text, "select"):
			r.take()
			r.row = r.row[:0]
			column, values = 0, true
		case depth == 0 && (t.IsWord(text, "from") || t.IsWord(text, "where")):
			values = false
		case t.Kind == sqltext.String || t.Kind == sqltext.Hex || t.Kind == sqltext.Number:
			idle = 0
			x := sqlLiteral{column: column, from: t.From, to: t.To, in: t.In, out: t.Out, kind: t.Kind}
			if !values {
				x.column = -1
			}
			x.format = depth > 0 && t.Kind == sqltext.String && isDateFormat(t.Bytes(text), true)
			r.row = append(r.row, x)
		}
	}
	r.take()
	r.done = l.At
}

// assignments reads what stands behind SET in the statement at i, and behind its WHERE:
// a name, a sign and a value.
func (r *sqlReader) assignments(i int) {
	l, text := &r.lex, r.c.text
	from, depth, idle := l.At, 0, 0
	var name, last sqltext.Token
	var tuple []sqltext.Token // SET (a, b) = (1, 2)
	nth := 0
	end := byte(0) // of a string of code that holds the statement
	if i > 0 && quote[text[i-1]] {
		end = text[i-1]
	}
	r.names, r.row = r.names[:0], r.row[:0]
	for idle < maxSQLIdle && depth >= 0 {
		t := l.Skip()
		idle++
		if t.Kind == sqltext.End || t.Is(text, ';') || end != 0 && text[t.From] == end && text[t.From-1] != '\\' || depth == 0 && (t.IsWord(text, "insert") || t.IsWord(text, "when") && name.To > 0) {
			l.At = t.From
			break
		}
		isName := last.To > 0 && (last.Kind == sqltext.Word || last.Kind == sqltext.Name)
		switch {
		case t.Is(text, '(') && depth == 0 && (last.To == 0 || last.Is(text, ',')):
			tuple = tuple[:0]
			for t = l.Skip(); (t.Kind == sqltext.Word || t.Kind == sqltext.Name || t.Is(text, ',')) && len(tuple) < maxSQLColumns; t = l.Skip() {
				if t.Kind != sqltext.Sign {
					tuple = append(tuple, t)
				}
			}
		case t.Is(text, '('):
			if depth++; depth == 1 && len(tuple) > 0 {
				name, nth = tuple[0], 0
			}
		case t.Is(text, ')'):
			if depth--; depth == 0 {
				tuple = tuple[:0]
			}
		case t.Is(text, ',') && depth == 1 && len(tuple) > 0:
			nth = min(nth+1, len(tuple)-1)
			name = tuple[nth]
		case t.Is(text, '=') || t.Is(text, '<') || t.Is(text, '>') || t.Is(text, '!') || t.IsWord(text, "like") || t.IsWord(text, "ilike") || t.IsWord(text, "in") || t.IsWord(text, "between"):
			if isName {
				name, idle = last, 0
			}
		case t.Is(text, ',') && depth == 0, t.IsWord(text, "where"), t.IsWord(text, "or"):
			name = sqltext.Token{}
		case t.Kind == sqltext.String, t.Kind == sqltext.Hex, t.Kind == sqltext.Number, t.Kind == sqltext.Name && text[t.From] == '"' && last.Kind == sqltext.Sign && name.To > 0:
			idle = 0
			x := sqlLiteral{column: -1, from: t.From, to: t.To, in: t.In, out: t.Out, kind: t.Kind}
			if name.To > 0 {
				x.column = len(r.names)
				r.names = append(r.names, name.Bytes(text))
			}
			x.format = depth > 0 && t.Kind == sqltext.String && isDateFormat(t.Bytes(text), true)
			r.row = append(r.row, x)
		}
		last = t
	}
	r.c.seen += l.At - from
	r.done = l.At
	r.begin, r.head, r.people, r.heads, r.id = from, nil, notAsked, nil, nil
	for k, name := range r.names {
		r.id = append(r.id, isID(name))
		if name = headName(name); len(r.heads) < maxShown && len(name) <= maxHeadName && r.c.s.saysColumn(name) {
			r.heads = append(r.heads, columnHead{k, bytes.Clone(name)})
		}
	}
	if insert := text[i] | 0x20; insert == 'i' || insert == 'r' {
		r.begins(i, from)
	}
	r.take()
	r.ends()
	r.flush()
}
