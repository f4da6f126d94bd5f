package traffic

import "bytes"

// IsInsert reports whether text begins as a statement of SQL that inserts rows.
func IsInsert(text []byte) bool {
	const insert = "insert into "
	return len(text) > len(insert) && bytes.EqualFold(text[:len(insert)], []byte(insert))
}

// NextString returns what is inside the next string of SQL from i on; both are the
// length of text if there is none. A quote in it is written twice, or behind a backslash.
func NextString(text []byte, i int) (from, to int) {
	n := -1
	if i < len(text) {
		n = bytes.IndexByte(text[i:], '\'')
	}
	if n < 0 {
		return len(text), len(text)
	}
	from = i + n + 1
	for to = from; to < len(text); to++ {
		switch {
		case text[to] == '\\':
			to++
		case text[to] != '\'':
		case to+1 < len(text) && text[to+1] == '\'':
			to++
		default:
			return from, to
		}
	}
	return from, len(text)
}

// How many digits a number in a row has that is replaced with it: ids are shorter, and
// stand first.
const (
	leastRowNumber = 4
	leastFirst     = 9
)

// withoutRows returns a statement that inserts rows with other text in its strings and
// for its long numbers.
func withoutRows(insert []byte, with string) string {
	var out []byte
	i := 0
	for i < len(insert) {
		from, to := NextString(insert, i)
		out = withoutNumbers(out, insert[i:from], with)
		if i = to; from < to {
			out = append(out, with...)
		}
		if to < len(insert) {
			out = append(out, '\'')
			i++
		}
	}
	return string(out)
}

// withoutNumbers appends what stands between two strings, with other text for long
// numbers by themselves.
func withoutNumbers(out, text []byte, with string) []byte {
	for i := 0; i < len(text); {
		j := i
		for j < len(text) && isDigit(text[j]) {
			j++
		}
		least := leastRowNumber
		if bytes.HasSuffix(bytes.TrimRight(text[:i], " \n\t"), []byte("(")) {
			least = leastFirst
		}
		if j-i >= least && (i == 0 || !isNameByte(text[i-1])) && (j == len(text) || !isNameByte(text[j])) {
			out = append(append(append(out, '\''), with...), '\'')
			i = j
			continue
		}
		j = max(j, i+1)
		out = append(out, text[i:j]...)
		i = j
	}
	return out
}

// isDecimal reports whether text is a number, which may have a fraction.
func isDecimal(text []byte) bool {
	whole, fraction, found := bytes.Cut(text, []byte("."))
	return allDigits(whole) && (!found || allDigits(fraction))
}

// isRowNumber reports whether text[i:j] is a bare number in a row of values of SQL:
// in brackets at the start of a line, behind the word VALUES or behind another row, with
// a string of SQL beside it.
func isRowNumber(text []byte, i, j int) bool {
	if !isDecimal(text[i:j]) {
		return false
	}
	from, to := max(0, i-maxFormLine), min(len(text), j+maxFormLine)
	head := bytes.TrimRight(text[from:i], " \t\n")
	rest := bytes.TrimLeft(text[j:to], " \t\n")
	if len(head) == 0 || len(rest) == 0 || head[len(head)-1] != '(' && head[len(head)-1] != ',' || rest[0] != ')' && rest[0] != ',' {
		return false
	}
	open := openOfRow(head)
	end := bytes.IndexByte(rest, ')')
	if open < 0 || end < 0 || bytes.IndexByte(head[open:], '\'') < 0 && bytes.IndexByte(rest[:end], '\'') < 0 {
		return false
	}
	before := bytes.TrimRight(head[:open], " \t\n")
	switch {
	case len(before) == 0 || bytes.HasSuffix(before, []byte("),")):
		return true
	case len(before) < len("values"):
		return false
	}
	return bytes.EqualFold(before[len(before)-len("values"):], []byte("values"))
}

// openOfRow returns where the bracket opens in which text ends, but for those in strings,
// or -1.
func openOfRow(text []byte) int {
	quoted := false
	for k := len(text) - 1; k >= 0; k-- {
		switch {
		case text[k] == '\'':
			quoted = !quoted
		case text[k] == '(' && !quoted:
			return k
		}
	}
	return -1
}
