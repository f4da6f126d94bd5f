package dlp

import "bytes"

const (
	minPairs = 8       // bytes in hexadecimal digits that may be a value
	maxPairs = 8 << 10 // and the most that are looked at

	maxColumn = 40 // bytes of a dump's column of characters, with what is around it
	maxOffset = 8  // digits of a dump's offset
)

// hexPairs looks at hexadecimal digits in pairs ("6b 65 79", "6b:65:79") or fours, in
// rows of a dump too ("00000010: 6b65 7920  key "), that the digits at
// text[from] are of. It returns whether they are text, and no numbers.
func (c *scan) hexPairs(from int) bool {
	text := c.text
	if from < c.pairsDone || c.depth >= maxDepth {
		return false
	}
	from, n := hexGroup(text, from)
	if n != 2 && n != 4 || from+n+1+n > len(text) {
		return false
	}
	gap := text[from+n]
	if gap != ' ' && (n == 4 || gap != ':' && gap != '-') || !isGroup(text, from+n+1, n) {
		return false
	}
	for from > c.pairsDone+n && isPairGap(text[from-1], gap) && isGroup(text, from-n-1, n) && (from == n+1 || !isAlnum(text[from-n-2])) {
		from -= n + 1
	}
	if from > 0 && isAlnum(text[from-1]) {
		return false
	}
	var buf [2 * minPairs]byte
	if few, at := appendRows(buf[:0], text, from, n, gap, minPairs); len(few) < minPairs {
		c.pairsDone = at
		c.work += (at - from) / 4
		return false
	}
	w := c.workspace()
	defer c.release(w)
	var at int
	w.in, at = appendRows(w.in[:0], text, from, n, gap, maxPairs)
	out := w.in
	c.pairsDone = at
	c.work += (at - from) / 4
	if c.copied(from, at) || !isText(out) && container(out) == 0 && !isWide(out) || c.spent(from) {
		return false
	}
	offset := offsetBefore(text, from)
	if n == 4 && offset == 7 { // hexdump prints words, of which the lower byte is the first
		for k := 0; k+1 < len(out); k += 2 {
			out[k], out[k+1] = out[k+1], out[k]
		}
	}
	to := at
	if offset > 0 { // with the characters beside the last row
		if end := bytes.IndexByte(text[at:min(len(text), at+maxColumn)], '\n'); end >= 0 {
			to = at + end
		} else if len(text)-at < maxColumn {
			to = len(text)
		}
	}
	m := wholly(from, to)
	c.decoded(out, &m, ways(wayHex))
	return bytes.ContainsAny(text[from:at], "abcdefABCDEF")
}

// mayPair tells most digits that are no pair or four of a row by what stands behind
// them, at i.
func mayPair(text []byte, i int) bool {
	if i+2 >= len(text) {
		return false
	}
	switch text[i] {
	case ' ', ':', '-':
		return unhex[text[i+1]] < 16 && unhex[text[i+2]] < 16
	}
	return unhex[text[i]] < 16
}

// appendRows appends the bytes whose digits stand in groups of n from text[at] on, up to
// about so many, and returns where they end.
func appendRows(out, text []byte, at, n int, gap byte, most int) ([]byte, int) {
	for more := isGroup(text, at, n); more && len(out) < most; {
		for k := 0; k < n; k += 2 {
			out = append(out, unhex[text[at+k]]<<4|unhex[text[at+k+1]])
		}
		at += n
		next := at
		if next < len(text) && isPairGap(text[next], gap) {
			if next++; n == 2 && next < len(text) && text[next] == ' ' { // in the middle of a row
				next++
			}
		}
		if more = next > at && isGroup(text, next, n); !more {
			if next = nextRow(text, at, n); next == 0 {
				break
			}
			more = isGroup(text, next, n)
		}
		at = next
	}
	if odd := at + 1; n == 4 && isGroup(text, odd, 2) {
		return append(out, unhex[text[odd]]<<4|unhex[text[odd+1]]), odd + 2
	}
	return out, at
}

// nextRow returns where the digits of the row of a dump begin that follows the one
// whose digits end at text[i], 0 if there is none.
func nextRow(text []byte, i, n int) int {
	end := bytes.IndexByte(text[i:min(len(text), i+maxColumn)], '\n')
	if end < 0 {
		return 0
	}
	k := i + end + 1
	digits := 0
	for k < len(text) && digits <= maxOffset && unhex[text[k]] < 16 {
		k++
		digits++
	}
	if digits < 4 || digits > maxOffset {
		return 0
	}
	if k < len(text) && text[k] == ':' {
		k++
	}
	blanks := k
	for k < len(text) && k < blanks+4 && text[k] == ' ' {
		k++
	}
	if k == blanks || !isGroup(text, k, n) && !isGroup(text, k, 2) {
		return 0
	}
	return k
}

// offsetBefore returns how many digits the offset of a dump has before the row that
// begins at text[i], 0 if there is none.
func offsetBefore(text []byte, i int) (digits int) {
	k := i
	for k > 0 && k > i-4 && text[k-1] == ' ' {
		k--
	}
	if k > 0 && text[k-1] == ':' {
		k--
	}
	for k > 0 && digits <= maxOffset && unhex[text[k-1]] < 16 {
		k--
		digits++
	}
	if digits < 4 || digits > maxOffset || k > 0 && !space[text[k-1]] {
		return 0
	}
	return digits
}

// hexGroup returns where the group of up to four hexadecimal digits around i begins,
// and how many it has; 5 are too many.
func hexGroup(text []byte, i int) (from, n int) {
	from = i
	for from > 0 && from > i-4 && unhex[text[from-1]] < 16 {
		from--
	}
	for n < 5 && from+n < len(text) && unhex[text[from+n]] < 16 {
		n++
	}
	return from, n
}

// isGroup reports whether n hexadecimal digits, and no more, stand at i.
func isGroup(text []byte, i, n int) bool {
	if i < 0 || i+n > len(text) {
		return false
	}
	for _, x := range text[i : i+n] {
		if unhex[x] > 15 {
			return false
		}
	}
	return i+n == len(text) || !isAlnum(text[i+n])
}

// isPairGap reports whether b parts pairs: what parts the others, or the end of
// a line.
func isPairGap(b, gap byte) bool { return b == gap || b == '\n' && gap == ' ' }
