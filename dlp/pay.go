package dlp

import (
	"bytes"
	_ "embed"
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
		for from > 0 && k-from < 4 && (isAlpha(text[from-1]) || text[from-1] >= utf8.RuneSelf) {
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
