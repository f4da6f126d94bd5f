package dlp

// tokenIndex lists the detectors of long words that start with no keyword, such
// as wallet addresses. They are tried at each word of a good length with a group
// of digits in it.
type tokenIndex struct {
	detectors []*detector
}

const (
	leastToken = 26
	mostToken  = 128
)

// dottedRun tries what may start with the run of base64 text[i:j], which a dot
// ends.
func (c *scan) dottedRun(i, j int) {
	if j-i > mostToken || c.insideWord(i) || c.spent(i) {
		return
	}
	for _, d := range c.s.dotted {
		end, work := d.auto.match(c.text, i)
		c.work += work + workTry
		if end > j {
			c.judge(d, i, end, false)
		}
	}
}

// token tries the word around the group of digits text[from:to], once.
func (c *scan) token(from, to int) {
	if from < c.tokenDone || len(c.s.tokens.detectors) == 0 {
		return
	}
	for from > c.tokenDone && to-from <= mostToken && isWord[c.text[from-1]] {
		from--
	}
	if from > 0 && from == c.tokenDone && isWord[c.text[from-1]] { // of a word that is too long
		c.tokenDone = to
		return
	}
	for to < len(c.text) && to-from <= mostToken && isWord[c.text[to]] {
		to++
	}
	c.tokenDone = to
	if n := to - from; n < leastToken || n > mostToken {
		c.work++
		return
	}
	for _, d := range c.s.tokens.detectors {
		end, work := d.auto.match(c.text, from)
		c.work += work + workTry
		if end == to {
			c.judge(d, from, end, false)
		}
	}
}
