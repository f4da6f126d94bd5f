package dlp

import (
	"bytes"
	"math/bits"
	"unicode"
)

const tellNoun = tellPassword | tellPin | tellCode // what a secret is called

// tie says how a token hangs together with a word for what it is, in that order.
type tie uint8

const (
	tieNone  tie = iota
	tieLoose     // set off by commas or brackets, or the noun stands behind it
	tieClose     // right behind the noun, the verb or an opening quotation mark
	tieIs        // behind "is", "to", a colon
)

// secret returns the place of the secret that the kth token is, or starts with.
func (s *toldSentence) secret(k int) (from, to int, ok bool) {
	t := &s.tokens[k]
	switch t.shape {
	case shapeNone:
		if from, to, ok := s.slashed(k); ok {
			return from, to, ok
		}
		if from, to, ok := s.figures(k); ok {
			return from, to, ok
		}
		return t.from, t.to, s.dialled(k)
	case shapeWord:
		if from, to, ok := s.figures(k); ok {
			return from, to, ok
		}
		if from, to, ok := s.answer(k); ok {
			return from, to, ok
		}
		if s.chosen(k) {
			s.mark(k)
			return t.from, t.to, true
		}
		return s.word(k)
	case shapeNumber, shapeCode:
		ok = s.code(k)
	default:
		ok = s.password(k)
	}
	ok = ok || s.listed(k)
	if ok {
		s.mark(k)
	}
	return t.from, t.to, ok
}

func (s *toldSentence) mark(k int) {
	if k < 64 {
		s.marked |= 1 << k
	}
}

// listed reports whether the kth token is of the shape of a secret shortly before it,
// in a list.
func (s *toldSentence) listed(k int) bool {
	t := &s.tokens[k]
	for back := 1; back <= 8 && back <= k && k < 64; back++ {
		b := &s.tokens[k-back]
		if s.marked>>(k-back)&1 == 0 {
			continue
		}
		if back > 3 && (t.shape > shapeCode || t.before != 0) {
			return false
		}
		if back > 1 && b.shape == shapeCode && t.shape == shapeNumber && s.before(k, tellLock, 1) > 0 && !s.against() {
			return true
		}
		alike := b.shape == t.shape && t.shape != shapeJoined || b.shape >= shapeMixed && t.shape >= shapeMixed
		sameLength := t.shape >= shapeJoined || t.to-t.from == b.to-b.from
		if t.shape == shapeJoined && b.shape >= shapeJoined && s.digit(t) {
			alike = true
		}
		if back > 2 && alike && sameLength {
			return s.before(k, tellNoun|tellLock|tellAccount, 2) >= 0 && !s.against()
		}
		return alike && sameLength && (b.after&(markComma|markStop) != 0 || back == 2) && !s.against()
	}
	return false
}

// dialled reports whether the kth token is one of the numbers that the dial of a safe is
// turned to.
func (s *toldSentence) dialled(k int) bool {
	t := &s.tokens[k]
	if s.have&tellTurn == 0 || s.have&(tellLock|tellCode) == 0 || t.to-t.from > 2 || !s.digitsOnly(t) || k == 0 || s.marks > 0 {
		return false
	}
	b := &s.tokens[k-1]
	if b.last&(tellTurn|tellToward) == 0 && !bytes.EqualFold(s.text[b.from:b.to], []byte("then")) {
		return false
	}
	return k+1 == s.n || t.after != 0 || s.tokens[k+1].kind&(tellAnd|tellJoint|tellTurn) != 0
}

// against reports whether the sentence speaks of secrets in general.
func (s *toldSentence) against() bool { return s.have&tellAgainst != 0 }

// tie returns how the kth token is tied to the words around it.
func (s *toldSentence) tie(k int) tie {
	t := &s.tokens[k]
	if t.before&markColon != 0 && s.before(k, tellNoun|tellLock|tellAccount|tellNetwork|tellQuestion, 8) >= 0 {
		return tieIs
	}
	if k > 0 {
		b := &s.tokens[k-1]
		if s.text[b.from] == '-' && t.from-b.to > 1 {
			return tieNone // an option in a list of options
		}
		apart := t.before&(markComma|markStop|markOpen) != 0
		switch {
		case apart:
		case b.last&tellForeign != 0 && s.english && b.last&(tellIs|tellWith) == 0 && (b.last&tellToward == 0 || s.have&tellChange == 0), b.last&tellLabel != 0 && b.last&(tellIs|tellNoun|tellLock) == 0 && s.digitsOnly(t) && s.have&tellChange == 0:
		case b.last&tellToward != 0 && s.have&tellChange != 0, b.last&tellIs != 0, b.last&tellForeign != 0 && !s.english:
			return tieIs
		case b.last&(tellToward|tellWith) != 0 && s.have&tellOpen != 0:
			return tieClose
		case b.last&(tellNoun|tellLock|tellNetwork|tellOpen|tellAnswer) != 0 && b.kind&tellOther == 0:
			return tieClose
		case t.before&markQuote != 0:
			return tieClose
		}
	}
	switch {
	case t.before&markComma != 0 && t.after&(markComma|markStop|markAsk|markClose) != 0,
		t.before&markOpen != 0 && t.after&markClose != 0:
		if s.before(k, tellNoun|tellAccount|tellNetwork|tellOpen, 8) >= 0 {
			return tieLoose
		}
	}
	if s.ahead(k, tellNoun, 4) >= 0 && t.after&markStop == 0 {
		return tieLoose
	}
	if k+1 < s.n && t.after&(markComma|markStop) == 0 && s.tokens[k+1].kind&(tellOpen|tellIs) != 0 {
		return tieLoose
	}
	return tieNone
}

func (s *toldSentence) digit(t *toldToken) bool {
	return bytes.ContainsAny(s.text[t.from:t.to], "0123456789")
}

func (s *toldSentence) digitsOnly(t *toldToken) bool { return allDigits(s.text[t.from:t.to]) }

// before returns how many tokens before the kth one of kind stands, at most so many,
// or -1.
func (s *toldSentence) before(k int, kind toldKind, most int) int {
	for n := 1; n <= most && n <= k; n++ {
		if s.tokens[k-n].after&markStop != 0 {
			break
		}
		if s.tokens[k-n].kind&kind != 0 && s.tokens[k-n].shape < shapeMixed {
			return n
		}
	}
	return -1
}

// ahead is before for the tokens behind the kth.
func (s *toldSentence) ahead(k int, kind toldKind, most int) int {
	for n := 1; n <= most && k+n < s.n; n++ {
		if s.tokens[k+n].kind&kind != 0 && s.tokens[k+n].shape < shapeMixed {
			return n
		}
		if s.tokens[k+n].after&markStop != 0 {
			break
		}
	}
	return -1
}

// near reports whether one of kind stands so near to the kth token.
func (s *toldSentence) near(k int, kind toldKind, most int) bool {
	return s.before(k, kind, most) >= 0 || s.ahead(k, kind, most) >= 0
}

// word returns the place of the plain word or words that the kth token starts, if the
// sentence says that they are a password.
func (s *toldSentence) word(k int) (from, to int, ok bool) {
	t := &s.tokens[k]
	const about = tellPassword | tellPin | tellCode | tellQuestion | tellUser | tellNetwork
	if s.against() || s.have&about == 0 && s.around()&about == 0 {
		return 0, 0, false
	}
	if k > 0 && k+1 < s.n && s.tokens[k-1].kind&tellOpen != 0 && t.before == 0 && t.after == 0 && s.tokens[k+1].kind&(tellIs|tellJoint) != 0 && s.ahead(k, tellPassword, 4) > 0 && !s.plain(k) {
		return t.from, t.to, !s.predicate(k) // "I said X, which was the password"
	}
	noun := s.before(k, tellPassword, 9)
	tie := s.tie(k)
	if noun < 0 {
		switch {
		case (s.have|s.around())&tellQuestion != 0 && s.before(k, tellAnswer, 3) >= 0 && tie >= tieClose:
		case s.have&tellNetwork != 0 && s.have&tellCode != 0 && tie == tieIs && t.before&markColon != 0:
		case k > 0 && s.tokens[k-1].kind&tellUser != 0 && s.paired(k) && !s.plain(k):
			return t.from, t.to, true
		default:
			return 0, 0, false
		}
	}
	if tie < tieClose || s.marks > 1 || s.before(k, tellHow, 30) >= 0 || s.names(k) {
		return 0, 0, false
	}
	if s.after(k) || t.to-t.from > 3 && !bytes.ContainsFunc(s.text[t.from:t.to], unicode.IsLower) {
		return 0, 0, false
	}
	if k > 0 && s.tokens[k-1].kind&tellWith != 0 && t.before == 0 {
		return 0, 0, false
	}
	if from, to, ok := s.phraseFrom(k, tie); ok {
		s.mark(k)
		return from, to, true
	}
	if s.predicate(k) {
		return 0, 0, false
	}
	defer func() {
		if ok {
			s.mark(k)
		}
	}()
	spelt := s.have&tellSpelt != 0
	ends := t.after&(markComma|markStop|markAsk|markClose|markOpen|markQuote) != 0 || k+1 < s.n && (s.tokens[k+1].kind&tellJoint != 0 || s.tokens[k+1].from-t.to > 2 || s.tokens[k+1].kind&tellIs != 0 && (s.tokens[k+1].after != 0 || s.tokens[k+1].before&markJoin != 0) && !s.english)
	switch {
	case !ends || s.plain(k) && !spelt:
		return 0, 0, false
	case tie == tieIs:
		return t.from, t.to, noun < 0 || noun <= 8
	}
	if k+1 < s.n && t.after == 0 && s.tokens[k+1].kind&tellAnd == 0 {
		return 0, 0, false
	}
	adjacent := noun == 1 || t.before&markQuote != 0 && noun > 0
	return t.from, t.to, (adjacent || noun < 0) && (spelt || s.have&(tellAccount|tellNetwork|tellLock|tellUser|tellOpen) != 0 || noun < 0) && (isUpper(s.text[t.from]) && t.from > 0 && k > 0 || !nounEnds(s.text[t.from:t.to]))
}

// after reports whether the sentence has told a secret before the kth token, and speaks of
// no other since: text without full stops repeats such a sentence.
func (s *toldSentence) after(k int) bool {
	if k >= 64 || s.marked&(1<<k-1) == 0 {
		return false
	}
	last := bits.Len64(s.marked&(1<<k-1)) - 1
	return s.before(k, tellPassword, min(k-last, nounNear)) < 0
}

// nounNear is how many words before another secret the word for it stands at most.
const nounNear = 3

// predicate reports whether the kth token says something of passwords.
func (s *toldSentence) predicate(k int) bool {
	return s.tokens[k].kind&(tellPredicate|tellPassword|tellIs|tellOther|tellUnit|tellAgainst) != 0 && s.tokens[k].before&markQuote == 0
}

// plain reports whether the kth token is an ordinary word, which a password seldom is.
func (s *toldSentence) plain(k int) bool {
	t := &s.tokens[k]
	var buf [longestTold]byte
	word := lowerWord(buf[:0], s.text[t.from:t.to])
	return t.kind&^(tellUser|tellLock) != 0 || plainWords().has(word)
}

// phraseFrom returns the place of the phrase that starts with the kth token and goes on
// to the next comma or the like.
func (s *toldSentence) phraseFrom(k int, tie tie) (from, to int, ok bool) {
	strange, small, n := 0, 0, 0
	end := k
	for ; end < s.n && n < 9; end++ {
		t := &s.tokens[end]
		if t.shape == shapeNone && t.to-t.from > 12 || t.shape == shapeStrong {
			return 0, 0, false
		}
		n++
		switch {
		case t.kind&(tellPredicate|tellIs|tellJoint) != 0:
			small++
		case !s.plain(end):
			strange++
		}
		if t.after&(markComma|markStop|markAsk|markClose|markOpen|markQuote|markColon) != 0 {
			break
		}
	}
	if end == s.n || n < 2 || n > 8 {
		return 0, 0, false
	}
	from, to = s.tokens[k].from, s.tokens[end].to
	if to-from > 80 {
		return 0, 0, false
	}
	switch {
	case tie < tieIs && s.tokens[k].before&markQuote == 0, k > 0 && s.tokens[k-1].after&markStop != 0:
		return 0, 0, false
	case s.have&tellSpelt != 0 && s.before(k, tellPassword, 8) >= 0 && s.tokens[k].kind&(tellSpelt|tellNoun|tellNetwork|tellAccount) == 0:
		return from, to, n >= 2 && small*2 <= n
	case s.predicate(k), s.tokens[k].kind&(tellNoun|tellNetwork|tellAccount) != 0:
		return 0, 0, false
	}
	return from, to, s.passphrase(k) && n >= 3 && strange*3 >= n && small*2 <= n && s.tokens[k].kind&tellIs == 0
}
