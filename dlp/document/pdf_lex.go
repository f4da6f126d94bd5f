package document

import (
	"bytes"
	"math"
	"strconv"
)

// Objects of a PDF file (ISO 32000-1, section 7.3): nil, bool, float64 and these.
type (
	pdfName   string
	pdfString []byte
	pdfArray  []any
	pdfDict   map[string]any
	pdfRef    struct{ num, gen int }
	pdfWord   string // an operator or a keyword
	pdfStream struct {
		pdfDict
		raw []byte
		ref pdfRef
	}
)

// maxPDFDepth bounds nested arrays and dictionaries.
const maxPDFDepth = 60

// pdfLex reads objects one after the other. It always moves on, whatever it meets.
type pdfLex struct {
	data []byte
	pos  int
}

func pdfSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func pdfDelim(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

// skipSpace moves over white space and comments.
func (l *pdfLex) skipSpace() {
	for l.pos < len(l.data) {
		switch c := l.data[l.pos]; {
		case pdfSpace(c):
			l.pos++
		case c == '%':
			for l.pos < len(l.data) && l.data[l.pos] != '\n' && l.data[l.pos] != '\r' {
				l.pos++
			}
		default:
			return
		}
	}
}

// next reads an object; false at the end. References are read only where refs is set:
// in content streams two numbers and an R are not one.
func (l *pdfLex) next(refs bool) (any, bool) { return l.object(refs, 0) }

// closer is a bracket that closes something.
type closer string

func (l *pdfLex) object(refs bool, depth int) (any, bool) {
	l.skipSpace()
	if l.pos >= len(l.data) {
		return nil, false
	}
	switch c := l.data[l.pos]; c {
	case '/':
		l.pos++
		return l.name(), true
	case '(':
		l.pos++
		return l.literal(), true
	case '<':
		l.pos++
		if l.pos < len(l.data) && l.data[l.pos] == '<' {
			l.pos++
			return l.dict(refs, depth+1), true
		}
		return l.hex(), true
	case '[':
		l.pos++
		return l.array(refs, depth+1), true
	case ']', '}', '{', ')':
		l.pos++
		return closer(c), true
	case '>':
		l.pos++
		if l.pos < len(l.data) && l.data[l.pos] == '>' {
			l.pos++
		}
		return closer(">"), true
	default:
		return l.word(refs), true
	}
}

func (l *pdfLex) name() pdfName {
	start := l.pos
	escaped := false
	for l.pos < len(l.data) && !pdfSpace(l.data[l.pos]) && !pdfDelim(l.data[l.pos]) {
		escaped = escaped || l.data[l.pos] == '#'
		l.pos++
	}
	raw := l.data[start:l.pos]
	if !escaped {
		return pdfName(raw)
	}
	var out []byte
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) {
			if n, err := strconv.ParseUint(string(raw[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, raw[i])
	}
	return pdfName(out)
}

// literal reads a string in parentheses, which may nest.
func (l *pdfLex) literal() pdfString {
	out := pdfString{}
	for depth := 1; l.pos < len(l.data); {
		c := l.data[l.pos]
		l.pos++
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return out
			}
		case '\\':
			out = l.escape(out)
			continue
		case '\r':
			if l.pos < len(l.data) && l.data[l.pos] == '\n' {
				l.pos++
			}
			c = '\n'
		}
		out = append(out, c)
	}
	return out
}

// escape reads what follows a backslash.
func (l *pdfLex) escape(out pdfString) pdfString {
	if l.pos >= len(l.data) {
		return out
	}
	c := l.data[l.pos]
	l.pos++
	switch c {
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case '\n':
		return out
	case '\r':
		if l.pos < len(l.data) && l.data[l.pos] == '\n' {
			l.pos++
		}
		return out
	}
	if c < '0' || c > '7' {
		return append(out, c)
	}
	n := int(c - '0')
	for i := 0; i < 2 && l.pos < len(l.data) && l.data[l.pos] >= '0' && l.data[l.pos] <= '7'; i++ {
		n = n<<3 | int(l.data[l.pos]-'0')
		l.pos++
	}
	return append(out, byte(n))
}

func (l *pdfLex) hex() pdfString {
	end := bytes.IndexByte(l.data[l.pos:], '>')
	raw := l.data[l.pos:]
	if end < 0 {
		l.pos = len(l.data)
	} else {
		raw = raw[:end]
		l.pos += end + 1
	}
	return pdfString(decodeHex(raw))
}

// decodeHex decodes hexadecimal digits; an odd last one counts as its first half.
func decodeHex(raw []byte) []byte {
	out := make([]byte, 0, len(raw)/2+1)
	half, n := false, byte(0)
	for _, c := range raw {
		var d byte
		switch {
		case c >= '0' && c <= '9':
			d = c - '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			d = c | 0x20 - 'a' + 10
		default:
			continue
		}
		if half {
			out = append(out, n<<4|d)
		}
		n, half = d, !half
	}
	if half {
		out = append(out, n<<4)
	}
	return out
}

func (l *pdfLex) array(refs bool, depth int) pdfArray {
	out := pdfArray{}
	if depth > maxPDFDepth {
		return out
	}
	for {
		o, ok := l.object(refs, depth)
		if !ok || o == closer("]") {
			return out
		}
		switch o := o.(type) {
		case closer:
			if o == ">" { // of what is around us: the ] is missing
				return out
			}
		case pdfWord:
			if o == "endobj" || o == "endstream" || o == "obj" {
				return out
			}
		default:
			out = append(out, o)
		}
	}
}

func (l *pdfLex) dict(refs bool, depth int) pdfDict {
	out := pdfDict{}
	if depth > maxPDFDepth {
		return out
	}
	for {
		before := l.pos
		key, ok := l.object(refs, depth)
		if !ok || key == closer(">") {
			return out
		}
		name, isName := key.(pdfName)
		if !isName {
			if w, isWord := key.(pdfWord); isWord && (w == "endobj" || w == "obj" || w == "stream" || w == "endstream") {
				l.pos = before
				return out
			}
			continue
		}
		before = l.pos
		value, ok := l.object(refs, depth)
		if !ok {
			return out
		}
		if _, isCloser := value.(closer); isCloser {
			l.pos = before
			continue
		}
		out[string(name)] = value
	}
}

// word reads a number, a keyword or, where allowed, a reference.
func (l *pdfLex) word(refs bool) any {
	raw := l.token()
	n, ok := pdfNumber(raw)
	if !ok {
		switch string(raw) {
		case "true":
			return true
		case "false":
			return false
		case "null":
			return nil
		}
		return pdfWord(raw)
	}
	if !refs || n < 0 || n > 1e9 || n != math.Trunc(n) {
		return n
	}
	back := l.pos
	l.skipSpace()
	if gen, ok := pdfNumber(l.digits()); ok {
		l.skipSpace()
		if l.pos < len(l.data) && l.data[l.pos] == 'R' && (l.pos+1 == len(l.data) || pdfSpace(l.data[l.pos+1]) || pdfDelim(l.data[l.pos+1])) {
			l.pos++
			return pdfRef{int(n), int(gen)}
		}
	}
	l.pos = back
	return n
}

func (l *pdfLex) token() []byte {
	start := l.pos
	for l.pos < len(l.data) && !pdfSpace(l.data[l.pos]) && !pdfDelim(l.data[l.pos]) {
		l.pos++
	}
	return l.data[start:l.pos]
}

// digits reads up to five digits: a generation.
func (l *pdfLex) digits() []byte {
	start := l.pos
	for l.pos < len(l.data) && l.data[l.pos] >= '0' && l.data[l.pos] <= '9' && l.pos-start < 5 {
		l.pos++
	}
	return l.data[start:l.pos]
}

// pdfNumber reads a number without an exponent. It does not allocate: content
// streams are made of numbers.
func pdfNumber(b []byte) (float64, bool) {
	sign, n, scale, digits := 1.0, 0.0, 0.0, 0
	for i, c := range b {
		switch {
		case c == '-' && (i == 0 || digits == 0):
			sign = -1
		case c == '+' && i == 0:
		case c == '.' && scale == 0:
			scale = 1
		case c >= '0' && c <= '9':
			digits++
			n = n*10 + float64(c-'0')
			scale *= 10
		case c == '-' && digits > 0: // "12-34", as some producers write
			goto done
		default:
			return 0, false
		}
	}
done:
	if digits == 0 {
		return 0, false
	}
	if scale > 1 {
		n /= scale
	}
	return sign * n, true
}
