package dlp

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/gnomon-proxy/gnomon/dlp/sqltext"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// literal is a part of a text that may be replaced without harm to its form: what stands
// in the quotes of a string of SQL, or a number with all its digits.
type literal struct {
	from, to uint32
	quote    quoteMark // what takes its place stands in such
	dump     int32     // what it belongs to, from 1 on; 0: only values in it are replaced
}

// quoteMark is what stands around what takes the place of a number.
type quoteMark uint8

const (
	noQuote quoteMark = iota
	sqlQuote
	jsonQuote
	escapedQuote // JSON in a string of MySQL
)

// String returns the mark as it stands in the text.
func (q quoteMark) String() string { return [...]string{"", "'", `"`, `\"`}[q] }

const (
	leastRowNumber = 4 // digits of a number in a row that is replaced with it,
	leastID        = 9 // and of one that would be the number of a row
)

// dump is a statement about people.
type dump struct {
	head  Hit  // its beginning, which stays
	end   int  // of its rows
	found bool // there is something in it that was not replaced before
}

// addDump notes a statement about people, of which h is the beginning.
func (c *scan) addDump(h Hit) int32 {
	if h.Detector == "" || c.depth > 0 {
		return 0
	}
	c.dumps = appendOne(c.dumps, dump{head: h})
	return int32(len(c.dumps))
}

// note notes a literal.
func (r *sqlReader) note(x literal) {
	if x.from < x.to && r.c.depth == 0 {
		r.c.literals = appendOne(r.c.literals, x)
	}
}

// remark returns what dump a comment belongs to: some are hints to the database.
func (r *sqlReader) remark(t sqltext.Token) int32 {
	if t.In < t.Out && (r.c.text[t.In] == '!' || r.c.text[t.In] == '+') {
		return 0
	}
	return r.dump
}

// noteLiteral notes what may be replaced in a literal of a row.
func (r *sqlReader) noteLiteral(x *sqlLiteral) {
	text := r.c.text
	y := literal{from: uint32(x.in), to: uint32(x.out), dump: r.dump}
	switch x.kind {
	case sqltext.Comment:
		y.dump = r.remark(sqltext.Token{In: x.in, Out: x.out})
	case sqltext.Hex, sqltext.End:
		if x.in == x.out {
			return
		}
		y.from, y.to = uint32(x.from), uint32(x.to)
		if y.quote = sqlQuote; x.kind == sqltext.End && r.inString {
			y.quote = noQuote
		}
	case sqltext.Number:
		digits := countDigits(text[x.in:x.out])
		if digits < leastRowNumber {
			return
		}
		if x.column >= 0 && digits < leastID && (x.column < len(r.id) && r.id[x.column] || len(r.id) == 0 && x.column == 0) {
			y.dump = 0
		}
		y.quote = sqlQuote
	default:
		if x.format {
			y.dump = 0
		} else if r.notedJSON(x) {
			return
		}
	}
	r.note(y)
}

// notedJSON notes the strings and numbers of a string that holds JSON, which stays that:
// the names of fields are no part of a dump.
func (r *sqlReader) notedJSON(x *sqlLiteral) bool {
	text := r.c.text
	value := text[x.in:x.out]
	if trimmed := bytes.TrimSpace(value); len(trimmed) < 4 || !(trimmed[0] == '{' && trimmed[len(trimmed)-1] == '}' || trimmed[0] == '[' && trimmed[len(trimmed)-1] == ']') {
		return false
	}
	noted := len(r.c.literals)
	ok := jsonLiterals(value, func(from, to int, name bool, quote quoteMark) {
		y := literal{from: uint32(x.in + from), to: uint32(x.in + to), quote: quote, dump: r.dump}
		if name || quote != noQuote && countDigits(value[from:to]) < leastRowNumber {
			y.dump = 0
		}
		r.note(y)
	})
	if !ok {
		r.c.literals = r.c.literals[:noted]
	}
	return ok
}

// jsonLiterals calls yield for what the strings of JSON hold and for its numbers, or
// reports that it is no JSON. Its quotes may stand behind backslashes, all or none.
func jsonLiterals(text []byte, yield func(from, to int, name bool, quote quoteMark)) bool {
	quote, strings := jsonQuote, 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case space[c] || indexByte("{}[],:", c) < 6:
			i++
		case c == '"' || c == '\\' && i+1 < len(text) && text[i+1] == '"':
			if c == '\\' {
				i++
				quote = escapedQuote
			}
			i++
			end := jsonStringEnd(text, i, quote == escapedQuote)
			if end < 0 {
				return false
			}
			next := end + len(quote.String())
			rest := bytes.TrimLeft(text[next:], " \t\r\n")
			yield(i, end, len(rest) > 0 && rest[0] == ':', noQuote)
			i = next
			strings++
		case isDigit(c) || c == '-':
			from := i
			for i++; i < len(text) && (isDigit(text[i]) || indexByte(".eE+-", text[i]) < 5); i++ {
			}
			yield(from, i, false, quote)
		default:
			n := 0
			for _, w := range []string{"true", "false", "null"} {
				if bytes.HasPrefix(text[i:], []byte(w)) {
					n = len(w)
				}
			}
			if n == 0 {
				return false
			}
			i += n
		}
	}
	return strings > 0
}

// jsonStringEnd returns where the string of JSON ends that starts at i, or -1.
func jsonStringEnd(text []byte, i int, escaped bool) int {
	for k := i; k < len(text); k++ {
		switch {
		case escaped && text[k] == '\\':
			n := 0
			for k+n < len(text) && text[k+n] == '\\' {
				n++
			}
			if k+n < len(text) && text[k+n] == '"' && n == 1 {
				return k
			}
			k += n
		case !escaped && text[k] == '\\':
			k++
		case !escaped && text[k] == '"':
			return k
		}
	}
	return -1
}

// intoLiterals cuts the values of a text, in order, to the literals that they stand in,
// and adds what else the literals of dumps hold.
func (c *scan) intoLiterals(values []Hit) []Hit {
	if len(c.literals) == 0 {
		return values
	}
	slices.SortFunc(c.literals, func(a, b literal) int { return cmp.Compare(a.from, b.from) })
	out := make([]Hit, 0, len(values)+len(c.literals)+len(c.dumps))
	for _, x := range c.literals {
		from, to := int(x.from), int(x.to)
		for len(values) > 0 && values[0].End <= from {
			if !values[0].literal { // else the rest of one that went beyond a literal
				out = append(out, values[0])
			}
			values = values[1:]
		}
		if at := lastEnd(out); at > from {
			from = at
		}
		out, values = c.intoLiteral(out, values, x, from, to)
	}
	if len(values) > 0 && values[0].literal {
		values = values[1:]
	}
	out = append(out, values...)
	for _, d := range c.dumps {
		if d.found && d.head.End > 0 {
			out = append(out, d.head)
		}
	}
	sortByPlace(out)
	return out
}

// isRead reports whether h is a dump whose literals were noted, which stand for it.
func (c *scan) isRead(h *Hit) bool {
	if len(c.dumps) == 0 || h.Class != traffic.ClassConfidential || h.literal || h.Detector != c.dumps[0].head.Detector {
		return false
	}
	_, ok := slices.BinarySearchFunc(c.dumps, h.Start, func(d dump, at int) int { return cmp.Compare(d.head.Start, at) })
	return ok
}

// withDumps adds the dumps that were read to blocks: what they hold is no source code.
func (c *scan) withDumps(blocks []Hit) []Hit {
	blocks = slices.Grow(blocks, len(c.dumps))
	for _, d := range c.dumps {
		h := d.head
		h.End = d.end
		blocks = append(blocks, h)
	}
	return blocks
}

// withoutDumps leaves them out again.
func (c *scan) withoutDumps(blocks []Hit) []Hit {
	if len(c.dumps) == 0 {
		return blocks
	}
	return slices.DeleteFunc(blocks, func(h Hit) bool { return h.literal })
}

// lastEnd returns where the last hit ends.
func lastEnd(hits []Hit) int {
	if len(hits) == 0 {
		return 0
	}
	return hits[len(hits)-1].End
}

// intoLiteral is intoLiterals for text[from:to], which is what is left of the literal x.
func (c *scan) intoLiteral(out, values []Hit, x literal, from, to int) (all, behind []Hit) {
	first := len(out)
	at := from
	for len(values) > 0 && values[0].Start < to {
		v := values[0]
		whole := v
		whole.Start, whole.End, whole.literal, whole.quote = max(v.Start, at), min(v.End, to), true, x.quote
		if x.quote != noQuote {
			whole.Start, whole.End = from, to
		}
		if whole.Start < whole.End || v.whole {
			if x.quote == noQuote {
				out = c.appendRest(out, x, at, whole.Start)
			}
			out = append(out, whole)
			if x.dump > 0 {
				c.dumps[x.dump-1].found = true
			}
			at = max(at, whole.End)
		}
		if v.End > to { // it goes on in the next one
			values[0].Start, values[0].literal = to, true
			break
		}
		values = values[1:]
	}
	if x.quote != noQuote && len(out) > first {
		return out, values
	}
	return c.appendRest(out, x, at, to), values
}

// appendRest appends text[from:to] of the literal x as a part of its dump.
func (c *scan) appendRest(out []Hit, x literal, from, to int) []Hit {
	if x.dump == 0 || from >= to {
		return out
	}
	rest := c.text[from:to]
	if hasReplaced(rest) || !slices.ContainsFunc(rest, func(b byte) bool { return isWord[b] || b >= 0x80 }) {
		return out
	}
	d := &c.dumps[x.dump-1]
	d.found = true
	h := d.head
	h.Start, h.End, h.quote, h.keep = from, to, x.quote, false
	return append(out, h)
}
