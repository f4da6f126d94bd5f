package traffic

import "bytes"

// starred reports whether with begins with a star.
func starred(with string) bool { return len(with) > 0 && with[0] == '*' }

// isYAMLScalar reports whether text[i:j] is a value without quotation marks on a line
// of YAML beside another such line, or an item of a list: a star there begins an alias.
func isYAMLScalar(text []byte, i, j int) bool {
	line, rest := lineAround(text, i, j)
	key := bytes.TrimRight(line, " ")
	if !endsScalar(rest) {
		return false
	}
	if string(bytes.TrimLeft(key, " ")) == "-" {
		return inYAMLList(text, i-len(line))
	}
	if len(key) == len(line) || !isYAMLKey(key) || key[len(key)-1] != ':' {
		return false
	}
	from, to := i-len(line), j+len(rest)
	if from > 0 {
		before, _ := lineAround(text, from-1, from-1)
		if isYAMLKey(before) {
			return true
		}
	}
	if to+1 >= len(text) {
		return false
	}
	_, after := lineAround(text, to+1, to+1)
	return isYAMLKey(after)
}

// isYAMLKey reports whether line starts with a name and a colon.
func isYAMLKey(line []byte) bool {
	line = bytes.TrimPrefix(bytes.TrimLeft(line, " "), []byte("- "))
	n := 0
	for n < len(line) && (isNameByte(line[n]) || line[n] == '-' || line[n] == '.') {
		n++
	}
	return n > 0 && n < len(line) && line[n] == ':' && (n+1 == len(line) || line[n+1] == ' ')
}

// endsScalar reports whether rest ends a value of YAML: but for a comma, as between
// brackets, or a comment nothing stands there.
func endsScalar(rest []byte) bool {
	if bytes.HasPrefix(rest, []byte(" #")) {
		return true
	}
	rest = bytes.TrimSpace(rest)
	return len(rest) == 0 || string(rest) == ","
}

// inYAMLList reports whether the item whose line begins at i belongs to a list under
// a name.
func inYAMLList(text []byte, i int) bool {
	for most := i - maxFormLine; i > 0 && i > most; {
		line, _ := lineAround(text, i-1, i-1)
		if !bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("- ")) {
			return isYAMLKey(line) && line[len(line)-1] == ':'
		}
		i -= len(line) + 1
	}
	return false
}

// isFlowScalar reports whether text[i:j] is all of a value between brackets as YAML
// has them: behind a name, or in a list. Of those to be removed only items of lists
// leave nothing that may stand there.
func isFlowScalar(text []byte, i, j int, remove bool) bool {
	from := max(0, i-maxFormLine)
	before := bytes.TrimRight(text[from:i], " \t\r\n")
	after := bytes.TrimLeft(text[j:min(len(text), j+maxFormLine)], " \t\r\n")
	if len(before) == 0 || len(after) == 0 {
		return false
	}
	switch after[0] {
	case ']':
		if len(after) > 1 && after[1] == '(' { // a link of Markdown
			return false
		}
	case ',', '}':
	default:
		return false
	}
	open := openBracket(before)
	switch last := before[len(before)-1]; {
	case open == '[' && (last == '[' || last == ','):
		return true
	case open == '{' && last == ':' && !remove:
		return from+len(before) < i && len(before) > 1 && isNameByte(before[len(before)-2])
	}
	return false
}

// openBracket returns the bracket that is open at the end of text, 0 if none is.
func openBracket(text []byte) byte {
	closed := 0
	for k := len(text) - 1; k >= 0; k-- {
		switch text[k] {
		case ']', '}':
			closed++
		case '[', '{':
			if closed--; closed < 0 {
				return text[k]
			}
		}
	}
	return 0
}
