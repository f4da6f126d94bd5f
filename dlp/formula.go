package dlp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// newValidator returns the check that a detector names: one of validators, or a
// formula. Most check digits are weighted sums, which are data, not code.
//
// A formula is read from left to right over the letters, in upper case, and
// digits of a value:
//
//	luhn                                 any check by name
//	len 9 11                             as many characters
//	sum 3 2 7 6 5 4 3 2 1 mod 11         the weighted sum leaves no remainder
//	sum 3 2 7 6 5 4 3 2 mod 11 of 0-987  or the remainder picks the next character; "-" is none
//	date ddmmyy                          the first six are a day
//	in 345 from 2                        the third character is one of these
//	starts DE                            the first characters are these
//
// Behind a sum: "else 5 4 ..." weighs again where the remainder picks "?", which
// is a zero where no weights are left; "right" puts the last weight on the last
// character (with "of", on the one before it) however short the value is; "plus
// 5" adds a constant; "digits" and "last" take the sum of the digits, or the last digit, of each
// product; "at 0" says where the picked character stands; "values 0123..XYZ"
// says what characters are worth (else A is 10, as in base 36). "from 2" skips the first
// two characters, for any step, and "to 9" those from the ninth on. Steps are joined by ";": all must hold; ways by
// "|": one must.
func newValidator(text string) (func([]byte) bool, error) {
	if text == "" {
		return nil, nil
	}
	if f := validators[text]; f != nil {
		return f, nil
	}
	var f formula
	for _, way := range strings.Split(text, "|") {
		var w formulaWay
		for _, s := range strings.Split(way, ";") {
			parsed, err := parseStep(strings.Fields(s))
			if err != nil {
				return nil, fmt.Errorf("validator %q: %w", text, err)
			}
			w.add(&parsed)
		}
		f = append(f, w)
	}
	return f.holds, nil
}

// formula is the ways in which a value may be right.
type formula []formulaWay

// formulaWay is the steps that must hold.
type formulaWay struct {
	lengths uint64 // bits: how long the value may be, which is asked first
	starts  string // what it starts with, which is asked then: some have a way for each country
	steps   []step
}

func (w *formulaWay) add(s *step) {
	if s.starts != "" && w.starts == "" && s.from == 0 && s.to < 0 {
		w.starts = s.starts
		return
	}
	if s.lengths == nil {
		w.steps = append(w.steps, *s)
		return
	}
	bits := uint64(0)
	for _, n := range s.lengths {
		if n < 64 { // no value is longer
			bits |= 1 << n
		}
	}
	if w.lengths != 0 {
		bits &= w.lengths
	}
	if w.lengths = bits; bits == 0 {
		w.lengths = 1 // the empty value, which none is
	}
}

// step is one condition. Of check, lengths, date, in, starts and weights one is set.
type step struct {
	check   func([]byte) bool
	lengths []int
	date    string
	in      string
	starts  string

	weights [][]int
	mod     int
	plus    int
	right   bool
	product byte   // 0: as it is; 'd': the sum of its digits; 'l': its last digit
	table   string // what a remainder picks; "": it must be 0
	at      int    // where; -1: behind the weighed ones
	values  string

	from, to int
}

func parseStep(words []string) (s step, err error) {
	s.at, s.to = -1, -1
	if len(words) == 0 {
		return s, errors.New("an empty step")
	}
	var list *[]int
	head, rest := words[0], words[1:]
	switch head {
	case "len":
		list = &s.lengths
	case "sum":
		s.weights = [][]int{nil}
		list = &s.weights[0]
	case "date":
		if len(rest) == 0 || !isDateForm(rest[0]) {
			return s, errors.New("give a date as yymmdd, ddmmyyyy or the like")
		}
		s.date, rest = rest[0], rest[1:]
	case "in":
		if len(rest) == 0 {
			return s, errors.New("nothing follows \"in\"")
		}
		s.in, rest = rest[0], rest[1:]
	case "starts":
		if len(rest) == 0 {
			return s, errors.New("nothing follows \"starts\"")
		}
		s.starts, rest = rest[0], rest[1:]
	default:
		if s.check = validators[head]; s.check == nil {
			return s, fmt.Errorf("unknown validator %q", head)
		}
	}
	for len(rest) > 0 {
		word := rest[0]
		rest = rest[1:]
		if n, err := strconv.Atoi(word); err == nil && list != nil {
			*list = append(*list, n)
			continue
		}
		list = nil
		switch word {
		case "else":
			s.weights = append(s.weights, nil)
			list = &s.weights[len(s.weights)-1]
			continue
		case "digits", "last":
			s.product = word[0]
			continue
		case "right":
			s.right = true
			continue
		}
		if len(rest) == 0 {
			return s, fmt.Errorf("nothing follows %q", word)
		}
		argument := rest[0]
		rest = rest[1:]
		switch word {
		case "of":
			s.table = argument
			continue
		case "values":
			s.values = argument
			continue
		}
		n, err := strconv.Atoi(argument)
		if err != nil || n < 0 && word != "plus" {
			return s, fmt.Errorf("%s %q is no number", word, argument)
		}
		switch word {
		case "mod":
			s.mod = n
		case "plus":
			s.plus = n
		case "at":
			s.at = n
		case "from":
			s.from = n
		case "to":
			s.to = n
		default:
			return s, fmt.Errorf("unknown word %q", word)
		}
	}
	if s.weights != nil && (s.mod < 2 || s.table != "" && len(s.table) != s.mod) {
		return s, fmt.Errorf("a sum needs a modulus, and as many characters to pick from as it has remainders")
	}
	return s, nil
}

func isDateForm(s string) bool {
	for i := range len(s) {
		if strings.IndexByte("ymd", s[i]) < 0 {
			return false
		}
	}
	return strings.Contains(s, "mm") && strings.Contains(s, "dd")
}

// holds reports whether value is right in one of the ways. A value of one
// repeated character is a filler, whatever its check says.
func (f formula) holds(value []byte) bool {
	var buf [48]byte
	v := plain(buf[:0], value)
	if len(v) == 0 || len(v) > 4 && (same(v) || zeros(v)) {
		return false
	}
	for i := range f {
		if w := &f[i]; w.mayHold(v) && allHold(w.steps, v) {
			return true
		}
	}
	return false
}

// mayHold reports whether v, which is not empty, is as long as w asks, and starts so.
func (w *formulaWay) mayHold(v []byte) bool {
	if w.lengths != 0 && w.lengths>>len(v)&1 == 0 {
		return false
	}
	return w.starts == "" || v[0] == w.starts[0] && len(v) >= len(w.starts) && string(v[:len(w.starts)]) == w.starts
}

func allHold(steps []step, v []byte) bool {
	for i := range steps { // a step is large: not by value
		if !steps[i].holds(v) {
			return false
		}
	}
	return true
}

// zeros reports whether v has no digit but zeros.
func zeros(v []byte) bool {
	n := 0
	for _, c := range v {
		if '0' < c && c <= '9' {
			return false
		}
		if c == '0' {
			n++
		}
	}
	return n != 1 // the one digit of "A0BMAJ" is no filler
}

func (s *step) holds(v []byte) bool {
	if s.from > len(v) || s.to > len(v) || s.to >= 0 && s.from > s.to {
		return false
	}
	if s.to >= 0 {
		v = v[:s.to]
	}
	v = v[s.from:]
	switch {
	case s.check != nil:
		return s.check(v)
	case s.date != "":
		return s.isDate(v)
	case s.in != "":
		return len(v) > 0 && strings.IndexByte(s.in, v[0]) >= 0
	case s.starts != "":
		return len(v) >= len(s.starts) && string(v[:len(s.starts)]) == s.starts
	}
	for i, weights := range s.weights {
		if s.right {
			n := len(v)
			if s.table != "" {
				n--
			}
			if n < 1 || n > len(weights) {
				return false
			}
			weights = weights[len(weights)-n:]
		}
		sum, ok := s.sum(v, weights)
		if !ok {
			return false
		}
		r := sum % s.mod
		if r < 0 { // a weight may be negative
			r += s.mod
		}
		if s.table == "" {
			return r == 0
		}
		want := s.table[r]
		if want == '?' {
			if i+1 < len(s.weights) {
				continue
			}
			want = '0'
		}
		at := s.at
		if at < 0 {
			at = len(weights)
		}
		return want != '-' && at < len(v) && v[at] == want
	}
	return false
}

// sum weighs the first characters of v.
func (s *step) sum(v []byte, weights []int) (sum int, ok bool) {
	if len(v) < len(weights) {
		return 0, false
	}
	if s.values == "" && s.product == 0 {
		for i, w := range weights {
			sum += w * int(base36[v[i]])
		}
		return sum + s.plus, true
	}
	for i, w := range weights {
		if w == 0 {
			continue
		}
		x := int(base36[v[i]])
		if s.values != "" {
			if x = strings.IndexByte(s.values, v[i]); x < 0 {
				return 0, false
			}
		}
		x *= w
		switch s.product {
		case 'd':
			x = x/100 + x/10%10 + x%10
		case 'l':
			x %= 10
		}
		sum += x
	}
	return sum + s.plus, true
}

// base36 is what digits and capitals are worth.
var base36 = func() (t [256]uint8) {
	for c := range t {
		switch x := byte(c); {
		case isDigit(x):
			t[c] = x - '0'
		case isUpper(x):
			t[c] = x - 'A' + 10
		}
	}
	return t
}()

// isDate reports whether v starts with a day in the form of s.
func (s *step) isDate(v []byte) bool {
	if len(v) < len(s.date) {
		return false
	}
	var year, month, day int
	for i := range len(s.date) {
		if !isDigit(v[i]) {
			return false
		}
		x := int(v[i] - '0')
		switch s.date[i] {
		case 'y':
			year = year*10 + x
		case 'm':
			month = month*10 + x
		default:
			day = day*10 + x
		}
	}
	if strings.Contains(s.date, "yyyy") && (year < 1850 || year > 2099) {
		return false
	}
	return date(month, day)
}
