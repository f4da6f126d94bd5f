package dlp

const (
	minPairs = 8       // pairs of hexadecimal digits that may be a value
	maxPairs = 8 << 10 // and the most that are looked at
)

// hexPairs looks at hexadecimal digits in pairs ("6b 65 79", "6b:65:79") that
// the group of digits text[from:to] is one of. It returns whether they are text.
func (c *scan) hexPairs(from, to int) bool {
	text := c.text
	if to-from != 2 || from < c.pairsDone || c.depth >= maxDepth || to+3 > len(text) {
		return false
	}
	gap := text[to]
	if gap != ' ' && gap != ':' && gap != '-' || !isPair(text, to+1) {
		return false
	}
	for from >= c.pairsDone+3 && isPairGap(text[from-1], gap) && isPair(text, from-3) {
		from -= 3
	}
	if from > 0 && isAlnum(text[from-1]) {
		return false
	}
	w := c.workspace()
	defer c.release(w)
	out, at := w.in[:0], from
	for len(out) < maxPairs && isPair(text, at) {
		out = append(out, unhex[text[at]]<<4|unhex[text[at+1]])
		if at += 2; at+2 >= len(text) || !isPairGap(text[at], gap) || !isPair(text, at+1) {
			break
		}
		at++
	}
	w.in, c.pairsDone = out, at
	c.work += (at - from) / 4
	if len(out) < minPairs || c.copied(from, at) || !isText(out) && container(out) == 0 && !isWide(out) || c.spent(from) {
		return false
	}
	m := wholly(from, at)
	c.decoded(out, &m, ways(wayHex))
	return true
}

// isPair reports whether two hexadecimal digits stand at i.
func isPair(text []byte, i int) bool {
	return i+2 <= len(text) && unhex[text[i]] < 16 && unhex[text[i+1]] < 16 && (i+2 == len(text) || !isAlnum(text[i+2]))
}

// isPairGap reports whether b parts pairs: what parts the others, or the end of
// a line.
func isPairGap(b, gap byte) bool { return b == gap || b == '\n' && gap == ' ' }
