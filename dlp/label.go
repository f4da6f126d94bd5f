package dlp

// A label stands near its value: "BIC: X", `"bic": "X"`, "the BIC of the bank is
// X", "Is X a valid BIC?", a column of that name.

const (
	labelWords = 5  // words between a label and its value
	labelGap   = 12 // bytes between two words
	labelBack  = 40 // bytes that a value may stand in front of its label
)

// labelPlaces are the words around a label: many detectors ask for the same one.
type labelPlaces struct {
	from, to int // the label
	next     [labelWords]int
	before   [labelWords]int // the nearest first
	n, back  int             // how many there are
}

// label tries t at the words behind the label text[i:j], then at those before
// it.
func (c *scan) label(t *try, i, j int) {
	l := &c.labels
	if l.from != i || l.to != j {
		c.placesAround(l, i, j)
	}
	c.work += l.n + l.back
	for _, at := range l.next[:l.n] {
		if !t.next.has(c.text[at]) {
			continue
		}
		if at-j > t.d.within {
			break
		}
		if c.labelled(t.d, at, len(c.text)) {
			return
		}
	}
	for _, at := range l.before[:l.back] {
		if t.next.has(c.text[at]) && c.labelled(t.d, at, i) {
			return
		}
	}
}

// placesAround looks for the words around the label text[i:j]; there are none where it
// is a part of a word.
func (c *scan) placesAround(l *labelPlaces, i, j int) {
	*l = labelPlaces{from: i, to: j}
	if i > 0 && isAlpha(c.text[i-1]) && !(isLower(c.text[i-1]) && isUpper(c.text[i])) {
		return
	}
	if j < len(c.text) && isAlpha(c.text[j]) && j-i <= 5 && isLower(c.text[j]) == isLower(c.text[j-1]) {
		return
	}
	for p := c.pastLabel(j); l.n < labelWords; l.n++ {
		if p = skipTo(c.text, p, labelGap); p < 0 || p-j > maxWithin {
			break
		}
		l.next[l.n] = p
		p = c.pastWord(p, j+maxWithin+1)
	}
	p := i
	for range labelWords {
		for p > 0 && i-p < labelBack && !labelByte[c.text[p-1]] {
			p--
		}
		for p > 0 && i-p < labelBack && labelByte[c.text[p-1]] {
			p--
		}
		if p < i && (p == 0 || !isWord[c.text[p-1]]) {
			l.before[l.back] = p
			l.back++
		}
		if p == 0 || i-p >= labelBack {
			return
		}
	}
}

// labelled tries d at i for a value that ends by limit. Words between two labels are
// near both: what is no value for one is none for the other.
func (c *scan) labelled(d *detector, i, limit int) bool {
	refused := c.refused(d, i)
	if refused != nil && *refused == refusalOf(d, i) {
		c.work++
		return false
	}
	end, work := d.auto.match(c.text, i)
	c.work += work + workTry
	if end < 0 || headOfNumber(c.text, end) {
		refused.note(d, i)
		return false
	}
	if end > limit || c.outdone(d, i, end) {
		return false
	}
	from, to, ok := c.recall(d, i, end)
	if !ok {
		refused.note(d, i)
		return false
	}
	return c.weigh(d, from, to, separators(c.text[i:end]))
}

// headOfNumber reports whether the digits before j go on behind a dash or a dot:
// the date in "02.05.31-587.46" is none.
func headOfNumber(text []byte, j int) bool {
	return j+1 < len(text) && isDigit(text[j-1]) && (text[j] == '-' || text[j] == '.') && isDigit(text[j+1])
}

// pastLabel returns the end of the word that the label, which ends at j, starts.
// Scripts without blanks put the value right behind it: what is written in
// letters of ASCII is another word.
func (c *scan) pastLabel(j int) int {
	if c.text[j-1] < 0x80 {
		return c.pastWord(j, j+maxWithin+1)
	}
	for end := min(len(c.text), j+maxWithin+1); j < end && c.text[j] >= 0x80; j++ {
		c.work++
	}
	return j
}

// pastWord returns the end of the word at i, or limit.
func (c *scan) pastWord(i, limit int) int {
	from := i
	limit = min(limit, len(c.text))
	for i < limit && labelByte[c.text[i]] {
		i++
	}
	c.work += i - from + 1
	return i
}

// skipTo returns the start of the next word within most bytes, or -1.
func skipTo(text []byte, i, most int) int {
	for end := min(len(text), i+most); i < end; i++ {
		if labelByte[text[i]] {
			return i
		}
	}
	return -1
}

// labelByte tells the bytes of words, of any script.
var labelByte = func() (t [256]bool) {
	for c := range t {
		t[c] = isWord[c] || c >= 0x80
	}
	return t
}()

// named tries what a name in front of the text says about it: the text of a
// part whose name is "password" is assigned to it.
func (c *scan) named() {
	name := []byte(c.near.name)
	for _, a := range c.s.assigned {
		if len(c.text) > 0 && containsFold(name, a.keyword) {
			end, work := a.d.auto.match(c.text, 0)
			c.work += work + workTry
			if end == len(c.text) {
				c.judge(a.d, 0, end, false)
			}
		}
	}
}
