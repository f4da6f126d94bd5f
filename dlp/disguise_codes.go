package dlp

import "bytes"

const (
	minCodes = 5       // codes of characters in a row that may be a value,
	moreOf   = 8       // where manyApart rows have been looked at
	maxCodes = 4 << 10 // and the most that are looked at
	maxGap   = 12      // bytes between two: "), chr("
)

// codes looks at characters that are written as numbers, one of which is the
// group of digits text[from:to]: decimal ("52, 49"), hexadecimal ("0x34, 0x31") or
// eight bits ("00110100 00110001").
func (c *scan) codes(from, to int) {
	text := c.text
	if from < c.codesDone || c.depth >= maxDepth || c.room <= 0 || c.effort <= 0 || to >= len(text) {
		return
	}
	for from > 0 && isDigit(text[from-1]) {
		from--
	}
	base := 10
	switch n := to - from; {
	case n == 8:
		base = 2
	case from > 1 && text[from-1] == 'x' && text[from-2] == '0' && n <= 2 || from > 0 && text[from-1] == '0':
		base = 16
	case n > 3:
		return
	}
	if base == 16 {
		to = from
		for to < len(text) && unhex[text[to]] < 16 {
			to++
		}
	}
	if _, _, ok := codeAt(text, from, base); !ok {
		return
	}
	next := to
	for next < len(text) && next-to < maxGap && !isDigit(text[next]) {
		next++
	}
	gap := text[to:next]
	if base == 16 {
		if k := bytes.Index(text[to:min(len(text), to+maxGap)], []byte("0x")); k >= 0 {
			gap = text[to : to+k+2]
		}
	}
	if len(gap) == 0 || gap[0] == '.' || gap[0] == ':' || gap[0] == '/' {
		return
	}
	for base == 16 && from-len(gap)-2 >= max(c.codesDone, 2) && bytes.Equal(text[from-len(gap):from], gap) && unhex[text[from-len(gap)-1]] < 16 && unhex[text[from-len(gap)-2]] < 16 {
		at := from - len(gap) - 2 // those that have letters are no groups of digits
		if _, _, ok := codeAt(text, at, base); !ok {
			break
		}
		from, to = at, at+2
		c.seen++
	}
	end, n := to, 1 // how far they go is found out before anything is copied
	for n < maxCodes && bytes.HasPrefix(text[end:], gap) {
		_, k, ok := codeAt(text, end+len(gap), base)
		if !ok {
			break
		}
		end += len(gap) + k
		n++
	}
	c.codesDone = end
	c.seen += (end - from) / 4
	if (n >= moreOf || n >= minCodes && c.codesSeen <= manyApart) && !c.copied(from, end) {
		c.decodeCodes(from, end, base, gap)
	}
}

// decodeCodes looks at the codes text[from:end] as the characters that they stand
// for.
func (c *scan) decodeCodes(from, end, base int, gap []byte) {
	text := c.text
	opens := from - opening(text[:from], gap)
	b := &c.coded
	before, behind := around/2, afterWithin
	if c.codesSeen++; c.codesSeen > manyApart {
		before, behind = batchBefore, batchBehind
	}
	if !c.open(b, opens, before, behind) {
		return
	}
	for at := from; at < end; at += len(gap) {
		x, n, _ := codeAt(text, at, base)
		b.m.add(len(b.w.out), opens, 0, wayCodes)
		b.w.out = append(b.w.out, x)
		at += n
		opens = at + len(gap)
	}
	c.shut(b, end)
}

// opening returns how much of the end of before belongs to the first code, as it
// ends like what stands between two: "0x", "chr(".
func opening(before, gap []byte) (n int) {
	for n < len(gap) && n < len(before) && before[len(before)-1-n] == gap[len(gap)-1-n] {
		n++
	}
	for n > 0 && !isAlnum(before[len(before)-n]) {
		n--
	}
	return n
}

// codeAt reads the code of a printable character at i, and how long it is.
func codeAt(text []byte, i, base int) (b byte, n int, ok bool) {
	v := 0
	most := 3
	switch base {
	case 2:
		most = 8
	case 16:
		most = 2
	}
	for n < most && i+n < len(text) && int(unhex[text[i+n]]) < base {
		v = v*base + int(unhex[text[i+n]])
		n++
	}
	ends := i+n >= len(text) || !isAlnum(text[i+n])
	printable := ' ' <= v && v < 0x7f || v == '\n' || v == '\t' || v == '\r'
	return byte(v), n, n > 0 && ends && printable && (base != 2 || n == 8)
}
