package traffic

import "bytes"

// maxFormLine is how much of a line around a finding tells the form of a text.
const maxFormLine = 256

// fit gives what takes the place of f the form of the text.
func fit(with string, f *Finding, text []byte) string {
	switch {
	case f.Quote != "":
		return f.Quote + with + f.Quote
	case isJSONNumber(text, f.Start, f.End):
		quote, ok := jsonQuote(text, f.Start)
		switch {
		case !ok:
			return with
		case text[f.Start-1] == '-' || text[f.End] == '.': // what is left around it must stay a number
			return "0"
		case with == "":
			return "null"
		}
		return quote + with + quote
	case isRowNumber(text, f.Start, f.End):
		return "'" + with + "'"
	case isCodeNumber(text, f.Start, f.End), starred(with) && isYAMLScalar(text, f.Start, f.End), (starred(with) || with == "") && isFlowScalar(text, f.Start, f.End, with == ""):
		return `"` + with + `"`
	case len(f.Via) == 0:
	case f.Via[0] == "utf16":
		return widen(with, 2, text[f.Start] == 0)
	case f.Via[0] == "utf32":
		return widen(with, 4, text[f.Start] == 0)
	}
	return with
}

// isJSONNumber reports whether text[i:j] is a bare number in what looks like
// JSON, without its sign and fraction: digits behind a name or inside a list.
func isJSONNumber(text []byte, i, j int) bool {
	if i == 0 || j == len(text) || !allDigits(text[i:j]) {
		return false
	}
	before, after := i-1, j
	if text[before] == '-' && before > 0 {
		before--
	}
	for text[after] == '.' || after > j && isDigit(text[after]) { // its fraction
		if after++; after == len(text) {
			return false
		}
	}
	for before > 0 && isBlank(text[before]) {
		before--
	}
	for after < len(text)-1 && isBlank(text[after]) {
		after++
	}
	if text[after] != ',' && text[after] != '}' && text[after] != ']' {
		return false
	}
	switch text[before] {
	case ':':
		for before--; before > 0 && isBlank(text[before]); before-- {
		}
		return before > 0 && text[before] == '"'
	case '[', ',':
		return startsJSON(text)
	}
	return false
}

// jsonQuote returns the quotation mark that a string in the place of the number at i
// begins with: an escaped one where that is JSON in a string of JSON. It is not ok
// inside a string that is none.
func jsonQuote(text []byte, i int) (quote string, ok bool) {
	from := max(0, i-maxFormLine)
	k := bytes.LastIndexByte(text[from:i], '"')
	if k < 0 {
		return `"`, true
	}
	k += from
	escapes := 0
	for k-escapes > 0 && text[k-escapes-1] == '\\' {
		escapes++
	}
	next := bytes.TrimLeft(text[k+1:i], " \t\r\n")
	switch {
	case len(next) == 0 || next[0] == '[' || next[0] == '{': // it opens a string that holds JSON
		escapes = 2*escapes + 1
	case bytes.IndexByte([]byte(":,]}"), next[0]) < 0: // or other text
		return "", false
	}
	return string(bytes.Repeat([]byte{'\\'}, escapes)) + `"`, true
}

// isCodeNumber reports whether text[i:j] is a bare number in what looks like a line
// of code: assigned, returned, or an argument. A string takes its place there.
func isCodeNumber(text []byte, i, j int) bool {
	if !allDigits(text[i:j]) {
		return false
	}
	line, rest := lineAround(text, i, j)
	if insideQuotes(line) || len(rest) > 0 && (isNameByte(rest[0]) || rest[0] == '.' && len(rest) > 1 && isNameByte(rest[1])) {
		return false
	}
	head := bytes.TrimRight(line, " \t")
	if len(head) == 0 {
		return false
	}
	switch last := head[len(head)-1]; {
	case last == '=':
		return len(head) < len(line) && len(head) > 1 || isOpen(head)
	case last == ':' && string(rest) == ",": // a member of an object in JavaScript
		name := bytes.TrimLeft(head[:len(head)-1], " \t")
		return isOpen(head) || len(name) < len(head)-1 && isYAMLKey(head)
	case last == '(' || last == '[' || last == '{' || last == ',' || last == ':':
		return isOpen(head)
	}
	return string(bytes.TrimSpace(line)) == "return"
}

// isOpen reports whether line ends inside a bracket of code: one that stands behind
// a name, a sign of assignment or another bracket.
func isOpen(line []byte) bool {
	closed := 0
	for k := len(line) - 1; k > 0; k-- {
		switch line[k] {
		case ')', ']', '}':
			closed++
		case '(', '[', '{':
			if closed--; closed < 0 {
				before := bytes.TrimRight(line[:k], " \t")
				if len(before) == 0 {
					return false
				}
				last := before[len(before)-1]
				return bytes.IndexByte([]byte("=:([{,]"), last) >= 0 || len(before) == k && isNameByte(last)
			}
		}
	}
	return false
}

// lineAround returns what stands before i and from j on in their line, as far as it
// is looked at.
func lineAround(text []byte, i, j int) (before, after []byte) {
	before = text[max(0, i-maxFormLine):i]
	before = before[bytes.LastIndexByte(before, '\n')+1:]
	after = text[j:min(len(text), j+maxFormLine)]
	if n := bytes.IndexByte(after, '\n'); n >= 0 {
		after = after[:n]
	}
	return before, bytes.TrimSuffix(after, []byte("\r"))
}

// insideQuotes reports whether line ends inside a literal.
func insideQuotes(line []byte) bool {
	open := byte(0)
	for k := 0; k < len(line); k++ {
		switch c := line[k]; {
		case c == '\\':
			k++
		case open != 0 && c == open:
			open = 0
		case open == 0 && (c == '"' || c == '\'' || c == '`'):
			open = c
		}
	}
	return open != 0
}

func startsJSON(text []byte) bool {
	for _, b := range text {
		if !isBlank(b) {
			return b == '[' || b == '{'
		}
	}
	return false
}

func allDigits(text []byte) bool {
	for _, b := range text {
		if !isDigit(b) {
			return false
		}
	}
	return len(text) > 0
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func isNameByte(b byte) bool {
	return isDigit(b) || 'a' <= b|0x20 && b|0x20 <= 'z' || b == '_'
}
