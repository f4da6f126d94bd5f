package dlp

import (
	"bytes"
	"slices"
)

// password reports whether the kth token, which looks like a password, is told to be one.
func (s *toldSentence) password(k int) bool {
	t := &s.tokens[k]
	value := s.text[t.from:t.to]
	tie := s.tie(k)
	if s.against() || bytes.ContainsAny(value, "%{") && t.shape < shapeStrong {
		return false
	}
	marks := s.marksBeside(k)
	if marks > 0 && humped(value) || t.shape == shapeJoined && s.counted(value) && tie < tieIs {
		return false
	}
	if known(value) && (marks > 0 || tie < tieClose || thingNumber(value) || s.before(k, tellPassword, 3) < 0 || !camel(value)) || tie < tieIs && (hexOnly(value) || !makeUpOf(value).small && !(tie == tieClose && s.before(k, tellPin|tellPassword, 1) > 0 && makeUpOf(value).digits > 3)) {
		return false
	}
	if s.names(k) {
		return false
	}
	near := s.near(k, tellPassword, 16)
	switch {
	case t.shape == shapeJoined:
		return near && tie >= tieClose && marks < 2 && !plainJoined(value) || s.paired(k) || s.lets(k) || s.as(k) || tie == tieLoose && t.before&t.after&markQuote == 0 && t.before&markOpen != 0 && s.before(k, tellPassword, 1) > 0 && s.digit(t)
	case near && marks > 0:
		return tie >= tieIs || t.shape == shapeStrong && tie > tieNone
	case near:
		return tie > tieNone || s.n >= 4
	case s.near(k, tellPin, 8) && tie >= tieClose:
		return true
	case tie >= tieLoose && s.ahead(k, tellIs, 1) == 1 && s.ahead(k, tellAccount, 6) > 0 && s.have&tellAccount != 0:
		return t.shape >= shapeMixed && marks == 0
	case s.have&tellNetwork != 0 && tie >= tieClose, s.lets(k), s.as(k):
		return true
	case s.have&tellNoun != 0 && tie >= tieClose && (s.have|s.around())&(tellLock|tellAccount|tellNetwork) != 0:
		return s.have&tellOther == 0
	case s.have&(tellOpen|tellAccount) != 0 && s.with(k) && (s.have&tellAccount != 0 || s.have&tellLock != 0):
		return true
	case s.around()&tellPassword != 0 && tie >= tieClose:
		return t.shape == shapeStrong
	case s.around()&tellNetwork != 0 && s.around()&tellChange != 0 && tie == tieIs:
		return true
	}
	return s.paired(k)
}

// marksBeside returns the marks of code in the sentence but for those of the kth token.
func (s *toldSentence) marksBeside(k int) int {
	t := &s.tokens[k]
	own := 0
	for _, c := range s.text[t.from:t.to] {
		if c == '_' || c == '&' || c == '$' {
			own++
		}
	}
	return max(0, s.marks-own)
}

// lets reports whether the kth token, right behind a verb, is what lets somebody into
// something that is locked: "The laptop is locked. Try X first."
func (s *toldSentence) lets(k int) bool {
	t := &s.tokens[k]
	if k == 0 || t.before != 0 || s.tokens[k-1].kind&tellOpen == 0 || s.marks > 0 || !s.digit(t) {
		return false
	}
	all := s.have | s.around()
	return all&(tellPassword|tellPin) != 0 || all&tellLock != 0 && (all&tellAccount != 0 || t.to-t.from >= 7 && hasBoth(s.text[t.from:t.to]))
}

// as reports whether the kth token is used as a password: "X as my password".
func (s *toldSentence) as(k int) bool {
	t := &s.tokens[k]
	if k+2 >= s.n || t.after&^markQuote != 0 || s.tokens[k+1].kind&tellAs == 0 {
		return false
	}
	return s.ahead(k+1, tellPassword|tellPin, 3) > 0
}

// counted reports whether value is an ordinary word with a digit behind it: "policy2".
func (s *toldSentence) counted(value []byte) bool {
	n := len(value) - 1
	if !isDigit(value[n]) {
		return false
	}
	word := bytes.ToLower(value[:n])
	return plainWords().has(word) || toldWords().of(word) != 0
}

// names reports whether the kth token is the name of a user or a network, before the
// password: "the account is X and the password is Y".
func (s *toldSentence) names(k int) bool {
	if s.called(k) {
		return true
	}
	named := s.before(k, tellNaming|tellNetwork|tellAccount, 4)
	if named < 0 || s.as(k) || s.tokens[k].before&markQuote != 0 {
		return false
	}
	if s.tokens[k].shape >= shapeMixed && s.before(k, tellPassword, 9) >= 0 || s.ahead(k, tellIs, 1) == 1 && s.tokens[k].after == 0 && s.ahead(k, tellPassword, 3) > 0 {
		return false // "Passwords: wifi X", "X is the password"
	}
	noun := s.before(k, tellPassword, 3)
	return (noun < 0 || noun > named) && s.ahead(k, tellPassword, 8) > 0
}

// called reports whether the kth token is what a network or an account is called.
func (s *toldSentence) called(k int) bool {
	if k < 2 || s.before(k, tellNoun, 6) >= 0 {
		return false
	}
	b := &s.tokens[k-1]
	return slices.Contains(toldParts()["called"], string(bytes.ToLower(s.text[b.from:b.to]))) && s.before(k-1, tellNetwork|tellAccount|tellNaming, 4) >= 0
}

// with reports whether the kth token is what something is done with: "logged in as
// installer with X", "opens with X".
func (s *toldSentence) with(k int) bool {
	if k == 0 || s.tokens[k].before&(markComma|markStop|markOpen) != 0 {
		return false
	}
	return s.tokens[k-1].last&(tellWith|tellOpen) != 0
}

// paired reports whether the kth token stands behind the user or the network that it is of:
// "admin / X", "PawsGuest / X".
func (s *toldSentence) paired(k int) bool {
	t := &s.tokens[k]
	if k < 1 {
		return false
	}
	b := &s.tokens[k-1]
	if t.before&markColon != 0 && b.kind&tellUser != 0 && b.kind&tellNaming == 0 && t.shape >= shapeJoined && s.marks == 0 && s.digit(t) {
		return true // "router - admin - X"
	}
	if t.before&markSlash != 0 {
		return (t.shape >= shapeMixed || t.shape == shapeJoined && s.digit(t) && b.kind&(tellNetwork|tellAccount) != 0 || b.kind&tellUser != 0) && s.have&(tellAccount|tellNetwork|tellPassword|tellUser) != 0
	}
	if isAddress(s.text[b.from:b.to]) && t.shape == shapeStrong {
		return s.have&(tellAccount|tellUser|tellPassword) != 0
	}
	comma := t.before&markComma != 0 && t.after&(markComma|markStop) != 0 || k > 1 && b.kind&tellJoint != 0 && t.shape >= shapeMixed
	return comma && t.shape == shapeStrong && s.before(k, tellAccount|tellUser, 6) >= 0
}

// code reports whether the kth token, a number or a short code, is told to open something.
func (s *toldSentence) code(k int) bool {
	t := &s.tokens[k]
	value := s.text[t.from:t.to]
	if s.against() || k > 0 && s.tokens[k-1].kind&tellOther != 0 || k+1 < s.n && t.after == 0 && s.tokens[k+1].kind&tellUnit != 0 {
		return false
	}
	if k == 1 && t.before == 0 && string(s.text[s.tokens[0].from:s.tokens[0].to]) == "pin" && s.have&(tellLock|tellAccount) == 0 {
		return false // that of a plug
	}
	if s.names(k) || t.before == 0 && k > 0 && s.acronym(k-1) {
		return false
	}
	tie := s.tie(k)
	if s.spelt(k) || s.beside(k) || s.moved(k) {
		return true
	}
	near := s.have | s.around()&(tellLock|tellNoun|tellNetwork|tellAccount)
	if near&tellLock != 0 && s.with(k) && s.have&tellOpen != 0 {
		return makeUpOf(value).digits >= 3 && s.near(k, tellLock, 8)
	}
	opens := near&tellLock != 0 && near&(tellNoun|tellOpen) != 0
	secret := near&tellPin != 0 || near&tellPassword != 0 || near&tellCode != 0 && near&(tellLock|tellAccount|tellNetwork) != 0
	switch {
	case !opens && !secret && near&tellCode == 0, near&tellNoun == 0 && tie < tieClose:
		return false
	}
	if k > 0 && t.before == 0 {
		b := &s.tokens[k-1]
		moved := b.kind&tellToward != 0 && s.have&tellChange != 0
		if b.kind&tellLabel != 0 && !moved && (b.kind&(tellIs|tellNoun) == 0 || yearLike(value)) {
			return false
		}
	}
	if !opens && !secret { // "the new code is 4471B"
		return tie >= tieIs && t.shape == shapeCode && s.marks == 0 && s.before(k, tellCode, 6) >= 0
	}
	if k > 0 && s.tokens[k-1].kind&tellLock != 0 && s.tokens[k-1].kind&(tellNoun|tellOpen|tellIs) == 0 && t.before == 0 && s.before(k, tellNoun, 5) < 0 && value[0] != '0' && s.ahead(k, tellOpen, 1) < 0 {
		return false // "locker 482"
	}
	if !s.near(k, tellNoun|tellLock|tellOpen, 10) || len(value) == 6 && s.n < 3 && s.digitsOnly(t) {
		return false // "PIN: 560001" is where post goes in India
	}
	switch m := makeUpOf(value); {
	case m.joints > 0 && s.have&tellLock != 0 && s.with(k):
		return true
	case t.shape == shapeCode, m.joints > 0:
		return tie > tieNone || s.have&tellLock != 0 && s.have&tellNoun != 0
	case yearLike(value):
		return tie >= tieLoose && s.near(k, tellNoun, 8) || tie >= tieClose && opens
	case m.digits < 4:
		return tie >= tieClose && len(value) >= 3 && s.have&tellLock != 0 && s.near(k, tellNoun|tellLock, 5)
	case m.digits > 8:
		return tie >= tieClose && s.have&(tellPin|tellNetwork|tellPassword) != 0
	}
	return tie > tieNone || s.have&tellNoun != 0 && s.have&tellLock != 0 && (t.after != 0 || k+1 < s.n && s.tokens[k+1].kind&tellJoint != 0)
}

// spelt reports whether the kth token is a code whose digits dashes set apart, near what
// it opens: "cabinet 3-3-7-1".
func (s *toldSentence) spelt(k int) bool {
	t := &s.tokens[k]
	value := s.text[t.from:t.to]
	dashes := bytes.Count(value, []byte("-"))
	return dashes >= 3 && len(value) == 2*dashes+1 && value[1] == '-' && s.digit(t) && s.before(k, tellLock|tellNoun|tellOpen, 6) >= 0
}

// moved reports whether the kth token is what the code of a lock was changed to, though
// no word for a code is there: "we changed the intercom to 2468".
func (s *toldSentence) moved(k int) bool {
	t := &s.tokens[k]
	if k < 2 || t.before != 0 || s.tokens[k-1].last&tellToward == 0 || s.tokens[k-2].kind&tellLock == 0 || s.before(k, tellChange, 6) < 0 {
		return false
	}
	n := t.to - t.from
	return n >= 4 && n <= 8 && s.marks == 0 && !yearLike(s.text[t.from:t.to])
}

// beside reports whether the kth token stands right behind what it opens, in a sentence
// that has another such pair: "garage 8815, side gate 2204".
func (s *toldSentence) beside(k int) bool {
	if s.marks > 0 || !s.pair(k) {
		return false
	}
	for i := max(0, k-8); i <= min(s.n-1, k+8); i++ {
		if i != k && s.pair(i) {
			return s.tokens[i].to-s.tokens[i].from == s.tokens[k].to-s.tokens[k].from || s.have&tellNoun != 0
		}
	}
	return false
}

// pair reports whether the kth token, a number of four digits or more, stands behind a
// word for a lock, and a comma or the like behind it.
func (s *toldSentence) pair(k int) bool {
	t := &s.tokens[k]
	if t.shape != shapeNumber && t.shape != shapeCode || t.to-t.from < 4 || t.to-t.from > 8 || k == 0 || t.before&^markColon != 0 {
		return false
	}
	if value := s.text[t.from:t.to]; value[len(value)-3] == '-' && value[len(value)-2] == '0' || yearLike(value) && s.have&tellNoun == 0 {
		return false
	}
	if t.after&(markComma|markStop|markClose) == 0 && (k+1 == s.n || s.tokens[k+1].kind&(tellAnd|tellJoint|tellPredicate) == 0) {
		return false
	}
	b := &s.tokens[k-1]
	if b.kind&(tellLabel|tellOther|tellUnit) != 0 || b.after&^markColon != 0 {
		return false
	}
	if b.kind&tellLock != 0 {
		return true
	}
	return k > 1 && s.tokens[k-2].kind&tellLock != 0 && s.tokens[k-2].after == 0 && s.tokens[k-2].kind&tellLabel == 0 && b.shape == shapeWord && b.kind == 0
}

// acronym reports whether the kth token is in capitals and none that a code is called:
// "EN 1143-1".
func (s *toldSentence) acronym(k int) bool {
	t := &s.tokens[k]
	value := s.text[t.from:t.to]
	for _, c := range value {
		if !isUpper(c) {
			return false
		}
	}
	return len(value) >= 2 && t.kind&(tellNoun|tellLock|tellIs) == 0
}

// yearLike reports whether s is a number as years have.
func yearLike(s []byte) bool {
	return len(s) == 4 && allDigits(s) && (string(s[:2]) == "19" || string(s[:2]) == "20" && s[2] < '4')
}

// passphrase reports whether a word shortly before the kth token is one for phrases.
func (s *toldSentence) passphrase(k int) bool {
	for i := max(0, k-9); i < k; i++ {
		if hasPart(bytes.ToLower(s.text[s.tokens[i].from:s.tokens[i].to]), "phrase") {
			return true
		}
	}
	return false
}

// nounEnds reports whether an English word is one of those that stand behind
// "password": "password hygiene", "password cracking".
func nounEnds(word []byte) bool {
	for _, end := range toldParts()["ending"] {
		if len(word) > len(end)+2 && bytes.HasSuffix(word, []byte(end)) {
			return true
		}
	}
	return false
}

// known reports whether value is the name of a thing with its number: "Windows11", "sha256".
func known(value []byte) bool {
	low := bytes.ToLower(value)
	if hasPart(low, "code") {
		return true
	}
	if bytes.Contains(value, []byte("Key")) || camel(value) {
		return true // a name of code
	}
	return thingNumber(value)
}

// thingNumber reports whether value is what a thing is called with a number behind it:
// "RFC4519".
func thingNumber(value []byte) bool {
	n := 0
	for n < len(value) && (isAlpha(value[n]) || value[n] == '-' || value[n] == '_') {
		n++
	}
	if n == len(value) {
		return false
	}
	head := bytes.TrimRight(bytes.ToLower(value[:n]), "-_")
	return slices.Contains(toldParts()["thing"], string(head)) || bytes.HasPrefix(head, []byte("sha")) || bytes.HasPrefix(head, []byte("aes-")) || bytes.HasPrefix(head, []byte("rfc"))
}

// camel reports whether value is written as a name of code with a number behind it:
// "userName2".
func camel(value []byte) bool {
	n := 0
	for n < len(value) && isAlpha(value[n]) {
		n++
	}
	return n > 2 && n < len(value) && isLower(value[0]) && humped(value[:n])
}

// plainJoined reports whether value is words that language joins: "case-sensitive".
func plainJoined(value []byte) bool {
	for part := range bytes.SplitSeq(value, []byte("-")) {
		if !plainWords().has(bytes.ToLower(part)) && toldWords().of(bytes.ToLower(part)) == 0 {
			return false
		}
	}
	return true
}

// hexOnly reports whether value is a number in hexadecimal, as commits have.
func hexOnly(value []byte) bool {
	for _, c := range value {
		if !isDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(value) >= 7
}
