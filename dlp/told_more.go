package dlp

import "bytes"

// chosen reports whether the kth token, a word of letters, is told to be a password by
// what is done with it: "I set it to X", "type X", "X as my password", "log in with anna
// and X".
func (s *toldSentence) chosen(k int) bool {
	t := &s.tokens[k]
	if k == 0 || s.marks > 0 || s.against() || t.kind != 0 || s.plain(k) || s.have&tellHow != 0 || bytes.IndexByte(s.text[t.from:t.to], '-') >= 0 {
		return false
	}
	b := &s.tokens[k-1]
	ends := t.after != 0 || k+2 == s.n && s.tokens[k+1].kind&tellPredicate != 0 || k+1 == s.n || s.tokens[k+1].kind&(tellJoint|tellAnd|tellChange|tellOpen|tellAs) != 0
	switch {
	case s.as(k):
		return b.kind&(tellOpen|tellChange|tellIs) != 0 || isUpper(s.text[t.from]) && !s.german(k)
	case t.before&markSlash != 0:
		return b.kind == 0 && t.after != 0 && s.before(k-1, tellNetwork, 3) >= 0
	case !ends || t.before&^markQuote != 0:
		return false
	case b.kind&tellToward != 0 && s.before(k, tellPassword, 4) > 1 && s.near(k, tellChange, 6):
		return true
	case b.kind&tellOpen != 0 && s.before(k, tellPassword, 6) > 1:
		return isUpper(s.text[t.from]) || t.before&markQuote != 0
	case b.kind&tellAnd != 0 && k > 2:
		return s.tokens[k-3].last&tellWith != 0 && s.tokens[k-2].shape != shapeNone && s.tokens[k-2].kind == 0 && s.before(k-3, tellAccount, 3) >= 0 && isUpper(s.text[t.from])
	case b.last&tellWith != 0 && s.have&tellSpelt != 0:
		return s.have&tellOpen != 0 && s.have&(tellAccount|tellLock) != 0
	case s.have&tellNetwork != 0 && s.before(k, tellCode, 3) > 0 && s.before(k, tellNetwork, 12) > 0:
		return s.tie(k) == tieIs && t.after&(markStop|markComma) != 0
	}
	return false
}

// german reports whether the sentence seems to be German, whose nouns have capitals.
func (s *toldSentence) german(k int) bool {
	capitals := 0
	for i := 1; i < s.n; i++ {
		if isUpper(s.text[s.tokens[i].from]) && s.tokens[i-1].after&markStop == 0 {
			capitals++
		}
	}
	return !s.english && capitals > 2
}

// answer returns the place of the answer to a question of security that the kth token
// starts: it stands behind the question itself, with a capital, and goes on as long as
// there are capitals.
func (s *toldSentence) answer(k int) (from, to int, ok bool) {
	t := &s.tokens[k]
	if s.have&tellQuestion == 0 || k == 0 || s.marks > 0 || s.against() || t.kind&^(tellLock|tellUser|tellAnd) != 0 || s.plain(k) {
		return 0, 0, false
	}
	if t.after&markColon != 0 {
		return 0, 0, false // "maiden name of the mother: X"
	}
	asked := s.before(k, tellQuestion, 5)
	if asked < 0 || t.before&(markComma|markAsk|markOpen) != 0 {
		return 0, 0, false
	}
	b := &s.tokens[k-1]
	tied := asked == 1 || t.before&(markColon|markQuote) != 0 || b.last&(tellIs|tellAnswer) != 0
	end := k
	for end < k+4 && end+1 < s.n && s.tokens[end].after == 0 && s.tokens[end+1].before == 0 && isUpper(s.text[s.tokens[end+1].from]) {
		end++
	}
	e := &s.tokens[end]
	closed := e.after != 0 || e.to == s.tokens[s.n-1].to || s.tokens[end+1].kind&(tellAnd|tellJoint) != 0
	if !tied || !closed || !capitalLetter(s.text[t.from:t.to]) {
		return 0, 0, false
	}
	return t.from, e.to, true
}

// capitalLetter reports whether word starts with a capital of any alphabet.
func capitalLetter(word []byte) bool {
	var buf [longestTold]byte
	low := lowerWord(buf[:0], word)
	return len(low) > 0 && len(word) > 0 && !bytes.HasPrefix(word, low[:1]) || len(word) > 1 && word[0] >= 0xc3 && !bytes.HasPrefix(low, word[:2])
}

// figures returns the place of the digits, spelt out, that start with the kth token:
// "the code for the garage is five five one eight".
func (s *toldSentence) figures(k int) (from, to int, ok bool) {
	if s.tokens[k].kind&tellDigit == 0 || s.have&(tellPin|tellCode) == 0 || s.have&(tellPin|tellLock|tellAccount) == 0 || s.marks > 0 || s.against() || s.before(k, tellOther, 8) >= 0 {
		return 0, 0, false
	}
	if k > 0 && s.tokens[k-1].kind&tellDigit != 0 && s.tokens[k-1].after == 0 {
		return 0, 0, false
	}
	end := k
	for end+1 < s.n && s.tokens[end].after&^markComma == 0 && s.tokens[end+1].kind&tellDigit != 0 {
		end++
	}
	if end-k < 3 || end-k > 9 || s.before(k, tellNoun|tellLock|tellOpen, 8) < 0 {
		return 0, 0, false
	}
	return s.tokens[k].from, s.tokens[end].to, true
}

// slashed returns the place of the password in the kth token, a user and a password with
// a slash between them, where the sentence or the one before it speaks of such:
// "Logins: anna/X, bert/Y".
func (s *toldSentence) slashed(k int) (from, to int, ok bool) {
	t := &s.tokens[k]
	user, password, cut := bytes.Cut(s.text[t.from:t.to], []byte("/"))
	if !cut || len(user) < 2 || len(user) > 24 || (s.have|s.around())&(tellAccount|tellUser|tellPassword|tellNetwork) == 0 || s.against() || isUpper(user[0]) && s.have&tellNetwork == 0 {
		return 0, 0, false
	}
	for _, c := range user {
		if !isAlnum(c) && c != '.' && c != '-' && c != '_' {
			return 0, 0, false
		}
	}
	if shape := shapeOf(password); shape < shapeJoined || !mixed(password) || !hasBoth(password) || !setPassword(password) {
		return 0, 0, false
	}
	return t.to - len(password), t.to, true
}
