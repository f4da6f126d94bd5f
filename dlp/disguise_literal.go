package dlp

// Programs write numbers with marks between groups of digits, and with a type behind
// them: 4_539_148_803_436_467, 4539'1488'0343'6467, 4539148803436467L.

const leastLiteral = 12 // digits of a literal that may be more than an amount

// literalTypes are the types behind numbers in programs, in lower case.
var literalTypes = map[string]bool{
	"l": true, "ll": true, "u": true, "ul": true, "ull": true, "lu": true, "n": true, "m": true,
	"i64": true, "u64": true, "i128": true, "u128": true, "_i64": true, "_u64": true, "_i128": true, "_u128": true,
}

const longestType = 5

// literalMark tells the bytes behind the first group of digits of a literal: a mark,
// or a type.
var literalMark = table("_'LlUuNnMmIi")

// literal looks at the literal that the group of digits text[from:to] begins, as the
// number that it stands for. It returns whether there is one.
func (c *scan) literal(from, to int) bool {
	text := c.text
	for from > 0 && isDigit(text[from-1]) {
		from--
	}
	if from > 1 && (text[from-1] == '_' || text[from-1] == '\'') && isDigit(text[from-2]) {
		from -= 2 // a group of one digit is not looked for
	}
	if from > 0 && (isWord[text[from-1]] || text[from-1] == '\'' && from > 1 && isWord[text[from-2]]) || c.together || c.depth >= maxDepth || c.room <= 0 || c.effort <= 0 {
		return false
	}
	w := c.workspace()
	defer c.release(w)
	w.in = w.in[:0]
	mark, groups, size, end := byte(0), 0, 0, from
	for ; end < len(text) && len(w.in) <= maxDigits; end++ {
		if x := text[end]; isDigit(x) {
			w.in = append(w.in, x)
			size++
			continue
		} else if x != '_' && x != '\'' || mark != 0 && x != mark || end+1 == len(text) || !isDigit(text[end+1]) {
			break
		}
		if groups > 0 && size != 3 && size != 4 {
			return false
		}
		mark, size = text[end], 0
		groups++
	}
	c.seen += end - from
	last := end
	if end = typeEnd(text, end); end == last && mark == 0 || groups > 0 && size != 3 && size != 4 {
		return false
	}
	if len(w.in) < leastLiteral || len(w.in) > maxDigits || end < len(text) && isWord[text[end]] || c.copied(from, end) {
		return false
	}
	w.inner = append(w.inner[:0], place{orig: uint32(from), way: waySeparator})
	c.apart(w, from, end)
	return true
}

// typeEnd returns the end of the type of a literal at i, or i.
func typeEnd(text []byte, i int) int {
	var buf [longestType + 1]byte
	name := buf[:0]
	for _, x := range text[i:min(len(text), i+len(buf))] {
		if !isWord[x] {
			break
		}
		name = append(name, fold(x))
	}
	if literalTypes[string(name)] {
		return i + len(name)
	}
	return i
}
