package logs

import "strings"

// cutCSV cuts the first field off a line of separated values. Fields may stand
// in double quotes with "" for a quote (RFC 4180). It forgives what vendors
// do: spaces before an opening quote, and a lone quote inside a quoted field.
// more is false after the last field; ok is false for a quote that never ends.
func cutCSV(s string, sep byte) (field, rest string, more, ok bool) {
	t := s
	for len(t) > 0 && t[0] == ' ' && sep != ' ' {
		t = t[1:]
	}
	if len(t) > 0 && t[0] == '"' {
		return cutQuoted(t[1:], sep)
	}
	if i := strings.IndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true, true
	}
	return s, "", false, true
}

// cutQuoted cuts a field whose opening quote is gone.
func cutQuoted(s string, sep byte) (field, rest string, more, ok bool) {
	doubled := false
	for i := 0; ; i++ {
		j := strings.IndexByte(s[i:], '"')
		if j < 0 {
			return "", "", false, false
		}
		i += j
		switch {
		case i+1 == len(s):
			return undouble(s[:i], doubled), "", false, true
		case s[i+1] == sep:
			return undouble(s[:i], doubled), s[i+2:], true, true
		case s[i+1] == '"':
			doubled = true
			i++
		}
	}
}

func undouble(s string, doubled bool) string {
	if !doubled {
		return s
	}
	return strings.ReplaceAll(s, `""`, `"`)
}

// maxFields bounds the columns of a line that are looked at. PAN-OS has the
// longest lines, some 120 columns.
const maxFields = 256

// columns cuts a whole line into dst, at most maxFields fields; what follows
// them is not looked at.
func columns(dst []string, s string, sep byte) ([]string, bool) {
	for len(dst) < maxFields {
		field, rest, more, ok := cutCSV(s, sep)
		if !ok {
			return dst, false
		}
		dst = append(dst, field)
		if !more {
			break
		}
		s = rest
	}
	return dst, true
}
