package traffic

import (
	_ "embed" // path.txt
	"strings"
	"sync"
)

//go:embed path.txt
var pathTxt string

// pathWords are the words of path.txt.
var pathWords = sync.OnceValue(func() map[string]struct{} {
	words := make(map[string]struct{})
	for line := range strings.Lines(pathTxt) {
		if line[0] != '#' {
			for word := range strings.FieldsSeq(line) {
				words[word] = struct{}{}
			}
		}
	}
	return words
})

const (
	maxPath     = 256
	maxSegments = 16
	maxWord     = 24 // the longest of path.txt is shorter
)

// What takes the place of a segment that is not kept.
const (
	pathID   = "{id}"   // with digits, escapes, signs
	pathName = "{name}" // of letters only
)

// PathTemplate returns path as it can be kept for long and shown to many: what is
// not made of the words of interfaces becomes "{id}" or "{name}", so that
// "/v1/files/file-8Jx2kQ/content" becomes "/v1/files/{id}/content" and
// "/users/jane" "/users/{name}". The names of models are ids here, as they have a
// field of their own. Of a long path the first segments are kept.
func PathTemplate(path string) string {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	var b strings.Builder
	b.Grow(min(len(path)+len(pathName), maxPath))
	n := 0
	for seg := range strings.SplitSeq(path, "/") {
		kept, method := segment(seg)
		if n++; n > maxSegments || b.Len()+1+len(kept)+len(method) > maxPath {
			break
		}
		if n > 1 {
			b.WriteByte('/')
		}
		b.WriteString(kept)
		b.WriteString(method)
	}
	return b.String()
}

// segment returns what is kept of a segment, in two pieces: behind a colon a
// method may follow the name of a thing (google.aip.dev/136).
func segment(seg string) (kept, method string) {
	if i := strings.LastIndexByte(seg, ':'); i >= 0 && i+1 < len(seg) && spoken(seg[i+1:]) {
		seg, method = seg[:i], seg[i:]
	}
	switch {
	case seg == "" || seg == pathID || seg == pathName || spoken(seg):
		return seg, method
	case lettersOnly(seg):
		return pathName, method
	}
	return pathID, method
}

// spoken reports whether seg is made of the words of path.txt, with signs or
// capitals between them, and of versions: "chat_conversations", ".well-known",
// "GenerateContent", "v1beta", "google.ai.v1.Service".
func spoken(seg string) bool {
	if len(seg) > 64 {
		return false
	}
	var version bool // the piece before is one
	for i := 0; i < len(seg); {
		if strings.IndexByte("-_.$", seg[i]) >= 0 {
			i++
			continue
		}
		n := piece(seg[i:])
		switch word := seg[i : i+n]; {
		case n == 0:
			return false
		case isVersion(word):
			version = true
		case version && len(word) <= 2 && isDigit(word[0]) && isDigit(word[len(word)-1]): // v1.0
			version = false
		case isPathWord(word):
			version = false
		default:
			if n = camel(word); n == 0 || !isPathWord(word[:n]) {
				return false
			}
			version = false
		}
		i += n
	}
	return seg != ""
}

// piece returns how much of s is letters and digits.
func piece(s string) int {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && !isDigit(s[i]) {
			return i
		}
	}
	return len(s)
}

// camel returns the length of the first word of CamelCase, 0 when there is but
// one.
func camel(s string) int {
	for i := 1; i < len(s); i++ {
		if isUpper(s[i]) && !isUpper(s[i-1]) {
			return i
		}
	}
	return 0
}

// isPathWord reports whether word is one of path.txt: in small letters, in
// capitals, or with one capital in front.
func isPathWord(word string) bool {
	var room [maxWord]byte
	if len(word) > len(room) {
		return false
	}
	upper := 0
	for i := range len(word) {
		c := word[i]
		if isUpper(c) {
			upper++
			c |= 0x20
		}
		room[i] = c
	}
	if upper > 1 && upper < len(word) || upper == 1 && !isUpper(word[0]) {
		return false
	}
	_, ok := pathWords()[string(room[:len(word)])]
	return ok
}

// isVersion reports whether word is v and a small number, or such a number after
// the name of a stage: v1, v12, v1beta, v1alpha2.
func isVersion(word string) bool {
	if len(word) < 2 || word[0] != 'v' || !isDigit(word[1]) {
		return false
	}
	rest := strings.TrimLeft(word[1:], "0123456789")
	if len(word)-len(rest) > 3 {
		return false
	}
	for _, stage := range [...]string{"alpha", "beta", "internal", "preview"} {
		if after, ok := strings.CutPrefix(rest, stage); ok {
			return len(after) == 0 || len(after) == 1 && isDigit(after[0])
		}
	}
	return rest == ""
}

// lettersOnly reports whether s is words of letters, with "-", "_" or "." between
// them.
func lettersOnly(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && strings.IndexByte("-_.", s[i]) < 0 {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
