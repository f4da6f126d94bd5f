package dlp

import "bytes"

// uuSigns begin what uuencode writes: "begin 644 name".
var uuSigns = []string{"begin 6", "begin 7", "begin 06", "begin 07"}

const (
	maxUU  = 64  // blocks of a text that are looked at
	uuName = 256 // bytes of the line that begins one
	uuLine = 45  // bytes that a line stands for, at most
)

// uuBody returns where the lines of the block begin whose first line is at i, or 0.
func uuBody(text []byte, i int) int {
	rest := text[i:min(len(text), i+uuName)]
	n := bytes.IndexByte(rest, '\n')
	if n < 0 || i > 0 && isWord[text[i-1]] {
		return 0
	}
	f := bytes.Fields(rest[:n])
	if len(f) < 3 || len(f[1]) > 4 {
		return 0
	}
	for _, x := range f[1] {
		if !isOctal(x) {
			return 0
		}
	}
	return i + n + 1
}

// uuencoded looks at the blocks of uuencode as what they were made from.
func (c *scan) uuencoded() {
	w := c.workspace()
	defer c.release(w)
	text := c.text
	for i, n := 0, 0; n < maxUU && c.room > 0; {
		k := bytes.Index(text[i:], []byte("begin "))
		if k < 0 {
			return
		}
		from := i + k
		i = from + 1
		at := uuBody(text, from)
		if at == 0 {
			continue
		}
		n++
		out := w.out[:0]
		for ok := true; ok && len(out) < c.room; {
			out, at, ok = uuAppend(out, text, at)
		}
		if w.out = out; len(out) >= minView && (isText(out) || container(out) != 0 || isWide(out)) {
			m := wholly(from, at)
			c.decoded(out, &m, ways(wayUU))
		}
		i = at
	}
}

// uuAppend appends to dst what the line at i stands for. It returns where the next
// line begins, and whether there may be one.
func uuAppend(dst, text []byte, i int) (out []byte, next int, ok bool) {
	if i >= len(text) {
		return dst, i, false
	}
	n := int(text[i]-' ') & 63
	digits := (n + 2) / 3 * 4
	if n == 0 || n > uuLine || text[i] < ' ' || i+1+digits > len(text) {
		return dst, i, false
	}
	line, from := text[i+1:i+1+digits], len(dst)
	for k := 0; k < digits; k += 4 {
		var v uint32
		for _, x := range line[k : k+4] {
			if x < ' ' || x > '`' {
				return dst[:from], i, false
			}
			v = v<<6 | uint32(x-' ')&63
		}
		dst = append(dst, byte(v>>16), byte(v>>8), byte(v))
	}
	dst = dst[:from+n]
	i += 1 + digits
	for i < len(text) && (text[i] == ' ' || text[i] == '\r' || text[i] == '`') {
		i++
	}
	if i < len(text) && text[i] != '\n' {
		return dst, i, false
	}
	return dst, min(i+1, len(text)), true
}
