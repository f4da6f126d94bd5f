package logs

import "strings"

// cutPair cuts the first key=value off s, as firewalls write them: separated
// by spaces, tabs or commas, the value perhaps in quotes with \" and \\
// inside. key is "" when no pair is left; ok is false for an endless quote.
func cutPair(s string) (key, value, rest string, ok bool) {
	s = strings.TrimLeft(s, " \t,")
	eq := strings.IndexByte(s, '=')
	if eq < 0 {
		return "", "", "", true
	}
	key, s = s[:eq], s[eq+1:]
	// Words that belong to no pair may stand in between.
	if i := strings.LastIndexAny(key, " \t,"); i >= 0 {
		key = key[i+1:]
	}
	if len(s) > 0 && s[0] == '"' {
		value, rest, ok = cutEscaped(s[1:])
		return key, value, rest, ok
	}
	i := strings.IndexAny(s, " \t,")
	if i < 0 {
		i = len(s)
	}
	return key, s[:i], s[i:], true
}

// cutEscaped cuts a value whose opening quote is gone.
func cutEscaped(s string) (value, rest string, ok bool) {
	escaped := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			if escaped {
				return unslash(s[:i]), s[i+1:], true
			}
			return s[:i], s[i+1:], true
		}
	}
	// A sender that doesn't escape may end a value with a backslash.
	for i := 0; i < len(s); i++ {
		if s[i] == '"' && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == ',') {
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}

// unslash takes the backslash off quotes, backslashes, = and |, and leaves
// every other one: EXAMPLE\carol must survive a sender that doesn't escape.
func unslash(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	b = append(b, s[:i]...)
	for ; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`\"=|`, s[i+1]) >= 0 {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// cutExtension cuts the first key=value off a CEF extension: values hold
// spaces without quotes and end where the next " key=" begins. The value is
// still escaped.
func cutExtension(s string) (key, value, rest string) {
	s = strings.TrimLeft(s, " ")
	eq := strings.IndexByte(s, '=')
	if eq < 0 {
		return "", "", ""
	}
	key, s = s[:eq], s[eq+1:]
	for i := 0; ; {
		j := strings.IndexByte(s[i:], '=')
		if j < 0 {
			return key, strings.TrimRight(s, " "), ""
		}
		i += j
		if start := keyStart(s[:i]); start > 0 && s[start-1] == ' ' {
			return key, strings.TrimRight(s[:start-1], " "), s[start:]
		}
		i++
	}
}

// keyStart returns where the key begins that s ends with, len(s) if none. The
// backslash of an escaped = is no letter of a key.
func keyStart(s string) int {
	i := len(s)
	for i > 0 {
		c := s[i-1]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '.' || c == '-') {
			break
		}
		i--
	}
	if i == len(s) {
		return -1
	}
	return i
}

// cutHeader cuts the first field off a CEF or LEEF header: up to the next |
// that no backslash precedes.
func cutHeader(s string) (field, rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '|':
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}
