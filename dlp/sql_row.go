package dlp

import (
	"bytes"

	"github.com/gnomon-proxy/gnomon/dlp/sqltext"
)

// sqlLiteral is a value in a row: what its quotes hold, or a number.
type sqlLiteral struct {
	column   int
	from, to int // with its quotes
	in, out  int // without them
	kind     sqltext.Kind
	format   bool // says how a call reads or writes its argument
}

// rows reads the rows of VALUES in the statement at i, or that go on from the window
// before (-1), where the first bracket is still to come.
func (r *sqlReader) rows(i int) {
	l, text := &r.lex, r.c.text
	for first := true; ; first = false {
		start := l.At
		t := l.Skip()
		if i < 0 && first && t.Is(text, ',') { // behind the row that was read there
			t = l.Skip()
		}
		if t.IsWord(text, "row") {
			t = l.Skip()
		}
		if !t.Is(text, '(') {
			r.c.seen += l.At - start
			l.At = start
			break
		}
		if !r.readRow() {
			r.spoiled(t.From)
		}
		r.take()
		r.keep(i, t.From, l.At)
		if t = l.Next(); t.Kind == sqltext.Comment {
			r.note(literal{from: uint32(t.In), to: uint32(t.Out), dump: r.remark(t)})
			t = l.Skip()
		}
		if !t.Is(text, ',') {
			r.c.seen += l.At - t.From
			l.At = t.From
			break
		}
	}
	r.done = max(r.done, l.At)
}

// keep keeps the statement at i for the next window, if the row text[from:to] is the
// first to end in it.
func (r *sqlReader) keep(i, from, to int) {
	c := r.c
	if c.carry == nil || c.carry.sql.open || i >= c.carry.at || to < c.carry.at {
		return
	}
	c.carry.sql = r.sqlState
	c.carry.sql.open, c.carry.sql.from, c.carry.sql.backslash = true, to-c.carry.at, r.lex.Backslash
	if to == len(c.text) && from < c.carry.at { // its end is not in sight
		c.carry.sql.from = -1
	}
}

// nextSQLRow returns where a row starts behind the end of another, at i or behind it, or -1.
func nextSQLRow(text []byte, i int) int {
	for {
		n := bytes.IndexByte(text[i:], ')')
		if n < 0 {
			return -1
		}
		i += n + 1
		k := skip(text, i, maxBetweenRows, &space)
		if k >= len(text) || text[k] != ',' {
			continue
		}
		if k = skip(text, k+1, maxBetweenRows, &space); k < len(text) && text[k] == '(' {
			return k
		}
	}
}

// readRow reads the literals of a row, whose bracket is read. Where a backslash stands in
// front of a quote it takes the reading in which literals stand where they may. It is not
// ok if they do in none.
func (r *sqlReader) readRow() bool {
	start := r.lex
	start.Doubt = false
	r.lex = start
	amiss := r.readLiterals()
	if r.lex.Doubt && amiss > 0 {
		end := r.lex
		other := start
		other.Backslash = !other.Backslash
		r.lex = other
		if again := r.readLiterals(); again < amiss {
			amiss = again
		} else {
			at := max(r.lex.At, end.At)
			r.lex = start
			r.readLiterals()
			if amiss > 0 {
				r.lex.At = at
			}
		}
	}
	return amiss == 0
}

// readLiterals is readRow in one reading. It returns how many tokens are amiss.
func (r *sqlReader) readLiterals() (amiss int) {
	r.row, r.middle = r.row[:0], sqlMiddle{}
	return r.readUpTo(r.lex.At, 1, 0)
}

// readUpTo reads the literals up to the end of the row at start, from within so many
// brackets and that column on.
func (r *sqlReader) readUpTo(start, depth, column int) (amiss int) {
	l, text := &r.lex, r.c.text
	from := l.At
	var argument [8]int
	var last sqltext.Token
	minus := -1
	for depth > 0 {
		t := l.Next()
		r.mark(start, t, depth, column)
		switch t.Kind {
		case sqltext.End:
			depth = 0
		case sqltext.Comment:
			r.row = append(r.row, sqlLiteral{column: -1, from: t.From, to: t.To, in: t.In, out: t.Out, kind: t.Kind})
			continue
		case sqltext.Sign:
			switch c := text[t.From]; {
			case c == '(':
				if depth++; depth <= len(argument) {
					argument[depth-1] = 0
				}
			case c == ')':
				depth--
			case c == ',' && depth == 1:
				column++
			case c == ',' && depth <= len(argument):
				argument[depth-1]++
			case c == '-' && last.Kind == sqltext.Sign && last.To > last.From && (text[last.From] == ',' || text[last.From] == '('):
				minus = t.From
			case c == '\\' || c == ';' || c == '\'' || c == '"':
				amiss++
			}
		case sqltext.Word:
			if isString(last.Kind) && last.To > 0 && (last.To == t.From || !besideText(t.Bytes(text))) || t.To < len(text) && text[t.To] == '\'' {
				amiss++
			}
		default:
			if isString(t.Kind) && isString(last.Kind) && last.To > 0 && bytes.IndexByte(text[last.To:t.From], '\n') < 0 {
				amiss++
			}
			x := sqlLiteral{column: column, from: t.From, to: t.To, in: t.In, out: t.Out, kind: t.Kind}
			if minus >= 0 && t.Kind == sqltext.Number {
				x.from, x.in = minus, minus
			}
			if depth > 1 && isString(t.Kind) {
				x.format = isDateFormat(text[t.In:t.Out], argument[min(depth, len(argument))-1] > 0)
			}
			r.row = append(r.row, x)
		}
		if t.Kind != sqltext.Sign || text[t.From] != '-' {
			minus = -1
		}
		last = t
	}
	r.c.seen += l.At - from
	return amiss
}

// mark notes where the next window starts in the row at start, if that is in the token t
// or in front of it.
func (r *sqlReader) mark(start int, t sqltext.Token, depth, column int) {
	c := r.c
	if c.carry == nil || r.middle.depth > 0 || start >= c.carry.at || t.To <= c.carry.at {
		return
	}
	at := c.carry.at
	if t.From >= at {
		r.middle = sqlMiddle{depth: depth, column: column, from: t.From - at}
		return
	}
	end := byte('\'')
	if t.Kind == sqltext.Name {
		end = '"'
	}
	if t.Kind != sqltext.String && t.Kind != sqltext.Name && t.Kind != sqltext.Hex || t.In > 0 && t.In > t.From && c.text[t.In-1] != end {
		return
	}
	m := sqlMiddle{depth: depth, column: column, quote: end, kind: t.Kind, backslash: r.lex.Backslash || fold(c.text[t.From]) == 'e' && t.In == t.From+2}
	k := t.In
	for k < at {
		if k+1 < len(c.text) && (c.text[k] == '\\' && m.backslash || c.text[k] == end) {
			k++
		}
		k++
	}
	m.from = k - at
	r.middle = m
}

// restOfRow reads what the window before left of a row.
func (r *sqlReader) restOfRow() {
	m := r.middle
	r.row, r.middle = r.row[:0], sqlMiddle{}
	if m.quote != 0 {
		t := r.lex.Rest(m.kind, m.quote, m.backslash)
		r.mark(-1, t, m.depth, m.column)
		if r.middle.depth > 0 {
			r.middle.backslash = m.backslash
			if r.middle.quote != 0 {
				r.middle.quote = m.quote
			}
		}
		r.row = append(r.row, sqlLiteral{column: m.column, from: t.From, to: t.To, in: t.In, out: t.Out, kind: m.kind})
	}
	r.readUpTo(-1, m.depth, m.column)
	r.take()
	r.keep(-1, 0, r.lex.At)
}

// isString reports whether a token is a string: MySQL takes names in quotes for that, too.
func isString(k sqltext.Kind) bool { return k == sqltext.String || k == sqltext.Name }

// besideText reports whether a word of SQL may stand behind a string.
func besideText(w []byte) bool {
	for _, x := range []string{
		"as", "at", "and", "or", "not", "in", "is", "like", "ilike", "similar", "regexp", "rlike", "between", "when", "then", "else", "end", "using", "collate", "escape",
		"from", "for", "order", "separator", "div", "mod", "xor", "null", "on", "returning", "format", "with", "within", "default", "to",
		"year", "years", "month", "months", "week", "weeks", "day", "days", "hour", "hours", "minute", "minutes", "second", "seconds",
	} {
		if len(w) == len(x) && equalFold(w, x) {
			return true
		}
	}
	return false
}

// isDateFormat reports whether an argument of a call says how a date is written:
// 'DD.MM.YYYY', '%d.%m.%Y'. In front of others letters alone may be a name.
func isDateFormat(arg []byte, behind bool) bool {
	signs := 0
	for i := 0; i < len(arg); {
		c := arg[i]
		switch {
		case c == '%' && i+1 < len(arg) && isAlpha(arg[i+1]):
			i += 2
			signs++
			continue
		case bytes.IndexByte([]byte(" -/.:,\"T"), c) >= 0:
			i++
			continue
		}
		n := 0
		if behind {
			n = dateSign(arg[i:])
		}
		if n == 0 {
			return false
		}
		i += n
		signs++
	}
	return signs > 0
}

// dateSign returns the length of the sign of a format of dates that x starts with.
func dateSign(x []byte) int {
	for _, s := range []string{"yyyy", "rrrr", "month", "hh24", "hh12", "day", "mon", "yy", "rr", "mm", "dd", "hh", "mi", "ss", "ff", "ms", "us", "am", "pm", "tzh", "tzm", "tzr", "tz"} {
		if len(x) >= len(s) && equalFold(x[:len(s)], s) {
			return len(s)
		}
	}
	return 0
}

// spoiled takes all of a row that is no SQL for one literal, as what in it is a string and
// what is not can't be told. It ends where another row or no more of the statement follows.
func (r *sqlReader) spoiled(open int) {
	text := r.c.text
	end := open + 1
	for {
		n := bytes.IndexByte(text[end:], ')')
		if n < 0 {
			end = len(text)
			break
		}
		if end += n; endsRows(text, end+1) || r.inString && end+1 < len(text) && text[end+1] == '\'' {
			break
		}
		end++
	}
	r.c.seen += end - open
	r.row = append(r.row[:0], sqlLiteral{column: -1, from: open + 1, to: end, in: open + 1, out: end, kind: sqltext.End})
	r.lex.At = min(end+1, len(text))
}

// endsRows reports whether what stands at i, behind a bracket, is what follows a row: the
// next one, or the end of the statement with that of a line.
func endsRows(text []byte, i int) bool {
	k := skip(text, i, maxBetweenRows, &space)
	switch {
	case k >= len(text):
		return true
	case text[k] == ',':
		k = skip(text, k+1, maxBetweenRows, &space)
		return k < len(text) && text[k] == '('
	case text[k] == ';':
		k++
		for k < len(text) && (text[k] == ' ' || text[k] == '\t' || text[k] == '\r') {
			k++
		}
		return k >= len(text) || text[k] == '\n'
	}
	return bytes.IndexByte(text[i:k], '\n') >= 0
}

// take notes the literals of the row that was read, and shows what its columns hold.
func (r *sqlReader) take() {
	text := r.c.text
	for k := range r.row {
		x := &r.row[k]
		r.noteLiteral(x)
		if x.column < 0 || x.format || x.out-x.in < leastCell || x.out-x.in > mostCell {
			continue
		}
		for n, h := range r.heads {
			if h.column == x.column {
				r.batch = append(r.batch, shown{cell{x.in, x.out}, n, isString(x.kind) && bytes.ContainsAny(text[x.in:x.out], `\'"`)})
			}
		}
	}
	if len(r.row) > 0 && r.row[len(r.row)-1].to-r.begin >= columnBatch {
		r.flush()
	}
}

// flush shows what is left of the columns.
func (r *sqlReader) flush() {
	r.show()
	r.begin = r.lex.At
}

// show shows the columns of the rows that were read since it was last called.
func (r *sqlReader) show() {
	if len(r.batch) > 0 {
		g := grid{heads: r.heads, from: r.begin}
		r.c.showColumns(&g, r.batch, r.w)
	}
	r.batch = r.batch[:0]
}
