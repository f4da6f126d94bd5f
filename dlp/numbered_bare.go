package dlp

// wordless is a stretch of a text that has no letters.
type wordless struct{ from, to int }

// covers reports whether text[lo:hi] has no letters. Places are asked for in their order,
// so that no byte is looked at twice.
func (b *wordless) covers(text []byte, lo, hi int) bool {
	lo, hi = max(lo, 0), min(hi, len(text))
	if lo < b.from {
		return false // behind the latest letter
	}
	if lo > b.to {
		b.from, b.to = lo, lo
	}
	for k := b.to; k < hi; k++ {
		if kinds[text[k]] != otherByte {
			b.from, b.to = k+1, k+1
			return false
		}
	}
	b.to = max(b.to, hi)
	return true
}

const (
	bareBefore = numberedBefore + mostNumbered + 10 // bytes before a group of digits that say what its number is,
	bareBehind = numberedAfter + longestTold + 16   // and behind it
)

// isBare reports whether no word near the digits at text[from:to] can say what number
// they are of, nor their first digit that it is dialled. Tables hold many of these.
func (c *scan) isBare(from, to int) bool {
	if !c.wordless.covers(c.text, from-bareBefore, to+bareBehind) || isTrunk(c.text[from]) {
		return false
	}
	for k := from - 2; k >= max(0, from-3); k-- { // "8 916", "8 (916"
		if isTrunk(c.text[k]) && (k == 0 || !isDigit(c.text[k-1])) {
			return false
		}
	}
	return true
}

// isTrunk reports whether numbers that are dialled inside a country may start with d.
func isTrunk(d byte) bool { return d == '0' || d == '8' }
