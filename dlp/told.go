package dlp

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// What a sentence tells to be a secret: a password, a PIN, the code of a door. Nobody
// writes such a sentence in a fixed order, so that no pattern reads it; what shows the
// secret is how it looks, which words of told.txt the sentence has, and which of them
// stand right beside it.

const (
	leastTold = 8   // bytes of a sentence
	toldBack  = 240 // bytes of a sentence before its keyword that are read,
	toldAhead = 280 // and behind it

	toldTokens = 96 // words of a sentence that are read
	toldWork   = 24 // what a word costs beside its bytes

	toldFree    = 64 << 10 // work that a text may cause here, which is none of that of the patterns,
	toldPerByte = 12       // and for each byte of it
)

// told reads the sentence around the keyword text[i:j] of t, and the next if this one
// speaks of a secret. Each is read once, however many keywords it has.
func (c *scan) told(t *try, i, j int) {
	if i < c.toldTo || c.toldSpent > toldFree+toldPerByte*i && c.skip(i, i+1) {
		return
	}
	from := max(toldStart(c.text, i), c.toldTo)
	earlier, known := toldKind(0), false // of the sentence before
	for range 3 {
		to := toldEnd(c.text, max(from, j))
		c.toldTo = to
		c.toldSpent += to - from
		if to-from < leastTold {
			return
		}
		s := toldSentence{text: c.text, end: from, earlier: earlier, asked: known}
		if !s.worthwhile(from, to) {
			return
		}
		s.read(from, to)
		c.toldSpent += toldWork * s.n
		for k := range s.n {
			if from, to, ok := s.secret(k); ok {
				c.tell(t.d, from, to)
			}
		}
		c.toldSpent += s.cost
		if s.have&(tellPassword|tellPin|tellCode|tellQuestion) == 0 {
			return
		}
		earlier, known, from, j = s.have, true, to, to
	}
}

// around returns the kinds of the words of the sentence before, which is read when the
// first token asks for it.
func (s *toldSentence) around() toldKind {
	if s.asked {
		return s.earlier
	}
	s.asked = true
	i := s.end
	if i < 2 || s.text[i-1] == '\n' && s.text[i-2] == '\n' {
		return 0
	}
	from := max(toldStart(s.text, i-1), i-toldBack)
	other := toldSentence{text: s.text}
	other.read(from, i)
	s.earlier, s.cost = other.have, toldWork*other.n+i-from
	return s.earlier
}

// tell notes the value text[from:to] if d takes it for one.
func (c *scan) tell(d *detector, from, to int) {
	c.toldSpent += workTry + to - from
	if d.auto.whole(c.text[from:to]) && d.accepts(c.text[from:to]) {
		c.weigh(d, from, to, false)
	}
}

// worthwhile reports whether there may be a secret in text[from:to]: one has digits, or
// there is a word for passwords.
func (s *toldSentence) worthwhile(from, to int) bool {
	marks := 0
	text := s.text[from:to]
	for i, x := range text {
		switch x {
		case '{', '}', '<', '>', '=', '$', '\\', '&', '_':
			marks++
		case '"':
			if i+1 < len(text) && (text[i+1] == ':' || text[i+1] == ',') {
				marks++
			}
		case '/':
			if i+2 < len(text) && (text[i+1] == '/' || text[i+1] == '*') && space[text[i+2]] && len(bytes.TrimSpace(text[:i])) == 0 {
				marks += 2 // a comment
			}
		case ';', ')', ']':
			if i+1 < len(text) && !space[text[i+1]] && text[i+1] != '.' && text[i+1] != ',' && text[i+1] != ')' {
				marks++
			}
		case '(', '[', '*', '|':
			if i > 0 && isWord[text[i-1]] || i+1 < len(text) && (text[i+1] == ')' || text[i+1] == ']') || x == '|' {
				marks++
			}
		}
		s.digits = s.digits || isDigit(x)
	}
	if s.marks = marks; marks == 0 {
		return true
	}
	for i := from; i < to && space[s.text[i]]; i++ {
		if s.text[i] == '\t' { // an indented line of code
			return marks < 1
		}
	}
	return marks <= 2 || marks*24 < to-from // else it is code
}

// toldStart returns where the sentence of i starts, or what is read of it.
func toldStart(text []byte, i int) int {
	for k := i; k > 0; k-- {
		if k <= i-toldBack {
			for k < i && !space[text[k]] && text[k] < 0xc0 {
				k++ // no part of a word
			}
			return k
		}
		if toldStop(text, k-1) {
			return k
		}
	}
	return 0
}

// toldEnd returns where the sentence of i ends, or what is read of it.
func toldEnd(text []byte, i int) int {
	most := min(len(text), i+toldAhead)
	for k := i; k < most; k++ {
		if toldStop(text, k) {
			return k + 1
		}
	}
	for k := most; k < len(text) && k > i && !space[text[k-1]] && most-k < 64; k-- {
		if space[text[k-1]] || text[k-1] >= 0x80 && text[k] >= 0xc0 {
			return k
		}
	}
	return most
}

// toldStop reports whether the sentence ends with text[i]: at the end of its line,
// or at a full stop or the like with a capital behind it.
func toldStop(text []byte, i int) bool {
	switch text[i] {
	case '\n':
		return true
	case '.', '?', '!':
		k := skip(text, i+1, 3, &blank)
		if k == i+1 || k == len(text) {
			return false
		}
		if r, _ := utf8.DecodeRune(text[k:]); unicode.IsLower(r) || isDigit(text[k]) {
			return false
		}
		return text[i] != '.' || !shortened(text, i)
	case 0x82: // 。
		return i > 1 && text[i-1] == 0x80 && text[i-2] == 0xe3
	}
	return false
}

// shortened reports whether the full stop at i is that of an abbreviation: "Dr.", "Nr.".
func shortened(text []byte, i int) bool {
	from := i
	for from > 0 && i-from < 4 && labelByte[text[from-1]] {
		from--
	}
	return i-from < 4 && (i-from < 2 || isUpper(text[from]) && !isDigit(text[i-1]))
}
