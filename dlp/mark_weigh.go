package dlp

import "bytes"

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
