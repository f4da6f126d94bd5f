package dlp

import "bytes"

// checkPlainPair asks of two numbers that nothing but how they are written tells to be a
// place that running text speaks of them, and of no others beside them.
const checkPlainPair = "coordinates_plain"

const (
	pairLine    = 160 // bytes of its line on either side of a pair that are read
	leastBeside = 12  // letters that stand there at least,
	leastPlace  = 5   // and degrees of one of the two: smaller ones are shares and losses
)

// plainPair checks a latitude and a longitude as coordinates does: as many decimals in
// both, as devices write them, not all of them zeros, and one well away from zero.
func plainPair(value []byte) bool {
	var decimals [2]int
	k, far, round := 0, false, true
	for i := 0; i < len(value) && k < 2; i++ {
		if !isDigit(value[i]) {
			continue
		}
		n := 0
		for ; i < len(value) && isDigit(value[i]); i++ {
			n = n*10 + int(value[i]-'0')
		}
		far = far || n >= leastPlace
		for i++; i < len(value) && isDigit(value[i]); i++ {
			decimals[k]++
		}
		round = round && bytes.HasSuffix(value[:min(i, len(value))], []byte("00"))
		k++
	}
	return far && !round && decimals[0] == decimals[1] && coordinates(value)
}

// inRunningText reports whether the pair text[i:j] stands in a line of words, and is no
// part of a list, of an assignment or of a call.
func (c *scan) inRunningText(i, j int) bool {
	from, to := max(0, i-pairLine), min(len(c.text), j+pairLine)
	c.work += (to - from) / 4
	line := lastLine(c.text[from:i])
	if inList(line) || goesOnList(c.text[j:to]) {
		return false
	}
	rest, _, _ := bytes.Cut(c.text[j:to], []byte("\n"))
	letters, digits := countKinds(line)
	l, d := countKinds(rest)
	return letters+l >= leastBeside && letters+l > digits+d
}

// countKinds returns how many bytes of text are letters and digits.
func countKinds(text []byte) (letters, digits int) {
	for _, c := range text {
		if isLetter(c) {
			letters++
		} else if isDigit(c) {
			digits++
		}
	}
	return letters, digits
}

// inList reports whether what stands before a pair, on its line, joins it to numbers or
// to code.
func inList(line []byte) bool {
	k := len(line)
	for k > 0 && (line[k-1] == ' ' || line[k-1] == '-' || line[k-1] == '\t') {
		k--
	}
	if k == 0 {
		return false
	}
	switch last := line[k-1]; last {
	case '[', '{', '<', '=', '*', '+', '|', '^', '~', '@', '_', '$':
		return true
	case '(':
		for k--; k > 0 && line[k-1] == ' '; k-- {
		}
		if k == 0 {
			return false
		}
		b := line[k-1]
		return k == len(line)-1 && isWord[b] || b == '(' || b == '[' || b == ',' || b == '='
	case ',', ';', '/', ')':
		for k--; k > 0 && (line[k-1] == ' ' || line[k-1] == '('); k-- {
		}
		return k > 0 && isDigit(line[k-1])
	default:
		return isDigit(last) && k > 1 && (line[k-2] == '.' || isDigit(line[k-2])) && inFraction(line[:k])
	}
}

// inFraction reports whether text ends in a number with decimals.
func inFraction(text []byte) bool {
	k := len(text)
	for k > 0 && isDigit(text[k-1]) {
		k--
	}
	return k > 1 && text[k-1] == '.' && isDigit(text[k-2])
}

// goesOnList reports whether another number with decimals or code stands behind a pair.
func goesOnList(text []byte) bool {
	k := 0
	for _, and := range []string{" and ", " und ", " et ", " y ", " e ", " en ", " i ", " og ", " och "} {
		if bytes.HasPrefix(text, []byte(and)) {
			k = len(and)
		}
	}
	for k < len(text) && (text[k] == ' ' || text[k] == ',' || text[k] == ';' || text[k] == ')' || text[k] == '(' || text[k] == '-') {
		k++
	}
	if k == len(text) {
		return false
	}
	switch text[k] {
	case ']', '}', '*', '=', '|', '^', '_', '%', '+', '&':
		return true
	}
	from := k
	for k < len(text) && isDigit(text[k]) {
		k++
	}
	return from < k && k+1 < len(text) && text[k] == '.' && isDigit(text[k+1])
}
