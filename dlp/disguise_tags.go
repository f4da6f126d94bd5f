package dlp

import (
	"bytes"
	"slices"
	"unicode/utf16"
)

// inlineTags are the tags of HTML that change how letters look and do not part
// words: in "<b>4</b>1" a reader sees 41.
var inlineTags = map[string]bool{
	"a": true, "abbr": true, "b": true, "bdi": true, "bdo": true, "big": true, "code": true, "del": true, "em": true, "font": true, "i": true, "ins": true, "kbd": true,
	"mark": true, "s": true, "small": true, "span": true, "strong": true, "sub": true, "sup": true, "tt": true, "u": true, "var": true, "wbr": true,
}

const maxTag = 64 // bytes of a tag or a comment that is left out

// tagAt returns the length of the inline tag or comment, of HTML or of code, at i, or
// of the marks of bold text, 0 if there is none.
func tagAt(text []byte, i int) int {
	rest := text[i:min(len(text), i+maxTag)]
	if rest[0] == '*' {
		if len(rest) > 2 && rest[1] == '*' && rest[2] != '*' && (i == 0 || text[i-1] != '*') {
			return 2
		}
		return 0
	}
	if rest[0] == '/' {
		if end := bytes.Index(rest, []byte("*/")); end > 1 && rest[1] == '*' {
			return end + 2
		}
		return 0
	}
	if bytes.HasPrefix(rest, []byte("<!--")) {
		if end := bytes.Index(rest, []byte("-->")); end > 0 {
			return end + 3
		}
		return 0
	}
	k := 1
	if k < len(rest) && rest[k] == '/' {
		k++
	}
	var name [8]byte
	n := 0
	for ; k < len(rest) && isAlpha(rest[k]) && n < len(name); k++ {
		name[n] = fold(rest[k])
		n++
	}
	if k >= len(rest) || !inlineTags[string(name[:n])] {
		return 0
	}
	end := bytes.IndexByte(rest[k:], '>')
	if end < 0 || end > 0 && !space[rest[k]] && rest[k] != '/' {
		return 0
	}
	return k + end + 1
}

// tagInWord reports whether tags or marks at i stand between letters or digits.
func tagInWord(text []byte, i int) bool {
	if i == 0 || !isAlnum(text[i-1]) || text[i] == '*' && !pairedMark(text, i) {
		return false
	}
	n := tagAt(text, i)
	if n == 0 {
		return false
	}
	for range 3 {
		if i += n; i >= len(text) {
			return false
		}
		if isAlnum(text[i]) {
			return true
		}
		if text[i] != '<' && text[i] != '*' && text[i] != '/' {
			return false
		}
		if n = tagAt(text, i); n == 0 {
			return false
		}
	}
	return false
}

// pairedMark reports whether the marks of bold text at i have others in the same
// word: "x**2" is a power.
func pairedMark(text []byte, i int) bool {
	for from, k := max(0, i-16), i-1; k > from && text[k] > ' '; k-- {
		if text[k] == '*' && text[k-1] == '*' {
			return true
		}
	}
	for k := i + 2; k+1 < len(text) && k < i+16 && text[k] > ' '; k++ {
		if text[k] == '*' && text[k+1] == '*' {
			return true
		}
	}
	return false
}

// shifted returns the characters of the run of UTF-7 at i ("+ADQANA-", RFC 2152)
// and its length, 0 if there is none.
func shifted(text []byte, i int) (units []uint16, n int) {
	rest := text[i:min(len(text), i+maxShifted)]
	if len(rest) < 4 || rest[1] != 'A' || value64[rest[2]] > 63 {
		return nil, 0
	}
	bits, have := uint32(0), 0
	k := 1
	for ; k < len(rest) && value64[rest[k]] < 64 && rest[k] != '-' && rest[k] != '_'; k++ {
		bits = bits<<6 | uint32(value64[rest[k]])
		if have += 6; have >= 16 {
			have -= 16
			u := uint16(bits >> have)
			if u < ' ' && u != '\n' && u != '\t' && u != '\r' || u >= 0x3000 {
				return nil, 0
			}
			units = append(units, u)
		}
	}
	if k < len(rest) && rest[k] == '-' {
		k++
	}
	return units, k
}

const maxShifted = 4 << 10

// tag leaves out the tag at i, but not one that may hide something itself: a
// comment that has a key in it, written in escapes.
func (p *plainer) tag(i int) int {
	n := tagAt(p.text, i)
	if n == 0 || !tagInWord(p.text, i) && slices.ContainsFunc(p.text[i:i+n], isHiding) {
		return 0
	}
	return p.emit(i, n, wayTags)
}

// isHiding reports whether c may start an escape or be of a look-alike.
func isHiding(c byte) bool { return c >= 0x80 || c == '%' || c == '\\' || c == '&' }

// shift undoes the run of UTF-7 at i.
func (p *plainer) shift(i int) int {
	units, n := shifted(p.text, i)
	if len(units) == 0 {
		return 0
	}
	return p.emit(i, n, wayUTF7, []byte(string(utf16.Decode(units)))...)
}

// isShifted reports whether a run of UTF-7 may stand at i.
func isShifted(text []byte, i int) bool {
	return i+3 < len(text) && text[i+1] == 'A' && value64[text[i+2]] < 64 && value64[text[i+3]] < 64
}
