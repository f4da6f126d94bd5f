package prompt

import (
	"bytes"
	"strings"
)

// maxDepth bounds the nesting that is followed (encoding/json gives up at
// 10,000; real prompts stay below 50). What lies deeper is read as plain text.
const maxDepth = 512

// progress says how reading went on.
type progress uint8

const (
	whole  progress = iota // the value is complete
	cut                    // the text ended inside it
	broken                 // no JSON from here on, or nested too deeply
)

// visitor takes the strings and literals of a JSON text. Offsets are those of
// the walker's text.
type visitor interface {
	// enter and leave surround an object.
	enter(n *node) frame
	leave(n *node, outer frame)
	// key takes the name of a member that no field knows.
	key(n *node, start, end int)
	// text takes the inside of a string, which may be cut short.
	text(n *node, start, end int)
	// literal takes a number, true, false or null.
	literal(n *node, start, end int)
}

// walker goes through JSON in one pass and without a copy. It is as lenient as
// the most lenient service: what one of them may understand, it must have seen.
// So it takes raw control characters in strings, superfluous commas and any
// number of values one after the other (JSON Lines, SignalR records).
type walker struct {
	src   []byte
	pos   int
	depth int
	stop  bool // set by the visitor: it takes no more
	to    visitor
}

// values reads all values up to the end of the text.
func (w *walker) values(root *node) progress {
	if bytes.HasPrefix(w.src[w.pos:], []byte("\xef\xbb\xbf")) {
		w.pos += 3
	}
	for {
		if w.space(); w.pos == len(w.src) {
			return whole
		}
		if p := w.value(root); p != whole {
			return p
		}
	}
}

// space skips white space and the record separator (RFC 7464, SignalR).
func (w *walker) space() {
	for w.pos < len(w.src) {
		switch w.src[w.pos] {
		case ' ', '\t', '\n', '\r', 0x1E:
			w.pos++
		default:
			return
		}
	}
}

func (w *walker) value(n *node) progress {
	if w.space(); w.pos == len(w.src) {
		return cut
	}
	if w.stop {
		return broken
	}
	switch c := w.src[w.pos]; {
	case c == '"':
		start, end, p := w.quoted()
		if p != broken {
			w.to.text(n, start, end)
		}
		return p
	case c == '{':
		return w.object(n)
	case c == '[':
		return w.array(n)
	case c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return w.literal(n)
	}
	return broken
}

func (w *walker) object(n *node) progress {
	if w.depth == maxDepth {
		return broken
	}
	w.depth++
	w.pos++
	outer := w.to.enter(n)
	p := w.members(n)
	w.to.leave(n, outer)
	w.depth--
	return p
}

func (w *walker) members(n *node) progress {
	for {
		w.space()
		if w.pos == len(w.src) {
			return cut
		}
		switch w.src[w.pos] {
		case '}':
			w.pos++
			return whole
		case ',':
			w.pos++
			continue
		case '"':
		default:
			return broken
		}
		start, end, p := w.quoted()
		if p != whole {
			return p
		}
		key := w.src[start:end]
		if bytes.IndexByte(key, '\\') >= 0 { // an escaped name is still that name
			key = decode(key, jsonLayer)
		}
		child, known := n.child(key)
		if !known {
			w.to.key(n, start, end)
		}
		if w.space(); w.pos == len(w.src) {
			return cut
		}
		if w.src[w.pos] != ':' {
			return broken
		}
		w.pos++
		if p := w.value(child); p != whole {
			return p
		}
	}
}

func (w *walker) array(n *node) progress {
	if w.depth == maxDepth {
		return broken
	}
	w.depth++
	w.pos++
	for {
		if w.space(); w.pos == len(w.src) {
			return cut
		}
		switch w.src[w.pos] {
		case ']':
			w.pos++
			w.depth--
			return whole
		case ',':
			w.pos++
			continue
		}
		if p := w.value(n); p != whole {
			return p
		}
	}
}

// quoted reads the string at pos and returns the place of its inside. Quotation
// marks and escapes are searched with the vector instructions of package bytes;
// neither search runs over a byte twice.
func (w *walker) quoted() (start, end int, p progress) {
	start = w.pos + 1
	at, quote := start, -1
	for {
		if quote < at {
			i := index(w.src[at:], '"')
			if i < 0 {
				w.pos = len(w.src)
				return start, len(w.src), cut
			}
			quote = at + i
		}
		i := index(w.src[at:quote], '\\')
		if i < 0 {
			w.pos = quote + 1
			return start, quote, whole
		}
		at += i + 2
	}
}

// literal reads a number, true, false or null. Its grammar is checked no
// further than that it is one word of a known beginning.
func (w *walker) literal(n *node) progress {
	start := w.pos
	for w.pos < len(w.src) && inWord(w.src[w.pos]) {
		w.pos++
	}
	word := w.src[start:w.pos]
	switch c := word[0]; {
	case c == '-' || c >= '0' && c <= '9':
		for _, c := range word {
			if (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
				w.pos = start
				return broken
			}
		}
	case !isLiteral(string(word), w.pos == len(w.src)):
		w.pos = start
		return broken
	}
	w.to.literal(n, start, w.pos)
	return whole
}

func inWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.' || c == '_'
}

// isLiteral reports whether word is a literal name, or the beginning of one
// where the text ends.
func isLiteral(word string, ends bool) bool {
	for _, name := range [...]string{"true", "false", "null", "NaN", "Infinity"} {
		if word == name || ends && strings.HasPrefix(name, word) {
			return true
		}
	}
	return false
}

// index is bytes.IndexByte for places where the next escape or quotation mark
// is often near, and a call would cost more than a look.
func index(s []byte, c byte) int {
	const near = 12
	for i := range min(len(s), near) {
		if s[i] == c {
			return i
		}
	}
	if len(s) <= near {
		return -1
	}
	if i := bytes.IndexByte(s[near:], c); i >= 0 {
		return near + i
	}
	return -1
}
