package dlp

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"io"
	"unicode/utf8"
)

const (
	minRun     = 14       // letters and digits in a row that may be base64 or hexadecimal
	minView    = 6        // bytes that a decoded run must have
	sampled    = 8        // bytes that may tell hexadecimal digits of text from others: two of UTF-32
	minWrap    = 40       // length of a line that may be wrapped
	minLine    = 16       // and of one that is followed by one as long
	quads      = 3        // groups of four in a row that tell base64 of ASCII
	effortOpen = 16 << 10 // that opening a container costs
	sniffed    = 512      // bytes of a decoded run by which it is judged
)

// value64 is the value of a character of base64 or base64url, 255 for others.
var value64 = func() (t [256]uint8) {
	for i := range t {
		t[i] = 255
	}
	for i := range 26 {
		t['A'+i], t['a'+i] = uint8(i), uint8(26+i)
	}
	for i := range 10 {
		t['0'+i] = uint8(52 + i)
	}
	t['+'], t['-'], t['/'], t['_'] = 62, 62, 63, 63
	return t
}()

// texty tells the first characters of groups of base64 that stand for printable
// ASCII or white space.
var texty = table("CDIJKLMNOPQRSTUVWXYZabcdef")

// longRun looks at the bytes around i, none of which is a blank or a quotation
// mark, for signs. It is called for long runs only, once each.
func (c *scan) longRun(i int) {
	from := max(i-24, 0)
	if c.signs&(signRun|signSpaced) == signRun|signSpaced {
		c.runDone = len(c.text) // there is nothing more to learn
		c.apartAt = min(c.apartAt, from)
		return
	}
	n, alternating := 0, 0
	found := c.signs&signRun != 0
	j := from
	for ; j < len(c.text); j++ {
		x := c.text[j]
		kind := runKind[x]
		if kind&runDigit != 0 {
			if n++; n == minRun && !found {
				found = true
				c.signs |= signRun
				c.runFrom = max(j-minRun-64, 0)
			}
		} else {
			n = 0
			if kind&runBlank != 0 && j >= i+8 {
				break
			}
		}
		if kind&runApart != 0 && j > from+1 && c.text[j-2] == x {
			if alternating++; alternating >= 4 {
				c.signs |= signSpaced
				c.apartAt = min(c.apartAt, from)
			}
		} else if kind&runPlain == 0 {
			alternating = 0
		}
		if found && (n > 256 || j > i+4096) {
			break // the rest is read when the runs are
		}
	}
	c.runDone = j
	c.seen += (j - from) / 4
}

// The kinds of bytes that longRun tells.
const (
	runDigit = 1 << iota // of base64
	runBlank             // parts words
	runApart             // may stand between the letters of a value
	runPlain             // letters and digits
)

var runKind = func() (t [256]uint8) {
	for c := range t {
		x := byte(c)
		if value64[x] < 64 {
			t[c] |= runDigit
		}
		if x < '+' {
			t[c] |= runBlank
		}
		if setApart[x] {
			t[c] |= runApart
		}
		if isAlnum(x) {
			t[c] |= runPlain
		}
	}
	return t
}()

// runs decodes the runs of base64 and hexadecimal digits.
func (c *scan) runs() {
	w := c.workspace()
	defer c.release(w)
	text := c.text
	for i := c.runFrom; i+minRun <= len(text) && c.room > 0; {
		k := i + minRun - 1 // a run from i has it, so look at it first
		for k >= i && value64[text[k]] < 64 {
			k--
		}
		if k >= i {
			i = k + 1
			continue
		}
		j := i + minRun
		for j < len(text) && value64[text[j]] < 64 {
			j++
		}
		if j < len(text) && text[j] == '.' {
			c.dottedRun(i, j)
		}
		c.randomRun(i, j)
		i = c.run(w, i, j)
	}
}

// run decodes text[i:j], with the lines that follow it where it is wrapped, and
// returns the end of what it read.
func (c *scan) run(w *workspace, i, j int) int {
	all := lines{c.text[i:j], j}
	less := all
	via := ways(0)
	if bytes.HasSuffix(c.text[:i], []byte("base64,")) {
		via = ways(wayDataURL)
	}
	if n := j - i; n >= minWrap {
		all, less = unwrap(w.in[:0], c.text, i, j)
		w.in = all.raw
	} else if n >= minLine && i >= c.linesDone {
		c.shortLines(w, i, j, via)
	}
	m := c.runPlace(i, all.end)
	if c.wholeRun(w, all.raw, &m, via) {
		return all.end
	}
	if less.end < all.end {
		if m := c.runPlace(i, less.end); c.wholeRun(w, less.raw, &m, via) {
			return less.end
		}
	}
	via = via.then(ways(wayBase64))
	if !c.deflated(all.raw, &m, via) {
		c.base64Parts(w, all.raw, &m, via)
	}
	return all.end
}

// shortLines decodes text[i:j] and the lines that follow it as one run. They may be
// values of their own, too.
func (c *scan) shortLines(w *workspace, i, j int, via ways) {
	all, less := unwrap(w.in[:0], c.text, i, j)
	if w.in = all.raw; all.end == j {
		return
	}
	c.linesDone = all.end
	m := c.runPlace(i, all.end)
	if !c.wholeRun(w, all.raw, &m, via) && less.end > j {
		m = c.runPlace(i, less.end)
		c.wholeRun(w, less.raw, &m, via)
	}
}

// runPlace returns the place of a run, with the padding of base64 behind it.
func (c *scan) runPlace(from, to int) mapping {
	for end := to; to < len(c.text) && to < end+2 && c.text[to] == '='; {
		to++
	}
	return wholly(from, to)
}

// wholeRun decodes raw where all of it gives text or a known container.
func (c *scan) wholeRun(w *workspace, raw []byte, m *mapping, via ways) bool {
	return c.hexRun(w, raw, m, via) || c.bitRun(w, raw, m) || c.base32Run(w, raw, m, via) || c.base64Run(w, raw, m, via.then(ways(wayBase64)))
}

// lines are those of a run, and where they end.
type lines struct {
	raw []byte
	end int
}

// lineEnd tells what may stand behind a line of a wrapped run.
var lineEnd = table("\r\n=\"'`\\<")

// unwrap appends text[i:j] and the lines that go on with it to dst: short ones only
// if they are of one length, but for the last. It returns all of them, and all but
// the last, which may be no line but a word: "thanks".
func unwrap(dst, text []byte, i, j int) (all, less lines) {
	all = lines{append(dst, text[i:j]...), j}
	less = all
	least, most := minWrap, len(text)
	if j-i < minWrap {
		least, most = j-i, j-i
	}
	for {
		k := all.end
		if bytes.HasPrefix(text[k:], []byte(`\r`)) {
			k += 2
		}
		if bytes.HasPrefix(text[k:], []byte(`\n`)) {
			k += 2
		}
		for k < len(text) && k < all.end+24 && (space[text[k]] || text[k] == '>' || text[k] == '|') {
			k++
		}
		if k == all.end || k >= len(text) || value64[text[k]] > 63 {
			return all, less
		}
		e := k
		for e < len(text) && value64[text[e]] < 64 {
			e++
		}
		if e < len(text) && !lineEnd[text[e]] || e-k > most {
			return all, less
		}
		less = all
		all = lines{append(all.raw, text[k:e]...), e}
		if e-k < least {
			return all, less
		}
	}
}

// hexRun decodes raw as hexadecimal digits and tells whether it was that.
func (c *scan) hexRun(w *workspace, raw []byte, m *mapping, via ways) bool {
	if len(raw) > 2 && raw[0] == '0' && raw[1]|0x20 == 'x' {
		raw = raw[2:]
	}
	if len(raw)%2 != 0 || len(raw)/2 < minView {
		return false
	}
	out := w.out[:0]
	for k := 0; k < len(raw); k += 2 {
		hi, lo := unhex[raw[k]], unhex[raw[k+1]]
		if hi > 15 || lo > 15 {
			return false
		}
		out = append(out, hi<<4|lo)
		if len(out) == sampled && !isText(out) && container(out) == 0 && !isWide(out) {
			w.out = out
			return false
		}
	}
	w.out = out
	c.decoded(out, m, via.then(ways(wayHex)))
	return true
}

// bitRun decodes raw as bits, eight a byte, and tells whether it was that.
func (c *scan) bitRun(w *workspace, raw []byte, m *mapping) bool {
	if len(raw)%8 != 0 || len(raw)/8 < minView {
		return false
	}
	out := w.out[:0]
	for ; len(raw) > 0; raw = raw[8:] {
		var b byte
		for _, x := range raw[:8] {
			if x != '0' && x != '1' {
				return false
			}
			b = b<<1 | x&1
		}
		out = append(out, b)
	}
	w.out = out
	if !isText(out) {
		return false
	}
	c.look(out, m, ways(wayCodes))
	return true
}

// base64Run decodes raw as base64 and tells whether that gives text or a known
// container.
func (c *scan) base64Run(w *workspace, raw []byte, m *mapping, via ways) bool {
	w.out = decode64(w.out[:0], raw[:min(len(raw), sniffed)])
	if len(w.out) < minView || !isText(w.out) && container(w.out) == 0 && !isWide(w.out) {
		return false
	}
	w.out = decode64(w.out[:0], raw)
	c.decoded(w.out, m, via)
	return true
}

// base64Parts decodes those parts of raw that are text, as a run may begin with
// something else.
func (c *scan) base64Parts(w *workspace, raw []byte, m *mapping, via ways) {
	for shift := range 4 {
		for k := shift; k+4*quads <= len(raw); k += 4 {
			n := 0
			for k+4*n < len(raw) && texty[raw[k+4*n]] {
				n++
			}
			if n >= quads {
				w.out = decode64(w.out[:0], raw[k:min(len(raw), k+4*n)])
				if isText(w.out) {
					c.decoded(w.out, m, via)
				}
			}
			k += 4 * n
		}
	}
}

// maxDeflated bounds how many runs of a text are tried as raw deflate, which has no
// mark, leastDeflated how long they must be.
const (
	maxDeflated   = 16
	leastDeflated = 24
)

// deflated looks at raw as base64 of raw deflate.
func (c *scan) deflated(raw []byte, m *mapping, via ways) bool {
	if c.inflates >= maxDeflated || c.depth+1 >= maxDepth || len(raw) > maxIsland || len(raw) < leastDeflated || c.effort < 4*effortOpen || !mixedCase(raw[:leastDeflated]) {
		return false
	}
	c.inflates++
	b := decode64(nil, raw)
	out := c.s.inflated(b, c.room)
	if out == nil {
		return false
	}
	c.effort -= effortOpen
	c.room -= len(out)
	c.depth++
	c.look(out, m, via.then(ways(wayDeflate)))
	c.depth--
	clear(out)
	return true
}

func decode64(dst, raw []byte) []byte {
	for ; len(raw) >= 4; raw = raw[4:] {
		x := uint32(value64[raw[0]])<<18 | uint32(value64[raw[1]])<<12 | uint32(value64[raw[2]])<<6 | uint32(value64[raw[3]])
		dst = append(dst, byte(x>>16), byte(x>>8), byte(x))
	}
	switch len(raw) {
	case 2:
		dst = append(dst, value64[raw[0]]<<2|value64[raw[1]]>>4)
	case 3:
		dst = append(dst, value64[raw[0]]<<2|value64[raw[1]]>>4, value64[raw[1]]<<4|value64[raw[2]]>>2)
	}
	return dst
}

// isText reports whether the beginning of b is text: no control characters, and
// hardly a byte that is no UTF-8.
func isText(b []byte) bool {
	b = b[:min(len(b), sniffed)]
	odd := 0
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case c >= 0x80:
			_, n := utf8.DecodeRune(b[i:])
			if n == 1 && i+4 < len(b) {
				if odd++; odd*16 > len(b) {
					return false
				}
			}
			i += n
			continue
		case c < ' ' && !space[c] && c != 0x1b && c != 0xc && c != 0xb, c == 0x7f:
			return false
		}
		i++
	}
	return len(b) > 0
}

// container tells a compressed text by its first bytes.
func container(b []byte) Way {
	if len(b) < 4 {
		return 0
	}
	switch {
	case b[0] == 0x1f && b[1] == 0x8b && b[2] == 8:
		return wayGzip
	case b[0] == 'B' && b[1] == 'Z' && b[2] == 'h' && '1' <= b[3] && b[3] <= '9' && len(b) > 10 && b[4] == 0x31 && b[5] == 0x41:
		return wayBzip2
	case b[0] == 0x78 && binary.BigEndian.Uint16(b)%31 == 0 && b[1]&0x20 == 0:
		return wayZlib
	case bytes.HasPrefix(b, []byte("PK\x03\x04")), bytes.HasPrefix(b, []byte("%PDF")), bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0")):
		return wayDocument
	}
	return 0
}

// decoded scans what a run was decoded to: text, or a container of text.
func (c *scan) decoded(b []byte, m *mapping, via ways) {
	way := container(b)
	if way == 0 {
		c.look(b, m, via)
		return
	}
	if c.depth+1 >= maxDepth || c.room <= 0 {
		return
	}
	if c.effort -= effortOpen; c.effort <= 0 {
		return
	}
	var out []byte
	switch r := bytes.NewReader(b); way {
	case wayGzip:
		if z, err := gzip.NewReader(r); err == nil {
			out, _ = io.ReadAll(io.LimitReader(z, int64(c.room)))
		}
	case wayZlib:
		if z, err := zlib.NewReader(r); err == nil {
			out, _ = io.ReadAll(io.LimitReader(z, int64(c.room)))
		}
	case wayBzip2:
		out, _ = io.ReadAll(io.LimitReader(bzip2.NewReader(r), int64(c.room)))
	case wayDocument:
		if c.s.extract != nil {
			out = c.s.extract(b, c.room)
		}
	}
	c.room -= len(out)
	if len(out) > 0 && (isText(out) || isWide(out)) {
		c.depth++ // the container is a layer, too
		c.look(out, m, via.then(ways(way)))
		c.depth--
	}
	clear(out)
}
