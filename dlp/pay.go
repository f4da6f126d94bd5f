package dlp

import (
	"bytes"
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// pay.txt is what tells that an amount of money is pay, in all languages.
//
//go:embed pay.txt
var payFile string

// checkPay asks of an amount that the words around it say that somebody earns it.
const checkPay = "pay"

// checkPaySpoken is the same of an amount in words.
const checkPaySpoken = "pay_spoken"

// checkPayFigure asks only that the sentence tells of no statistic, law or tax.
const checkPayFigure = "pay_figure"

// payKind is what a word says of an amount near it.
type payKind uint8

const (
	payNone payKind = iota
	payWho
	payGet
	payRate
	payHour
	payNet
	payOn
	payEarn
	payPay
	payPrice
	payMean
	payKinds
)

var payKindNames = map[string]payKind{
	"who": payWho, "get": payGet, "rate": payRate, "hour": payHour, "net": payNet, "on": payOn, "earn": payEarn, "pay": payPay, "price": payPrice, "mean": payMean,
}

// payPoints is what a word of each kind is worth in the sentence of the amount. A price
// and a statistic take away.
var payPoints = [payKinds]int{payWho: 2, payGet: 2, payRate: 3, payHour: 4, payNet: 4, payOn: 4, payEarn: 4, payPay: 6, payPrice: -10, payMean: -9}

const (
	leastPay    = 4   // points that pay has
	payBefore   = 240 // bytes before an amount that are read,
	payAfter    = 200 // and behind it
	payAhead    = 800 // and beyond, as another may follow
	leastShort  = 6   // those of a number of thousands,
	leastBare   = 7   // and those of a number without a currency
	payTable    = 3   // points of a line of a table,
	payLabel    = 2   // of a word for pay with a colon behind it,
	payBeside   = 1   // and of an hour right behind the amount
	payClose    = 14  // bytes between "he's on" and the amount
	payPriceOf  = 12  // bytes that the word for a price stands nearer in front of an amount
	mostPayWord = 256 // words that are noted
)

// workPerPay is what a list of amounts may cost for each beside other hits: the sentence
// around it is read.
const workPerPay = 200

// payWord is how a word starts that is of a kind.
type payWord struct {
	text string
	kind payKind
	open bool // the word may go on
}

// payVocabulary is pay.txt.
type payVocabulary struct {
	starts map[uint32][]payWord // by as many as four bytes,
	inside map[uint32][]payWord // and those that words may end in
	first  [256]bool            // bytes that one of inside starts with
}

// wordsOfPay is read when the first amount is met.
var wordsOfPay = sync.OnceValue(func() *payVocabulary {
	v := &payVocabulary{starts: make(map[uint32][]payWord), inside: make(map[uint32][]payWord)}
	for line := range strings.Lines(payFile) {
		name, rest, _ := strings.Cut(line, " ")
		kind := payKindNames[name]
		if kind == payNone {
			continue
		}
		for _, text := range strings.Fields(rest) {
			v.add(strings.ReplaceAll(text, "_", " "), kind)
		}
	}
	return v
})

func (v *payVocabulary) add(text string, kind payKind) {
	text, open := strings.CutSuffix(text, "*")
	text, inside := strings.CutPrefix(text, "*")
	head := headOf([]byte(text))
	v.starts[head] = append(v.starts[head], payWord{text, kind, open})
	if inside {
		v.inside[head] = append(v.inside[head], payWord{text, kind, open})
		v.first[text[0]] = true
	}
}

// at returns the length and the kind of the longest word that text, in lower case,
// starts with; 0: there is none.
func (v *payVocabulary) at(text []byte, starts map[uint32][]payWord) (size int, kind payKind) {
	for n := min(4, len(text)); n > 0; n-- {
		for _, w := range starts[headOf(text[:n])] {
			k := len(w.text)
			if k < size || k > len(text) || k == size && w.kind <= kind || string(text[:k]) != w.text {
				continue
			}
			if w.open || k == len(text) || !goesOnWord(text, k) {
				size, kind = k, w.kind
			}
		}
	}
	return size, kind
}

// goesOnWord reports whether the word that text[:k] is goes on at k.
func goesOnWord(text []byte, k int) bool {
	last, _ := utf8.DecodeLastRune(text[:k])
	if endsAnywhere(last) || !unicode.IsLetter(last) {
		return false
	}
	r, _ := utf8.DecodeRune(text[k:])
	return unicode.IsLetter(r) || unicode.IsMark(r)
}

// payMark is a word that was read.
type payMark struct {
	at, end int32
	kind    payKind
}

// paySurroundings are the words that tell of pay in text[from:upto].
type paySurroundings struct {
	from, upto int
	n          int
	marks      [mostPayWord]payMark
	buf        [payBefore + payAfter + payAhead]byte
}

// read notes the words around text[i:j], where they are not known yet, and returns how
// many bytes it read.
func (s *paySurroundings) read(text []byte, i, j int) (work int) {
	lo, hi := max(0, i-payBefore), min(len(text), j+payAfter)
	if s.from <= lo && hi <= s.upto {
		return 0
	}
	for lo > 0 && lo < i && !utf8.RuneStart(text[lo]) {
		lo++
	}
	s.from, s.upto, s.n = lo, min(len(text), lo+len(s.buf)-utf8.UTFMax), 0
	lowered := s.lower(text[s.from:s.upto])
	v := wordsOfPay()
	before, capital := ' ', false
	for k := 0; k < len(lowered) && s.n < len(s.marks); {
		r, n := utf8.DecodeRune(lowered[k:])
		size, kind := 0, payNone
		if starts := (!unicode.IsLetter(before) || endsAnywhere(r)) && !joinsCode(before); starts {
			size, kind = v.at(lowered[k:], v.starts)
			if capital = isUpper(text[s.from+k]); kind == payNone && capital && givenNames().has(wordOf(lowered[k:])) {
				size, kind = len(wordOf(lowered[k:])), payWho
			}
		} else if v.first[lowered[k]] {
			size, kind = v.at(lowered[k:], v.inside)
		}
		if kind != payNone {
			s.marks[s.n] = payMark{int32(s.from + k), int32(s.from + k + size), kind}
			s.n++
			before, _ = utf8.DecodeLastRune(lowered[:k+size])
			k += size
			continue
		}
		before = r
		k += n
	}
	if s.n == len(s.marks) {
		s.upto = max(hi, int(s.marks[s.n-1].end))
	}
	return s.upto - s.from
}

// joinsCode reports whether a word behind r is a part of an expression or of a path.
func joinsCode(r rune) bool {
	return r == '.' || r == '_' || r == '$' || r == '%' || r == '@' || r == '\\'
}

// wordOf returns the letters of ASCII at the start of text.
func wordOf(text []byte) []byte {
	n := 0
	for n < len(text) && (isAlpha(text[n]) || text[n] >= utf8.RuneSelf) {
		n++
	}
	return text[:n]
}

// lower writes text in lower case, each letter in as many bytes as it had, with a blank
// for other white space.
func (s *paySurroundings) lower(text []byte) []byte {
	out := s.buf[:len(text)]
	for k := 0; k < len(text); {
		if c := text[k]; c < utf8.RuneSelf {
			if out[k] = c; isUpper(c) {
				out[k] |= 0x20
			} else if c < ' ' {
				out[k] = ' '
			}
			k++
			continue
		}
		r, n := utf8.DecodeRune(text[k:])
		switch l := unicode.ToLower(r); {
		case r == '’' || r == 0x2019:
			copy(out[k:], text[k:k+n])
		case l != r && utf8.RuneLen(l) == n:
			utf8.EncodeRune(out[k:k+n], l)
		default:
			copy(out[k:], text[k:k+n])
		}
		k += n
	}
	return out
}

// weighPay returns what text[i:j], a match of d, is as pay, and with what confidence.
func (c *scan) weighPay(d *detector, i, j int, confidence float64) (from, to int, weighed float64) {
	if confidence < c.s.min {
		return i, j, confidence
	}
	ok := true
	switch {
	case d.figure:
		ok = !c.isStatistic(i, j)
	case d.spoken:
		if i, j, ok = spokenAmount(c.text, i, j); ok {
			ok = c.isPay(i, j)
		}
	default:
		ok = c.isPay(i, j)
	}
	if !ok {
		return i, j, 0
	}
	if d.pay {
		j = c.payTail(j)
	}
	return i, j, confidence
}

// isPay reports whether the words around the amount text[i:j] say that somebody earns
// it.
func (c *scan) isPay(i, j int) bool {
	s := c.aroundPay(i, j)
	lo, hi := paySentence(c.text, i, j)
	var here, there [payKinds]int // how often a kind was met in the sentence, and beside it
	const far = 1 << 20
	evidence, price := far, far // how near the next of each is
	points := 0
	for k := range s.n {
		m := &s.marks[k]
		from, to := int(m.at), int(m.end)
		if to <= i-payBefore || from >= j+payAfter {
			continue
		}
		if from < j && to > i && (m.kind != payRate && m.kind != payHour && m.kind != payNet || from <= i) { // the amount itself
			continue
		}
		distance := max(i-to, from-j, 0)
		if from < lo || to > hi {
			there[m.kind]++
			continue
		}
		switch m.kind {
		case payOn:
			if to > i || distance > payClose {
				continue
			}
			evidence = min(evidence, distance)
		case payPay, payEarn:
			evidence = min(evidence, distance)
			if to <= i && isLabel(c.text[to:i]) {
				points = payLabel
			}
		case payHour:
			if from >= i && distance <= 1 {
				points = max(points, payBeside)
			}
		case payGet:
			evidence = min(evidence, distance+8)
		case payPrice:
			if to <= i { // "the fine of 300 euros was paid"
				distance -= payPriceOf
			}
			price = min(price, distance)
			continue
		}
		here[m.kind]++
	}
	for kind := payWho; kind < payPrice; kind++ {
		switch {
		case here[kind] > 1 && kind == payEarn:
			points += payPoints[kind] + payPoints[payWho]
		case here[kind] > 0:
			points += payPoints[kind]
		case there[kind] > 0 && (kind == payWho || kind == payEarn || kind == payPay):
			points += payPoints[kind] / 2
		}
	}
	if here[payMean] > 0 {
		points += payPoints[payMean]
	}
	if price < evidence {
		points += payPoints[payPrice]
	}
	if there[payPay] > 0 && isRow(c.text[lo:hi]) {
		points += payTable
	}
	if here[payPay]+here[payEarn] == 0 && there[payPrice] > 0 {
		points += payPoints[payPrice] / 3
	}
	switch {
	case c.money.bare:
		return points >= leastBare && (here[payPay] > 0 || c.payTail(j) > j)
	case c.money.short:
		return points >= leastShort
	}
	return points >= leastPay
}

// payTail returns where the words end that say behind an amount that ends at j what it is
// for: "a month before tax".
func (c *scan) payTail(j int) int {
	s := c.aroundPay(j, j)
	for _, m := range s.marks[:s.n] {
		if at := int(m.at); at >= j && at <= j+2 && len(bytes.Trim(c.text[j:at], " ,")) == 0 {
			switch m.kind {
			case payRate, payHour, payNet, payPay, payEarn:
				j = int(m.end)
			}
		}
	}
	if j < len(c.text) && !utf8.RuneStart(c.text[j]) {
		return j
	}
	for j < len(c.text) && isAlpha(c.text[j]) && isAlpha(c.text[j-1]) {
		j++
	}
	return j
}

// isLabel reports whether between, what stands between a word and an amount, shows that
// the one names the other: "Bonus: €".
func isLabel(between []byte) bool {
	return len(between) <= 6 && len(bytes.Trim(between, " :=|\t")) == 0 && len(between) > 0
}

// isStatistic reports whether the sentence of text[i:j] tells of more than one person.
func (c *scan) isStatistic(i, j int) bool {
	s := c.aroundPay(i, j)
	lo, hi := paySentence(c.text, i, j)
	for _, m := range s.marks[:s.n] {
		if m.kind == payMean && lo <= int(m.at) && int(m.end) <= hi {
			return true
		}
	}
	return false
}

// aroundPay returns the words around text[i:j].
func (c *scan) aroundPay(i, j int) *paySurroundings {
	if c.money.words == nil {
		if p, ok := c.s.pays.Get().(*paySurroundings); ok {
			c.money.words = p
		} else {
			c.money.words = new(paySurroundings)
		}
		c.money.words.from, c.money.words.upto = 1, 0
	}
	c.work += c.money.words.read(c.text, i, j) + c.money.words.n
	return c.money.words
}

// paySentence returns the sentence around text[i:j], as far as words in it count.
func paySentence(text []byte, i, j int) (lo, hi int) {
	lo, hi = max(0, i-payBefore), min(len(text), j+payAfter)
	for k := i - 1; k > lo; k-- {
		if endsPaySentence(text, k) {
			lo = k + 1
			break
		}
	}
	for k := j; k < hi; k++ {
		if endsPaySentence(text, k) {
			hi = k
			break
		}
	}
	return lo, hi
}

// endsPaySentence reports whether a sentence ends with the byte at k: a dot behind a
// short word or a number and before a small letter does not end one.
func endsPaySentence(text []byte, k int) bool {
	switch text[k] {
	case '\n', '!', '?':
		return true
	case '.':
		if k+1 < len(text) && !space[text[k+1]] {
			return false
		}
		from := k
		for from > 0 && (isAlpha(text[from-1]) || text[from-1] >= utf8.RuneSelf) {
			from--
		}
		if n := k - from; 0 < n && n < 4 || n == 0 && isOrdinal(text, k) {
			return false
		}
		return k+2 >= len(text) || !isLower(text[k+2])
	case 0x82: // 。
		return k >= 2 && text[k-1] == 0x80 && text[k-2] == 0xe3
	case 'n':
		return k > 0 && text[k-1] == '\\'
	}
	return false
}

// isOrdinal reports whether a number of one or two digits stands before the dot at k:
// "1. Januar".
func isOrdinal(text []byte, k int) bool {
	from := k
	for from > 0 && isDigit(text[from-1]) {
		from--
	}
	return 0 < k-from && k-from <= 2 && (from == 0 || text[from-1] == ' ')
}

// isRow reports whether line has the cells of a table.
func isRow(line []byte) bool {
	for _, sep := range []byte{';', '|', '\t'} {
		if bytes.Count(line, []byte{sep}) >= 2 {
			return true
		}
	}
	commas, spaced := bytes.Count(line, []byte{','}), bytes.Count(line, []byte(", "))
	return commas-spaced >= 3
}

// pay accepts what an amount is taken for.
func pay([]byte) bool { return true }
