package dlp

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
)

// The length of a key or token that only the words around it tell of. What is
// shorter could be an identifier, what is longer is data.
const (
	leastRandom = 20
	mostRandom  = 200
)

// randomRun tries the run of base64 text[i:j] as a key that was drawn at random.
func (c *scan) randomRun(i, j int) {
	if len(c.s.random) == 0 || j-i < leastRandom || j-i > mostRandom {
		return
	}
	for ; i < j && (c.text[i] == '-' || c.text[i] == '/'); i++ { // an option, a path
	}
	if i < j && j < len(c.text) && c.text[j] == '(' && isAlpha(c.text[i]) { // the name of what is called
		return
	}
	if c.wrapped(i, j) {
		return
	}
	for _, d := range c.s.random {
		end, work := d.auto.match(c.text, i)
		c.work += work + workTry
		if end >= j && !c.spent(i) {
			c.judge(d, i, end, false)
		}
	}
}

// byChance reports whether nothing but its looks says that h is a key.
func (s *Scanner) byChance(h Hit) bool {
	return slices.ContainsFunc(s.random, func(d *detector) bool { return d.order == h.order })
}

// wrapped reports whether text[i:j] is a line of many: there is as long a run on
// the line before it or behind it.
func (c *scan) wrapped(i, j int) bool {
	k := i
	for k > 0 && k > i-24 && space[c.text[k-1]] {
		k--
	}
	if k < i && k >= minWrap && lineBetween(c.text[k:i]) && allRun(c.text[k-minWrap:k]) {
		return true
	}
	k = j
	for k < len(c.text) && k < j+24 && space[c.text[k]] {
		k++
	}
	return k > j && k+minWrap <= len(c.text) && lineBetween(c.text[j:k]) && allRun(c.text[k:k+minWrap])
}

func lineBetween(s []byte) bool { return bytes.IndexByte(s, '\n') >= 0 }

// allRun reports whether s is nothing but base64.
func allRun(s []byte) bool {
	for _, x := range s {
		if value64[x] > 63 {
			return false
		}
	}
	return true
}

// random checks that a value is no name, path, time or identifier: its letters
// and digits take turns, and its letters follow one another, as they do in what
// was drawn at random.
func random(value []byte) bool {
	var digits, letters, turns int
	hexadecimal := true
	before := otherByte
	for _, c := range value {
		kind := kinds[c]
		switch {
		case isDigit(c):
			kind = digitByte
			digits++
		case !isAlpha(c):
			hexadecimal = false
			continue
		default:
			letters++
			hexadecimal = hexadecimal && c|0x20 <= 'f'
		}
		if before != otherByte && before != kind {
			turns++
		}
		before = kind
	}
	return digits >= 2 && letters >= 4 && turns*9 >= 2*(digits+letters) && (hexadecimal || !wordly(value)) && !isUUID(value)
}

// wordly reports whether the letters of value follow one another as in words.
func wordly(value []byte) bool {
	pairs, common := 0, 0
	for i := 1; i < len(value); i++ {
		if a, b := value[i-1]|0x20, value[i]|0x20; isLower(a) && isLower(b) {
			pairs++
			common += int(commonPairs[a-'a'] >> (b - 'a') & 1)
		}
	}
	return common*20 >= max(11*pairs, 1)
}

//go:embed pairs.txt
var pairLines string

// commonPairs are the pairs of pairs.txt, by the first letter.
var commonPairs = func() (t [26]uint32) {
	for line := range strings.Lines(pairLines) {
		if first, rest, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && len(first) == 1 {
			for _, second := range []byte(rest) {
				t[first[0]-'a'] |= 1 << (second - 'a')
			}
		}
	}
	return t
}()

// isUUID reports whether value is written as RFC 9562 has it.
func isUUID(value []byte) bool {
	if len(value) != 36 {
		return false
	}
	for i, c := range value {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !isDigit(c) && (c|0x20)-'a' >= 6 {
			return false
		}
	}
	return true
}
