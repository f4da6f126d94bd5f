package traffic

import "strings"

// PathTemplate returns path with every segment that looks like an id or a token
// replaced by "{}", so that it can be kept: "/v1/files/file-8Jx2kQ/content"
// becomes "/v1/files/{}/content". Of a long path the first segments are kept.
func PathTemplate(path string) string {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	var b strings.Builder
	first := true
	for seg := range strings.SplitSeq(path, "/") {
		if identifies(seg) {
			seg = "{}"
		}
		if b.Len()+1+len(seg) > maxPath {
			break
		}
		if !first {
			b.WriteByte('/')
		}
		first = false
		b.WriteString(seg)
	}
	return b.String()
}

const maxPath = 256

// identifies reports whether a path segment names one thing rather than a kind
// of things: digits among its letters, an address, an escape, or sheer length.
// Versions ("v1beta2") and model names ("gpt-4o", "claude-3-5-sonnet") stay:
// their parts are short or plain words.
func identifies(seg string) bool {
	if len(seg) > 64 || strings.ContainsAny(seg, "@%=;$") && seg != "$rpc" {
		return true
	}
	for part := range strings.FieldsFuncSeq(seg, func(r rune) bool { return strings.ContainsRune("-_.:", r) }) {
		digits, turns, upper := 0, 0, 0
		var last byte
		for i := range len(part) {
			c := part[i]
			if '0' <= c && c <= '9' {
				digits++
			}
			if 'A' <= c && c <= 'Z' && i > 0 {
				upper++
			}
			if i > 0 && isDigit(c) != isDigit(last) {
				turns++
			}
			last = c
		}
		switch {
		case digits == len(part) && (len(part) >= 6 || len(part) >= 3 && len(part) == len(seg)): // a number
			return true
		case len(part) >= 12 && turns >= 2, len(part) >= 6 && (turns >= 3 || digits >= 4): // mixed letters and digits
			return true
		case len(part) >= 16 && (digits > 0 || upper >= 4): // a long token
			return true
		case len(part) >= 24 && digits == 0 && upper == 0 && len(part) == len(seg): // one long lower-case word
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
