package dlp

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// bound finds the bounds of what is set off around i: by the ends of the line, quotes,
// brackets or the end of a sentence, behind which no mark goes on.
func (p *markPiece) bound(i int) {
	text := p.text
	lo := i
	for lo > 0 && i-lo < markBefore && (!endsMark(text, lo) || p.goesOn(lo)) {
		lo--
	}
	for lo < i && !utf8.RuneStart(text[lo]) {
		lo++
	}
	hi, depth := i, 0
	for hi < len(text) && hi-i < markAfter {
		c := text[hi]
		if c == '\n' || c == '\t' || c == '"' || c == '<' || c == '>' || c == '|' && !p.only(hi) || c == '`' || c == '{' || c == '}' || c == ']' {
			break
		}
		if c == '\\' && hi+1 < len(text) && (text[hi+1] == 'n' || text[hi+1] == 't') {
			break
		}
		if c == '(' {
			depth++
		}
		if c == ')' {
			if depth--; depth < 0 {
				break
			}
		}
		if c >= utf8.RuneSelf && utf8.RuneStart(c) {
			if r, _ := utf8.DecodeRune(text[hi:]); bytes.ContainsRune([]byte("“”„«»」』》】。！？"), r) {
				break
			}
		}
		if (c == '.' || c == '!' || c == '?' || c == ';') && p.stops(hi) {
			break
		}
		hi++
	}
	for hi < len(text) && !utf8.RuneStart(text[hi]) {
		hi++
	}
	p.lo, p.hi = lo, hi
}

// only reports whether the bar at k is the only one in its line: one of a table is not.
func (p *markPiece) only(k int) bool {
	return k > 0 && p.text[k-1] == ' ' && bytes.IndexByte(lineBefore(p.text, k), '|') < 0 && bytes.IndexByte(lineAfter(p.text, k+1), '|') < 0
}

// goesOn reports whether a semicolon stands before k behind which a sentence goes on.
func (p *markPiece) goesOn(k int) bool {
	return p.text[k-1] == ';' && k+1 < len(p.text) && p.text[k] == ' ' && isLower(p.text[k+1])
}

// endsMark reports whether what stands before k parts it from a mark that starts there.
func endsMark(text []byte, k int) bool {
	switch text[k-1] {
	case '\t', '\'', '*', '#', ']', '}', '/':
		return text[k-1] != '/' || k > 1 && text[k-2] == '/' && (k == 2 || text[k-3] == '\n' || text[k-3] == ' ') && k < len(text) && text[k] == ' '
	case ',':
		return k < len(text) && space[text[k]]
	}
	r, _ := utf8.DecodeLastRune(text[:k])
	return endsSentence(text, k) || bytes.ContainsRune([]byte("，、,،」』》】【《」”»"), r) && r != ','
}

// stops reports whether the mark of a sentence's end at k ends what is set off: it does
// not within a number or where orders go on behind it.
func (p *markPiece) stops(k int) bool {
	rest := p.text[k+1 : min(len(p.text), k+1+64)]
	if len(rest) > 0 && !space[rest[0]] && rest[0] != '"' && rest[0] != '\\' {
		return false
	}
	if p.text[k] == ';' && len(rest) > 1 && isLower(rest[1]) {
		return false
	}
	if p.text[k] == '.' && shortBefore(p.text, k) {
		return len(rest) < 2
	}
	if p.text[k] == '?' || len(rest) < 3 {
		return true
	}
	var buf [64]byte
	kind, _ := wordsOfMarks().kindAt(appendLower(buf[:0], bytes.TrimLeft(rest, " ")))
	if kind == 0 && rest[0] == ' ' {
		if w := rest[1+wordEnd(rest[1:]):]; len(w) > 1 { // "Bitte nicht weiterleiten"
			kind, _ = wordsOfMarks().kindAt(appendLower(buf[:0], w[1:]))
			if kind != markHandle {
				kind = 0
			}
		}
	}
	return kind&(markHandle|markLevel|markOnly|markNotice|markUntil|markAct|markBar) == 0 && (kind != markWeak || !isUpper(rest[1]))
}

// shortBefore reports whether a number of a day or what may be short for a word ends at k.
func shortBefore(text []byte, k int) bool {
	n := 0
	for n < 4 && k-n > 0 && isWord[text[k-n-1]] {
		n++
	}
	if n < k && text[k-n-1] >= utf8.RuneSelf {
		return false
	}
	switch string(bytes.ToLower(text[k-n : k])) {
	case "art", "inc", "ltd", "abs", "sec", "par", "exp", "ref":
		return true
	}
	return n == 1 || n == 2
}

// read reads the words of the piece.
func (p *markPiece) read() {
	var lowered [markBytes]byte
	var from [markBytes]uint16 // where each byte comes from
	n, blank := 0, true
	text := p.text[p.lo:p.hi]
	for i := 0; i < len(text) && n+utf8.UTFMax < markBytes; {
		r, size := utf8.DecodeRune(text[i:])
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '㊙' {
			if r = unicode.ToLower(r); r == 'ς' {
				r = 'σ'
			}
			w := utf8.EncodeRune(lowered[n:], r)
			for k := range w {
				from[n+k] = uint16(i)
			}
			n += w
			blank = false
		} else if !blank {
			lowered[n], from[n] = ' ', uint16(i)
			n++
			blank = true
		}
		i += size
	}
	at := func(k int) int {
		if k >= n {
			return p.hi
		}
		return p.lo + int(from[k])
	}
	v := wordsOfMarks()
	end := p.lo
	for k := 0; k < n && p.n < markWords; {
		if lowered[k] == ' ' {
			k++
			continue
		}
		kind, size := v.kindAt(lowered[k:n])
		if size == 0 {
			if size = wordEnd(lowered[k:n]); anywhere(lowered[k:n]) {
				_, size = utf8.DecodeRune(lowered[k:n])
			}
		}
		w := markWord{from: at(k), to: at(k + size), kind: kind}
		w.gap = gapOf(p.text[end:w.from])
		w.look(p.text[w.from:w.to])
		end = w.to
		p.words[p.n] = w
		p.n++
		k += size
	}
}

// gapOf says what parts two words.
func gapOf(gap []byte) byte {
	gap = bytes.TrimSpace(gap)
	if len(gap) == 0 {
		return ' '
	}
	for _, c := range gap {
		switch c {
		case ',', '(', ')', '.', ';', '!':
			return c
		}
	}
	return '-'
}

// look notes how word is written.
func (w *markWord) look(word []byte) {
	upper, small, cased := 0, 0, false
	for i := 0; i < len(word); {
		r, size := utf8.DecodeRune(word[i:])
		switch {
		case unicode.IsUpper(r):
			upper++
			w.capital = w.capital || i == 0
			cased = true
		case unicode.IsLower(r):
			small++
			cased = true
		case unicode.IsDigit(r):
			w.digit = true
			w.capital = w.capital || i == 0
		}
		i += size
	}
	w.caseless = !cased && !w.digit
	w.capital = w.capital || !cased
	w.loud = upper > 0 && small == 0
}

// wordAt returns the word in which i lies; negative: none.
func (p *markPiece) wordAt(i int) int {
	for k := range p.n {
		if w := &p.words[k]; w.from <= i && i < w.to || w.from == i+1 && p.text[i] == ' ' {
			return k
		}
	}
	return -1
}

// question reports whether the piece is one.
func (p *markPiece) question() bool {
	rest := p.text[p.hi:]
	return bytes.HasPrefix(rest, []byte("?")) || bytes.HasPrefix(rest, []byte("？"))
}

// first returns the first word of the mark that word k is in: words before it belong to
// it that are of marks or start with a capital.
func (p *markPiece) first(k int) int {
	a := &p.words[k]
	j := k
	for j > 0 {
		w := &p.words[j-1]
		gap := p.words[j].gap
		if w.kind == 0 && !w.capital || w.kind == markProse && !w.loud {
			break
		}
		if w.kind == 0 && a.loud && !w.loud && !w.digit && gap == ' ' {
			break
		}
		if w.kind == 0 && gap == '.' {
			break
		}
		j--
	}
	return j
}

// last returns the last word of the mark: it goes on to the end of what is set off,
// unless a sentence follows without a mark of its start.
func (p *markPiece) last(k int, whole bool) int {
	if whole && p.n <= 16 {
		return p.n - 1
	}
	r, depth, known := k, 0, k
	for m := k + 1; m < p.n; m++ {
		if p.words[m].kind&^(markProse|markUntil|markJoint) != 0 || p.words[k].kind == markEmbargo {
			known = m
		}
	}
	for m := k + 1; m < p.n; m++ {
		w, before := &p.words[m], &p.words[m-1]
		switch w.gap {
		case '(':
			depth++
		case ')':
			depth = 0
		}
		if w.gap == ' ' && w.kind&(markProse|markJoint) != 0 && w.capital && !w.loud && isUpper(p.text[w.from]) {
			return r
		}
		if depth == 0 && w.kind&^(markProse|markJoint) == 0 && !w.digit {
			switch {
			case w.gap == ',' && !w.capital:
				return r
			case w.gap == ',' && before.loud && !w.loud:
				return r
			case w.gap == ' ' && p.words[k].loud && before.loud && !w.loud:
				return r
			case w.gap == ' ' && m > known && w.capital && (!before.capital || w.caseless):
				return r
			case w.gap == ')' && m > known:
				return r
			}
		}
		r = m
	}
	return r
}

// opensLine reports whether nothing but what sets marks off stands before the piece in
// its line, and endsLine whether nothing stands behind.
func (p *markPiece) opensLine() bool {
	return len(bytes.Trim(lineBefore(p.text, p.lo), " \t\r*_=#|\"'>/[(-【「『<!@%;:")) == 0
}

func (p *markPiece) endsLine() bool {
	return len(bytes.Trim(lineAfter(p.text, p.hi), " \t\r*_=#|\"'/]).!-】」』。！>,;")) == 0
}
