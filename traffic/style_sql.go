package traffic

import "bytes"

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
