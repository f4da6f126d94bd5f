package dlp

import (
	"bytes"
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
		return t.from, t.to, s.dialled(k)
	case shapeWord:
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
	for back := 1; back <= 3 && back <= k && k < 64; back++ {
		b := &s.tokens[k-back]
		if s.marked>>(k-back)&1 == 0 {
			continue
		}
		alike := b.shape == t.shape && t.shape != shapeJoined || b.shape >= shapeMixed && t.shape >= shapeMixed
		sameLength := t.shape >= shapeJoined || t.to-t.from == b.to-b.from
		if t.shape == shapeJoined && b.shape >= shapeJoined && s.digit(t) {
			alike = true
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
	if t.before&markColon != 0 && s.before(k, tellNoun|tellLock|tellAccount|tellNetwork, 8) >= 0 {
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
		case b.last&tellForeign != 0 && s.english && b.last&(tellIs|tellWith) == 0, b.last&tellLabel != 0 && b.last&(tellIs|tellNoun|tellLock) == 0 && s.digitsOnly(t) && s.have&tellChange == 0:
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

// password reports whether the kth token, which looks like a password, is told to be one.
func (s *toldSentence) password(k int) bool {
	t := &s.tokens[k]
	value := s.text[t.from:t.to]
	tie := s.tie(k)
	if s.against() || bytes.ContainsAny(value, "%{") && t.shape < shapeStrong {
		return false
	}
	if s.marks > 0 && humped(value) || t.shape == shapeJoined && s.counted(value) && tie < tieIs {
		return false
	}
	if known(value) || tie < tieIs && (hexOnly(value) || !makeUpOf(value).small) {
		return false
	}
	if s.names(k) {
		return false
	}
	near := s.near(k, tellPassword, 16)
	switch {
	case t.shape == shapeJoined:
		return near && tie >= tieClose && s.marks < 2 && !plainJoined(value) || s.paired(k)
	case near && s.marks > 0:
		return tie >= tieIs || t.shape == shapeStrong && tie > tieNone
	case near:
		return tie > tieNone || s.n >= 4
	case s.near(k, tellPin, 8) && tie >= tieClose:
		return true
	case tie >= tieLoose && s.ahead(k, tellIs, 1) == 1 && s.ahead(k, tellAccount, 6) > 0 && s.have&tellAccount != 0:
		return t.shape >= shapeMixed && s.marks == 0
	case s.have&tellNetwork != 0 && tie >= tieClose:
		return true
	case s.have&tellNoun != 0 && tie >= tieClose && (s.have|s.around)&(tellLock|tellAccount|tellNetwork) != 0:
		return s.have&tellOther == 0
	case s.have&(tellOpen|tellAccount) != 0 && s.with(k) && (s.have&tellAccount != 0 || s.have&tellLock != 0):
		return true
	case s.around&tellPassword != 0 && tie >= tieClose:
		return t.shape == shapeStrong
	}
	return s.paired(k)
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
	named := s.before(k, tellNaming|tellNetwork|tellAccount, 3)
	if named < 0 || s.tokens[k].before&markQuote != 0 {
		return false
	}
	noun := s.before(k, tellPassword, 3)
	return (noun < 0 || noun > named) && s.ahead(k, tellPassword, 8) > 0
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
	if t.before&markSlash != 0 {
		return (t.shape >= shapeMixed || b.kind&tellUser != 0) && s.have&(tellAccount|tellNetwork|tellPassword|tellUser) != 0
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
	if s.names(k) || t.before == 0 && k > 0 && s.acronym(k-1) {
		return false
	}
	tie := s.tie(k)
	near := s.have | s.around&(tellLock|tellNoun|tellNetwork|tellAccount)
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

// word returns the place of the plain word or words that the kth token starts, if the
// sentence says that they are a password.
func (s *toldSentence) word(k int) (from, to int, ok bool) {
	t := &s.tokens[k]
	if s.against() || (s.have|s.around)&(tellPassword|tellPin|tellCode|tellQuestion|tellUser|tellNetwork) == 0 {
		return 0, 0, false
	}
	if k > 0 && k+1 < s.n && s.tokens[k-1].kind&tellOpen != 0 && t.before == 0 && t.after == 0 && s.tokens[k+1].kind&(tellIs|tellJoint) != 0 && s.ahead(k, tellPassword, 4) > 0 && !s.plain(k) {
		return t.from, t.to, !s.predicate(k) // "I said X, which was the password"
	}
	noun := s.before(k, tellPassword, 9)
	tie := s.tie(k)
	if noun < 0 {
		switch {
		case (s.have|s.around)&tellQuestion != 0 && s.before(k, tellAnswer, 3) >= 0 && tie >= tieClose:
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
	ends := t.after&(markComma|markStop|markAsk|markClose|markOpen|markQuote) != 0 || k+1 < s.n && (s.tokens[k+1].kind&tellJoint != 0 || s.tokens[k+1].from-t.to > 2)
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
	return t.from, t.to, (adjacent || noun < 0) && (spelt || s.have&(tellAccount|tellNetwork|tellLock|tellUser|tellOpen) != 0 || noun < 0) && !nounEnds(s.text[t.from:t.to])
}

// after reports whether the sentence has told a secret before the kth token.
func (s *toldSentence) after(k int) bool { return k < 64 && s.marked&(1<<k-1) != 0 }

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

// passphrase reports whether a word shortly before the kth token is one for phrases.
func (s *toldSentence) passphrase(k int) bool {
	for i := max(0, k-9); i < k; i++ {
		value := bytes.ToLower(s.text[s.tokens[i].from:s.tokens[i].to])
		for _, w := range []string{"phrase", "frase", "fraza", "fras", "lause", "phrases", "satz", "zin", "master", "фраз", "fráze", "φράση", "główne", "maître", "maestra", "mestra"} {
			if bytes.Contains(value, []byte(w)) {
				return true
			}
		}
	}
	return false
}

// nounEnds reports whether an English word is one of those that stand behind
// "password": "password hygiene", "password cracking".
func nounEnds(word []byte) bool {
	for _, end := range []string{"ing", "ion", "ity", "ment", "ed", "er", "or", "ness", "ance", "ence", "al", "able", "ible", "ive", "ies", "less", "ics", "ers", "ors", "ings", "ions", "ism", "age", "ure", "ly", "ic", "ene", "opy"} {
		if len(word) > len(end)+2 && bytes.HasSuffix(word, []byte(end)) {
			return true
		}
	}
	return false
}

// knownHeads are what names of things with a number start with.
var knownHeads = [...]string{
	"windows", "office", "iphone", "ipad", "galaxy", "server", "java", "python", "sha", "aes", "md", "utf", "base", "ipv", "wpa", "usb", "http", "oauth", "php", "step", "user", "room", "page", "item", "chapter",
	"version", "rfc", "iso", "argon", "bcrypt", "pbkdf", "hmac", "rsa", "cve", "x", "mp", "value", "val", "ver", "rule", "case", "item", "port", "band", "esp", "ike", "amd", "arm", "cpu", "gpu", "ps", "hs", "es", "rs", "cp", "iso", "din", "en", "web", "log", "excel", "word", "outlook", "sql", "exchange", "covid", "playstation", "xbox", "nt", "win", "ubuntu", "node", "db", "host",
	"test", "testuser", "field", "column", "param", "arg", "str", "int", "uint", "float", "example", "foo", "bar", "key", "id", "des", "crypt", "yescrypt", "ntlmv", "tls", "ssl", "pkcs", "fips", "nist", "ikev", "vlan", "level", "type", "group", "line", "figure", "fig", "table", "section", "option", "mode", "auth",
}

// known reports whether value is the name of a thing with its number: "Windows11", "sha256".
func known(value []byte) bool {
	n := 0
	for n < len(value) && (isAlpha(value[n]) || value[n] == '-' || value[n] == '_') {
		n++
	}
	low := bytes.ToLower(value)
	for _, w := range []string{"passw", "uint", "crypt", "getpw", "token", "auth", "callback", "buffer", "pkcs", "pbes", "psk"} {
		if bytes.Contains(low, []byte(w)) {
			return true
		}
	}
	if bytes.Contains(value, []byte("Key")) || n > 2 && n < len(value) && isLower(value[0]) && humped(value[:n]) {
		return true // a name of code
	}
	if n == len(value) {
		return false
	}
	head := bytes.TrimRight(low[:n], "-_")
	for _, h := range knownHeads {
		if string(head) == h {
			return true
		}
	}
	return bytes.HasPrefix(head, []byte("sha")) || bytes.HasPrefix(head, []byte("aes-")) || bytes.HasPrefix(head, []byte("rfc"))
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
