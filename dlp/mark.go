package dlp

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// checkMark asks of what stands around a word of marks that it is one: a mark is known
// by the kinds of its words and by how it is set off, as there are too many to list.
const checkMark = "mark"

// How far a mark goes from the word that gives it away, in bytes, and how many words and
// bytes it has.
const (
	markBefore = 120
	markAfter  = 280
	markWords  = 48
	markBytes  = 480
)

// markWord is a word, or several that are one entry of the vocabulary.
type markWord struct {
	from, to int // in the text
	kind     markKinds
	loud     bool // in capitals
	capital  bool // starts with one, or with a digit, or is of a script without capitals
	digit    bool
	caseless bool
	gap      byte // what parts it from the word before: ' ', ',', '.', '(' , ')' or '-' for all else
}

// markPiece is the part of a text around a word of marks.
type markPiece struct {
	text   []byte
	lo, hi int // its bounds: of the line, or of what is set off
	words  [markWords]markWord
	n      int
}

// markAt returns where the mark lies that the word at i gives away.
func markAt(text []byte, i int, work *int) (from, to int, ok bool) {
	if !markMayStart(text, i) {
		return 0, 0, false
	}
	var p markPiece
	p.text = text
	p.bound(i)
	*work += p.hi - p.lo
	p.read()
	k := p.wordAt(i)
	if k < 0 {
		return 0, 0, false
	}
	switch p.words[k].kind {
	case markLabel:
		return p.labelled(k)
	case markEmbargo:
		if from, to, ok = p.embargo(k); ok {
			return from, to, true
		}
		return p.banner(k)
	case markLevel, markHandle, markWeak:
		if to := p.words[k].to; to < len(text) && text[to] == '_' {
			return 0, 0, false
		}
		if from, to, ok = p.banner(k); !ok {
			from, to, ok = p.notice(k)
		}
		return from, to, ok
	}
	return 0, 0, false
}

// markMayStart reports whether a word starts at i.
func markMayStart(text []byte, i int) bool {
	if i == 0 {
		return true
	}
	if text[i-1] == 'n' && i > 1 && text[i-2] == '\\' {
		return true
	}
	if anywhere(text[i:min(len(text), i+utf8.UTFMax)]) {
		return true
	}
	r, _ := utf8.DecodeLastRune(text[:i])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' || text[i] == ' '
}

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
	kind, _ := wordsOfMarks().at(appendLower(buf[:0], bytes.TrimLeft(rest, " ")))
	if kind == 0 && rest[0] == ' ' {
		if w := rest[1+wordEnd(rest[1:]):]; len(w) > 1 { // "Bitte nicht weiterleiten"
			kind, _ = wordsOfMarks().at(appendLower(buf[:0], w[1:]))
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
		kind, size := v.at(lowered[k:n])
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

// evidence is what the words of a mark say together.
type evidence struct {
	has            markKinds
	loud           markKinds // of those in capitals
	heads          bool      // it is a comment, or a colon follows
	initial        bool      // it is short and starts with a capital
	apart          bool      // what gave it away ends in a dash, a colon or the like
	known, unknown int
	prose, levels  int
	listed         int // levels side by side: a list of them is no mark
}

func (p *markPiece) weigh(j, r int) (e evidence) {
	strange := 0
	for k := j; k <= r; k++ {
		w := &p.words[k]
		if w.kind == markProse && w.loud && w.to-w.from > 1 && w.to-w.from < 5 {
			continue // "IS", "AS": too short to tell the language
		}
		e.has |= w.kind
		if w.loud {
			e.loud |= w.kind
		}
		switch {
		case w.kind == markProse:
			e.prose++
		case w.kind == 0 && w.to-w.from <= 4 && anywhere(p.text[w.from:w.to]):
			strange++
		case w.kind == markJoint, w.digit && w.kind == 0, w.kind == 0 && w.to-w.from == 1:
		case w.kind == 0:
			e.unknown++
		case w.kind != 0:
			e.known++
		}
		if w.kind&(markLevel|markWeak|markPublic) != 0 {
			e.levels++
			if k > j && w.gap == ',' && p.words[k-1].kind&(markLevel|markWeak|markPublic) != 0 {
				e.listed++
			}
		}
	}
	e.unknown += strange / 3
	if e.has&markAct != 0 && e.has&markBar != 0 {
		e.has |= markHandle
	}
	return e
}

// several is how many kinds of words there are that say who may read something.
func (e *evidence) several() (n int) {
	for _, k := range []markKinds{markLevel | markWeak, markStrict, markHandle, markOnly, markLabel} {
		if e.has&k != 0 {
			n++
		}
	}
	return n
}

// banner returns the mark around word k, if it is one that stands by itself.
func (p *markPiece) banner(k int) (from, to int, ok bool) {
	j := p.first(k)
	opens := j == 0
	whole := opens && p.opensLine() && p.endsLine()
	r := p.last(k, whole)
	closes := r == p.n-1
	a := &p.words[k]
	if p.question() && (closes || !a.loud || !opens) {
		return 0, 0, false
	}
	if !a.loud && !opens && !p.words[j].capital {
		return p.phrase(k)
	}
	if a.kind == markWeak && !a.loud && !a.caseless {
		return 0, 0, false
	}
	e := p.weigh(j, r)
	for m := r + 1; m < p.n && a.caseless && p.n < markWords && e.prose == 0; m++ { // words run on, or the sentence has no capitals
		if p.words[m].kind == markProse && (anywhere(p.text[a.from:]) || m < r+8) {
			e.prose++
		}
		if p.words[m].gap != ' ' || p.text[p.words[m].from-1] == ' ' && anywhere(p.text[a.from:]) {
			break
		}
	}
	e.heads = p.hi < len(p.text) && p.text[p.hi-1] == ':' || bytes.ContainsAny(lineBefore(p.text, p.words[j].from), "/#")
	e.initial = p.words[j].capital && r-j < 7
	e.apart = k < r && (p.words[k+1].gap == '-' || p.words[k+1].gap == '(') || whole && k > j && a.gap == '-'
	if e.listed > 0 && p.lo > 1 && bytes.HasSuffix(bytes.TrimRight(p.text[:p.lo], " "), []byte(",")) {
		return 0, 0, false
	}
	if !e.marks(a, p.words[j].capital && p.words[j].kind&^(markJoint|markProse) != 0, opens, closes, whole, opens && p.lo > 1 && p.text[p.lo-1] == ':' && p.endsLine()) {
		return p.phrase(k)
	}
	return p.words[j].from, p.words[r].to, true
}

// marks reports whether words are a mark by the word a of which they stand together.
func (e *evidence) marks(a *markWord, capital, opens, closes, whole, lead bool) bool {
	several := e.several()
	if e.has&markPublic != 0 && e.has&markHandle == 0 || e.levels > 4 || e.listed > 1 {
		return false
	}
	if e.prose > 0 && (e.loud == 0 || several < 2) {
		return false
	}
	switch {
	case a.kind == markLevel && a.loud:
		return opens || several >= 2 || e.known >= 2
	case a.kind == markLevel && !capital:
		return whole && (e.unknown == 0 || e.apart && e.unknown <= 3 || e.unknown <= 1 && e.initial) || opens && several >= 2 && e.unknown <= e.known
	case a.kind == markLevel && !opens:
		return several >= 2 && e.unknown <= e.known+1 || e.known >= 3 && e.unknown <= e.known
	case a.kind == markLevel:
		return closes && e.unknown <= 1 || several >= 2 && e.unknown <= e.known+3 || e.known > 1 && e.unknown <= e.known || whole && e.unknown <= 4
	case a.kind == markWeak && a.caseless:
		return (opens || closes) && several >= 2 && e.unknown <= e.known+3 || whole && e.unknown == 0
	case a.kind == markWeak:
		return opens && closes && e.unknown == 0 && e.known <= 3 && (whole && !e.heads || lead) || opens && e.apart || e.has&(markHandle|markOnly|markLevel|markStrict) != 0 && (opens || closes)
	case a.kind == markHandle && a.loud:
		return opens || closes || several >= 2
	case a.kind == markHandle:
		if !opens {
			return false
		}
		return several >= 2 && (e.has&(markLevel|markWeak) != 0 && e.unknown <= e.known+3 || e.unknown <= e.known) || closes && e.unknown == 0 && e.has&markNotice == 0 || whole && e.initial && e.known >= 2 && e.unknown <= 1
	case a.kind == markEmbargo:
		return opens && closes && a.loud && e.unknown == 0
	}
	return false
}

// phrase returns the mark of all the piece, if most of its words are of marks: "For the sole
// use of the audit committee of Foo; not to be disclosed to third parties".
func (p *markPiece) phrase(k int) (from, to int, ok bool) {
	if !p.words[0].capital || p.words[0].kind == markProse {
		return 0, 0, false
	}
	r := p.last(k, false)
	e := p.weigh(0, r)
	if e.prose > 0 || e.several() < 2 || e.unknown > 2*e.known || e.has&markPublic != 0 || e.listed > 1 {
		return 0, 0, false
	}
	return p.words[0].from, p.words[r].to, true
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

// labelled returns the mark that is the value of the label at word k.
func (p *markPiece) labelled(k int) (from, to int, ok bool) {
	end := p.words[k].to
	rest := p.text[end:min(len(p.text), end+24)]
	n, sep := 0, false
	if k := bytes.Index(rest, []byte(`content="`)); k >= 0 && k <= 3 {
		n, sep = k+9, true
	}
	for ; n < len(rest) && bytes.IndexByte([]byte("\"' \t:=|*_'[("), rest[n]) >= 0; n++ {
		sep = sep || rest[n] == ':' || rest[n] == '=' || rest[n] == '|'
	}
	if !sep {
		for m := k + 1; m < min(p.n, k+3) && !sep; m++ { // "Protection class 4 – strictly confidential"
			if p.words[m].gap == '-' && p.words[m].kind&(markLevel|markStrict) != 0 {
				return p.words[k].from, p.words[p.last(m, false)].to, true
			}
		}
		return 0, 0, false
	}
	v := markPiece{text: p.text}
	v.bound(end + n)
	v.lo = end + n
	v.read()
	if v.n == 0 || v.question() {
		return 0, 0, false
	}
	m := 0
	for m < v.n-1 && m < 2 && v.words[m].kind&(markStrict|markWhat) != 0 || m < v.n-1 && m < 2 && v.words[m].kind == 0 {
		m++
	}
	w := &v.words[m]
	switch {
	case w.kind&(markLevel|markHandle) != 0, w.kind&(markWeak|markOnly) != 0 && w.capital:
	default:
		return 0, 0, false
	}
	r := v.last(m, false)
	if e := v.weigh(0, r); e.prose > 0 && !w.loud || e.levels > 3 {
		return 0, 0, false
	}
	return p.words[k].from, v.words[r].to, true
}

// embargo returns the mark around the word for an embargo at k, which says until when.
func (p *markPiece) embargo(k int) (from, to int, ok bool) {
	for m := range k {
		if p.words[m].kind&(markStrict|markUntil|markLevel) == 0 {
			return 0, 0, false
		}
	}
	until := false
	for m := k + 1; m < min(p.n, k+7); m++ {
		until = until || p.words[m].digit || p.words[m].kind == markUntil
	}
	if !until || p.question() {
		return 0, 0, false
	}
	return p.words[0].from, p.words[p.last(k, false)].to, true
}

// notice returns the notice around word k: sentences about the text that they stand in.
func (p *markPiece) notice(k int) (from, to int, ok bool) {
	e := p.weigh(0, p.n-1)
	if e.has&markNotice == 0 || e.has&(markLevel|markOnly) == 0 || p.question() {
		return 0, 0, false
	}
	from = p.words[0].from
	to = p.words[p.n-1].to
	for range 4 { // sentences that go on about it
		next := markPiece{text: p.text}
		at := p.hi + 1
		for at < len(p.text) && p.text[at] == ' ' {
			at++
		}
		if at >= len(p.text) || p.text[at-1] == '\n' {
			break
		}
		next.bound(at)
		next.lo = at
		next.read()
		if next.n == 0 || next.weigh(0, next.n-1).has&(markNotice|markHandle) == 0 {
			break
		}
		p, to = &next, next.words[next.n-1].to
	}
	return from, to, true
}
