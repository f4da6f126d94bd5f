package dlp

import (
	"bytes"
	"slices"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// printLen is the length of a fingerprint in what takes the place of a value.
const printLen = 16

// isReplaced reports whether text[i:j] is what a value was replaced by before, as a
// whole or without its brackets: "[secret:fc27bef4b5160f4d]", where "secret" would pass
// for a name that the rest is assigned to.
func isReplaced(text []byte, i, j int) bool {
	switch {
	case i < j && text[j-1] == ']':
		j--
	case j == len(text) || text[j] != ']':
		return false
	}
	open := bytes.LastIndexByte(text[max(0, j-64):j], '[') + max(0, j-64)
	if open < 0 || text[open] != '[' || open > i {
		return false
	}
	class, print, _ := bytes.Cut(text[open+1:j], []byte(":"))
	return len(print) == printLen && i <= j-printLen && isHash(print) && slices.Contains(traffic.Classes(), traffic.Class(class))
}

// isHash reports whether all of x are hexadecimal digits in lower case.
func isHash(x []byte) bool {
	return !slices.ContainsFunc(x, func(b byte) bool { return (b < '0' || b > '9') && (b < 'a' || b > 'f') })
}

// hasReplaced reports whether something in line was replaced before, by a placeholder,
// stars or a hash.
func hasReplaced(line []byte) bool {
	if bytes.Contains(line, []byte("[REDACTED:")) || bytes.Contains(line, []byte("****")) {
		return true
	}
	for k := bytes.IndexByte(line, ']'); k >= 0; {
		if isReplaced(line, max(0, k-printLen), k) {
			return true
		}
		next := bytes.IndexByte(line[k+1:], ']')
		if next < 0 {
			return false
		}
		k += 1 + next
	}
	return false
}
