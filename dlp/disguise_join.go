package dlp

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strings"
)

// joiners are beginnings of what joins two literals in code: a quotation mark,
// an operator or a line break, a quotation mark.
var joiners = []string{
	`" + "`, `' + '`, `"+"`, `'+'`, "` + `", "`+`", `" +`, `' +`, `" . "`, `' . '`, `"."`, `'.'`, `" .. "`, `" & "`, `"&"`, `" & _`, `" || "`, `' || '`, `"||"`, `'||'`,
	"\"\n ", "\"\n\t", "'\n ", "'\n\t", `" \`, `' \`, `" "`, `' '`, `" + \"`, `\" + \"`, `\"+\"`, `"\n"`,
}

// listJoiners join the literals of a list without anything between them, which
// stand behind the word, or before it.
var (
	listJoiners  = []string{`"".join(`, `''.join(`, `implode('',`, `implode("",`, "paste0(", "str_c(", `"".concat(`, `''.concat(`, "string.concat(", "concat("}
	listsJoined  = []string{`.join("")`, `.join('')`, "-join ''", `-join ""`, `}, "")`}
	listBrackets = table("([{")
)

const maxList = 600 // bytes of a list that is joined

// meetList notes where literals of a list that is joined stand: behind the word
// text[i:j] up to the bracket that closes, or before it. Of many lists the first are
// looked at.
func (c *scan) meetList(i, j int, before bool) {
	if c.joins == len(c.lists) {
		return
	}
	from, to := j, i
	if before {
		for from = i; from > 0 && from > i-maxList && !listBrackets[c.text[from-1]]; {
			from--
		}
	} else if n := bytes.IndexByte(c.text[j:min(len(c.text), j+maxList)], ')'); n >= 0 {
		to = j + n
	}
	if from < to {
		c.lists[c.joins] = [2]int{from, to}
		c.joins++
		c.signs |= signJoin
	}
}

// inJoined reports whether the literals around i are joined.
func (c *scan) inJoined(i int) bool {
	for _, l := range c.lists[:c.joins] {
		if l[0] <= i && i < l[1] {
			return true
		}
	}
	return false
}

// speakers speak of writing backwards.
var speakers = []string{"revers", "backwards", "[::-1]", "rückwärts", "umgekehrt", "al revés", "l'envers", "achterstevoren", "al contrario", "wspak", "\u202e",
	"drowssap", "terces", "rebmun", "tropssap", "moc.", " eht ", " drac", " nabi"}

// joined looks at the text with the joints between literals taken out.
func (c *scan) joined() {
	w := c.workspace()
	defer c.release(w)
	text := c.text
	const reach = 2 * around
	i := 0 // what has been looked at
	for at, end := c.nextJoint(0); at >= 0 && c.room > 0; {
		if to := imports(text, at); to > 0 {
			i = to
			at, end = c.nextJoint(to)
			continue
		}
		from := max(i-reach, at-reach, 0)
		m := mapping{places: w.places[:0]}
		out := w.out[:0]
		m.add(0, from, 1, 0)
		k := from
		for first := at; at >= 0 && (at <= k+reach || at == first) && at-from <= maxIsland; at, end = c.nextJoint(end) {
			out = append(out, text[k:at]...)
			m.add(len(out), at, 0, wayJoined)
			m.add(len(out), end, 1, 0)
			k = end
		}
		i = min(len(text), k+reach)
		out = append(out, text[k:i]...)
		m.end = i
		w.out, w.places = out, m.places
		c.look(out, &m, 0)
		if at >= 0 && at < i {
			at, end = c.nextJoint(i)
		}
	}
}

// nextJoint returns the next joint of two literals from i, or -1.
func (c *scan) nextJoint(i int) (from, to int) {
	text := c.text
	for ; i < len(text); i++ {
		if i = nextQuote(text, i); i == len(text) {
			break
		}
		if end := jointAt(text, i, text[i], c.inJoined(i)); end > 0 {
			if i > 0 && text[i-1] == '\\' { // inside another literal
				return i - 1, end
			}
			return i, end
		}
	}
	return -1, 0
}

// nextQuote returns the place of the next quotation mark from i, or the length of
// text.
func nextQuote(text []byte, i int) int {
	const ones = high / 0x80
	for ; i <= len(text)-8; i += 8 {
		x := binary.LittleEndian.Uint64(text[i:])
		a, b, c := x^ones*'"', x^ones*'\'', x^ones*'`'
		if is := ((a-ones)&^a | (b-ones)&^b | (c-ones)&^c) & high; is != 0 {
			return i + bits.TrailingZeros64(is)/8 // the lowest is one for sure
		}
	}
	for i < len(text) && !quote[text[i]] {
		i++
	}
	return i
}

// mostImports bounds the bytes that are looked at for a list of imports.
const mostImports = 8 << 10

// imports returns the end of the list of imports whose first joint is at i, or 0: Go
// programs begin with literals one below the other, which nobody joins.
func imports(text []byte, i int) int {
	line := importsFrom(text, i)
	for line > 0 && line < len(text) && line-i < mostImports {
		n := bytes.IndexByte(text[line:], '\n')
		if n < 0 {
			return 0
		}
		row := bytes.TrimSpace(text[line : line+n])
		if line += n + 1; len(row) == 1 && row[0] == ')' {
			return line
		}
		if len(row) > 0 && !isImport(row) {
			return 0
		}
	}
	return 0
}

// importsFrom returns where the list of imports around i begins, or 0.
func importsFrom(text []byte, i int) int {
	const most = 120 // bytes of a line
	line := bytes.LastIndexByte(text[max(0, i-most):i], '\n') + max(0, i-most) + 1
	for line > 1 && i-line < mostImports {
		from := max(0, line-1-most)
		if n := bytes.LastIndexByte(text[from:line-1], '\n'); n >= 0 {
			from += n + 1
		}
		row := bytes.TrimSpace(text[from : line-1])
		if string(row) == "import (" {
			return line
		}
		if len(row) > 0 && !isImport(row) {
			return 0
		}
		line = from
	}
	return 0
}

// isImport reports whether a line of a list of imports is a comment without
// quotation marks or a name, if any, and the path of a package: of small letters and
// few digits, which keys are not.
func isImport(row []byte) bool {
	if bytes.HasPrefix(row, []byte("//")) {
		return nextQuote(row, 0) == len(row)
	}
	open := bytes.IndexByte(row, '"')
	path := row[open+1:]
	if open < 0 || open > 24 || len(path) < 2 || !isLower(path[0]) || path[len(path)-1] != '"' {
		return false
	}
	for _, x := range row[:open] {
		if !isWord[x] && x != ' ' && x != '.' {
			return false
		}
	}
	digits := 0
	for _, x := range path[:len(path)-1] {
		if isDigit(x) {
			digits++
		} else if !isLower(x) && x != '/' && x != '.' && x != '-' && x != '_' {
			return false
		}
	}
	return digits <= 4
}

// jointAt returns the end of the joint whose first quotation mark is at i, or 0. A
// comma is one in a list that is joined.
func jointAt(text []byte, i int, q byte, list bool) int {
	const most = 80
	limit := min(len(text), i+most)
	operators, k := 0, i+1
	for k < limit {
		switch x := text[k]; {
		case x == q:
			if k == i+1 || text[k-1] == '\n' && k-i <= 3 && space[text[i+1]] {
				return 0 // an empty literal, the end of a doubled mark, or a row of a table behind another
			}
			return k + 1
		case space[x]:
			k++
		case x == '\\' && k+1 < limit && (text[k+1] == '\n' || text[k+1] == 'n' || text[k+1] == '\r' || text[k+1] == q):
			if text[k+1] == q {
				k++
			} else {
				k += 2
			}
		case x == '/' && k+1 < limit && text[k+1] == '*':
			n := bytes.Index(text[k:limit], []byte("*/"))
			if n < 0 {
				return 0
			}
			k += n + 2
		case x == '/' && k+1 < limit && text[k+1] == '/', x == '#':
			n := bytes.IndexByte(text[k:limit], '\n')
			if n < 0 {
				return 0
			}
			k += n
		case x == '+' || x == '.' || x == '&' || x == '|' || x == '_' || x == ',' && list:
			if operators++; operators > 2 {
				return 0
			}
			k++
		default:
			return 0
		}
	}
	return 0
}

// meet notes the sign of a word at i.
func (c *scan) meet(sign signs, i, j int) {
	switch sign {
	case signSpaced:
		c.meetApart(i)
		return
	case signUU:
		if uuBody(c.text, i) == 0 {
			return
		}
	case sign85:
		c.meet85(j)
		return
	case signListed:
		if isListed(c.text, i) {
			c.meetListed(i)
		}
		return
	case signList, signListBefore:
		c.meetList(i, j, sign == signListBefore)
		return
	case signReversed:
		if c.backwards { // "password" is spelled so there
			return
		}
	}
	if sign&signSQL != 0 && !c.meetSQL(i, j) {
		if sign &^= signSQL; sign == 0 {
			return
		}
	}
	if sign&signColumn != 0 && !c.meetHead(i, j) {
		if sign &^= signColumn; sign == 0 {
			return
		}
	}
	if sign&signSpoken != 0 && !isSpoken(c.text, i) || sign == signReversed && isTerm(c.text, i) {
		return
	}
	if sign&signReversed != 0 {
		if c.signs&signReversed == 0 {
			c.turned[0] = i
		}
		c.turned[1] = max(c.turned[1], i)
	}
	c.signs |= sign
}

// reverseTerms are what "reverse" stands before where nothing is written backwards.
var reverseTerms = []string{"proxy", "proxies", "dns", "lookup", "engineer"}

// isTerm reports whether a term such as "reverse proxy" stands at i.
func isTerm(text []byte, i int) bool {
	rest := text[i:min(len(text), i+24)]
	if len(rest) < 8 || fold(rest[6]) != 'e' {
		return false
	}
	rest = rest[7:]
	for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '-' || rest[0] == '_') {
		rest = rest[1:]
	}
	for _, term := range reverseTerms {
		if len(rest) >= len(term) && strings.EqualFold(string(rest[:len(term)]), term) {
			return true
		}
	}
	return false
}

// reversed looks at the text from its end to its beginning, in reach of the words
// that speak of it.
func (c *scan) reversed() {
	w := c.workspace()
	defer c.release(w)
	begin := max(0, c.turned[0]-maxIsland)
	for end := min(len(c.text), c.turned[1]+maxIsland); end > 0 && c.room > 0; end -= maxIsland - maxIsland/8 {
		from := max(begin, end-maxIsland)
		w.out = w.out[:0]
		for k := end - 1; k >= from; k-- {
			w.out = append(w.out, c.text[k])
			if n := len(w.out); c.text[k] == 0xe2 && n > 2 && w.out[n-2]&^1 == 0x80 { // a mark of direction is no letter
				w.out[n-3], w.out[n-2], w.out[n-1] = ' ', ' ', ' '
			}
		}
		m := mapping{end: end, back: true, ways: wayReversed.set()}
		c.look(w.out, &m, ways(wayReversed))
		if from == begin {
			return
		}
	}
}
