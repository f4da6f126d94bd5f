package dlp

import (
	"bytes"
	"unicode/utf8"
)

// toldSentence is a sentence with what told.txt knows of its words.
type toldSentence struct {
	text    []byte
	tokens  [toldTokens]toldToken
	n       int
	have    toldKind // the kinds of all of them
	end     int      // of the sentence before it,
	asked   bool     // which has been asked for:
	earlier toldKind // the kinds of its words,
	cost    int      // and what it took to read it
	digits  bool
	marks   int    // of code
	english bool   // it has small words of English
	marked  uint64 // the tokens that were found to be secrets, of the first 64
}

// toldToken is a word of a sentence, or what stands between two blanks.
type toldToken struct {
	from, to int  // without the quotation marks and punctuation around it
	heads    bool // a phrase may start with it
	kind     toldKind
	last     toldKind // of the end of a run of letters without blanks
	shape    toldShape
	before   toldMark // what stands right before it,
	after    toldMark // and behind it
}

// toldMark is punctuation beside a word, in one set.
type toldMark uint16

const (
	markComma toldMark = 1 << iota // , ;
	markColon                      // : = → -> and dashes
	markOpen                       // ( [
	markClose                      // ) ]
	markQuote
	markStop // . ! and the end of the sentence
	markAsk
	markJoin  // no blank: another script
	markSlash // a slash or two between blanks
)

// read splits text[from:to] into words.
func (s *toldSentence) read(from, to int) {
	for i := from; i < to && s.n < len(s.tokens); {
		if space[s.text[i]] {
			i++
			continue
		}
		end := s.tokenEnd(i, to)
		if s.n > 0 && s.punctuation(i, end) {
			i = end
			continue
		}
		t := &s.tokens[s.n]
		*t = toldToken{from: i, to: end}
		if i > from && !space[s.text[i-1]] && s.n > 0 && s.tokens[s.n-1].to == i {
			t.before |= markJoin
		}
		if end < to && !space[s.text[end]] {
			t.after |= markJoin
		}
		s.trim(t)
		i = end
		if t.from >= t.to {
			if s.n > 0 {
				s.tokens[s.n-1].after |= t.before | t.after
			}
			continue
		}
		if s.n > 0 {
			t.before |= s.tokens[s.n-1].after & (markColon | markComma | markOpen | markStop | markSlash)
			s.tokens[s.n-1].after |= t.before & (markOpen | markQuote | markColon)
		}
		s.n++
		s.merge()
		s.learn(s.n - 1)
	}
	if s.n > 0 {
		s.tokens[s.n-1].after |= markStop
	}
	s.settle()
}

// tokenEnd returns where the token at i ends: at a blank, or where letters of scripts
// without blanks meet others.
func (s *toldSentence) tokenEnd(i, to int) int {
	joined := false
	for k := i; k < to; {
		x := s.text[k]
		if space[x] {
			return k
		}
		r, n := rune(x), 1
		if x >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(s.text[k:to])
		}
		switch {
		case k == i:
			joined = joinedScript(r)
			if r >= 0x3000 && (r < 0x3030 || r >= 0xff00 && r < 0xff70) || r == '→' || r == '—' || r == '–' {
				return k + n // a mark of its own
			}
		case joinedScript(r) != joined || r >= 0x2010 && r < 0x2040 && r != '’' || r == '→' || r >= 0x3000 && (r < 0x3030 || r >= 0xff00 && r < 0xff70):
			return k
		}
		k += n
	}
	return to
}

// punctuation notes text[i:end], if it is nothing else, at the token before it.
func (s *toldSentence) punctuation(i, end int) bool {
	mark := toldMark(0)
	if arrow := string(s.text[i:end]); arrow == "->" || arrow == "=>" || arrow == ">>" {
		s.tokens[s.n-1].after |= markColon
		return true
	}
	for k := i; k < end; {
		r, n := utf8.DecodeRune(s.text[k:end])
		k += n
		m := punctuationOf(r)
		if r == '/' {
			m = markSlash
		}
		if m == 0 {
			return false
		}
		mark |= m
	}
	s.tokens[s.n-1].after |= mark
	return true
}

// punctuationOf returns the kind of mark that r is, 0 if it is none.
func punctuationOf(r rune) toldMark {
	switch r {
	case ',', ';', '、', '\uff0c', '\uff1b', '،':
		return markComma
	case ':', '=', '\uff1a', '→', '—', '–', '-':
		return markColon
	case '(', '[', '\uff08', '【':
		return markOpen
	case ')', ']', '\uff09', '】':
		return markClose
	case '"', '\'', '`', '“', '”', '„', '«', '»', '‘', '’', '「', '」', '『', '』', '‹', '›':
		return markQuote
	case '?', '\uff1f', '؟':
		return markAsk
	case '.', '!', '。', '\uff01', '…', '।':
		return markStop
	}
	return 0
}

// trim takes the marks around a token off.
func (s *toldSentence) trim(t *toldToken) {
	for t.from < t.to {
		r, n := utf8.DecodeRune(s.text[t.from:t.to])
		m := punctuationOf(r)
		if r == '*' && s.stars(t) == 4 && s.text[t.from+1] == '*' {
			m = markQuote // bold
		}
		if m == 0 || r == '-' || r == '!' {
			break
		}
		if t.before |= m; r == '*' {
			n = 2
		}
		t.from += n
	}
	for t.from < t.to {
		r, n := utf8.DecodeLastRune(s.text[t.from:t.to])
		m := punctuationOf(r)
		if r == '*' && t.before&markQuote != 0 {
			m = markQuote
		}
		if m == 0 || r == '-' {
			break
		}
		if m == markStop && allDigits(s.text[t.from:t.to-n]) {
			m = 0 // "18. hodině"
		}
		t.after |= m
		t.to -= n
	}
}

// stars counts the stars of a token.
func (s *toldSentence) stars(t *toldToken) int {
	return bytes.Count(s.text[t.from:t.to], []byte("*"))
}

// merge joins the last two tokens where they are groups of one number: "551 902".
func (s *toldSentence) merge() {
	if s.n < 2 {
		return
	}
	a, b := &s.tokens[s.n-2], &s.tokens[s.n-1]
	if a.after != 0 || b.before != 0 || b.from != a.to+1 {
		return
	}
	x, y := s.text[a.from:a.to], s.text[b.from:b.to]
	group := len(y)
	if !allDigits(y) && !(len(y) == 4 && mixed(y)) || group > 4 || len(x) > 24 || bytes.LastIndexByte(x, ' ') < 0 && len(x) != group || bytes.LastIndexByte(x, ' ') >= 0 && len(x)-bytes.LastIndexByte(x, ' ')-1 != group {
		return
	}
	for _, c := range x {
		if !isDigit(c) && c != ' ' && !(group == 4 && isAlpha(c)) {
			return
		}
	}
	if group == 4 && !mixed(y) && !allDigits(bytes.ReplaceAll(x, []byte(" "), nil)) {
		return
	}
	a.to, a.after = b.to, b.after
	s.n--
}

func allDigits(s []byte) bool {
	for _, c := range s {
		if !isDigit(c) {
			return false
		}
	}
	return len(s) > 0
}

// learn looks the kth token up.
func (s *toldSentence) learn(k int) {
	t := &s.tokens[k]
	value := s.text[t.from:t.to]
	l := toldWords()
	if r, _ := utf8.DecodeRune(value); joinedScript(r) {
		var buf [longestTold]byte
		t.heads = l.starting(lowerWord(buf[:0], value)) != nil
		t.kind, t.last = l.ofJoined(value[:min(len(value), 96)])
		s.have |= t.kind
		return
	}
	var buf [longestTold]byte
	word := lowerWord(buf[:0], value)
	t.heads = l.starting(word) != nil
	t.shape = shapeOf(value)
	if t.shape != shapeNumber && len(word) > 0 {
		t.kind = l.of(word)
		switch string(word) {
		case "the", "of", "is", "and", "you", "this", "that", "with":
			s.english = true
		case "pass", "key": // as a noun only: "user bob and pass X", "key: X"
			if k > 0 && s.owned(k) || k > 0 && (t.after&markColon != 0 || s.tokens[k-1].kind&tellAnd != 0 || t.before&markComma != 0) && s.before(k, tellAccount|tellUser|tellNetwork, 10) >= 0 {
				t.kind |= tellPassword
			}
		}
		for i := 0; i < len(word); { // "wlan-passwort", "l'alarme"
			n := jointOf(word[i:])
			if n < 0 {
				if i > 0 && len(word)-i > 1 {
					t.kind |= l.of(word[i:])
				}
				break
			}
			if n > 1 && t.shape < shapeMixed {
				t.kind |= l.of(word[i : i+n])
			}
			_, size := utf8.DecodeRune(word[i+n:])
			i += n + size
		}
	}
	t.last = t.kind
	if t.kind&tellPassword != 0 && (bytes.HasSuffix(word, []byte("'s")) || bytes.HasSuffix(word, []byte("’s"))) {
		t.last |= tellIs
	}
	s.have |= t.kind
	s.phrase(k)
}

// jointOf returns the place of the first mark in word that joins two, or -1.
func jointOf(word []byte) int {
	for i, x := range word {
		if wordJoint[x] || x == 0xe2 && bytes.HasPrefix(word[i:], []byte("’")) {
			return i
		}
	}
	return -1
}

var wordJoint = table("-'/:.@")

// owned reports whether the token before the kth says whose or which it is.
func (s *toldSentence) owned(k int) bool {
	switch string(bytes.ToLower(s.text[s.tokens[k-1].from:s.tokens[k-1].to])) {
	case "my", "our", "your", "his", "her", "their", "same", "wifi", "guest", "admin":
		return len(s.text[s.tokens[k].from:s.tokens[k].to]) == len("pass")
	}
	return false
}

// phrase looks up the phrases that end with the kth token.
func (s *toldSentence) phrase(k int) {
	l := toldWords()
	for back := 1; back <= 3 && back <= k; back++ {
		first := &s.tokens[k-back]
		if !first.heads {
			continue
		}
		var buf [longestTold]byte
		head := lowerWord(buf[:0], s.text[first.from:first.to])
		for _, p := range l.starting(head) {
			if len(p.rest) != back || !s.follows(k-back+1, p.rest) {
				continue
			}
			for x := k - back; x <= k; x++ {
				s.tokens[x].kind |= p.kind
				s.tokens[x].last |= p.kind
			}
			s.have |= p.kind
		}
	}
}

// follows reports whether the tokens from the kth on are words.
func (s *toldSentence) follows(k int, words []string) bool {
	for i, w := range words {
		var buf [longestTold]byte
		t := &s.tokens[k+i]
		if string(lowerWord(buf[:0], s.text[t.from:t.to])) != w {
			return false
		}
	}
	return true
}

// lowerWord appends word in lower case to dst, as much as there is room for.
func lowerWord(dst, word []byte) []byte {
	for i := 0; i < len(word) && len(dst)+utf8.UTFMax <= cap(dst); {
		if word[i] < utf8.RuneSelf {
			dst = append(dst, fold(word[i]))
			i++
			continue
		}
		r, n := utf8.DecodeRune(word[i:])
		i += n
		if r == 'İ' {
			r = 'i'
		}
		dst = utf8.AppendRune(dst, lowerRune(r))
	}
	return dst
}

// settle takes back that words are of codes where what stands beside them says that
// these are no secrets ("postal code", "code de la route"), and adds the kinds up.
func (s *toldSentence) settle() {
	s.have = 0
	for k := range s.n {
		t := &s.tokens[k]
		if t.kind&tellCode != 0 && t.kind&(tellPassword|tellPin) == 0 && s.othersCode(k) {
			t.kind &^= tellCode
			t.last &^= tellCode
			t.kind |= tellOther
		}
		s.have |= t.kind
	}
}

func (s *toldSentence) othersCode(k int) bool {
	if k > 0 && s.tokens[k].before == 0 && s.tokens[k-1].kind&tellOther != 0 {
		return true
	}
	for i := k + 1; i <= k+2 && i < s.n && s.tokens[i].before == 0; i++ {
		if s.tokens[i].kind&tellOther != 0 && s.tokens[i].kind&tellLock == 0 {
			return true
		}
	}
	return false
}
