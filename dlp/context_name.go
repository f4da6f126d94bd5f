package dlp

import "bytes"

// nameAfter is how far behind a name in running text a word may stand that says
// whose it is.
const nameAfter = 90

// nameContext is context for words that may be a name: it holds what the nearest
// word on either side says, and what stands right beside the name.
func (c *scan) nameContext(d *detector, i, j int) (raised, opposed bool) {
	c.work += c.near.cover(c.s.context, c.text, i-d.within, j+nameAfter)
	forIt, against := -1, -1
	for k := c.near.n - 1; k >= 0; k-- {
		w := &c.near.seen[k]
		start, end := int(w.start), int(w.end)
		if start < i-d.within {
			break
		}
		away := 0
		switch {
		case start >= j+nameAfter:
			continue
		case start >= j:
			away = start - j
		case end <= i:
			away = i - end
		default:
			continue // the words of the name itself say nothing
		}
		c.work++
		x := &c.s.context.words[w.word]
		if x.raises.has(d.order) && (forIt < 0 || away < forIt) {
			forIt = away
		}
		if x.against.has(d.order) && (against < 0 || away < against) {
			against = away
		}
	}
	if c.publicEnd > 0 && c.publicEnd <= i && i-c.publicEnd <= publicBytes {
		against = 0 // people are listed with their like
	}
	if holdsRights(lastLine(c.text[max(0, i-besideBytes):i])) {
		against = 0
	}
	if (c.besideName(i, j) || c.listed(d, i) || !d.alone && (c.afterPerson(i) || c.signed(i, j))) && (forIt < 0 || forIt > besideAway) {
		forIt = besideAway
	}
	c.work += besideWork
	opposed = against >= 0 && (forIt < 0 || against <= forIt)
	return forIt >= 0 && !opposed, opposed
}

const (
	besideAway  = 8 // what stands right beside a name counts as a word so far away
	besideWork  = 64
	besideBytes = 48 // how far from a name an address or a number may stand, on its line
)

// besideName reports whether something that goes with a private person stands
// beside text[i:j]: a role in brackets, what the person says, an address of mail,
// a long number.
func (c *scan) besideName(i, j int) bool {
	return roleInBrackets(c.text[j:]) || c.speaks(i, j) ||
		reaches(c.text[j:min(len(c.text), j+besideBytes)]) || reaches(lastLine(c.text[max(0, i-besideBytes):i]))
}

// listed reports whether another name of private persons stands shortly before
// place i, as in "Present: Ellen Marsh, Jonas Brandt".
func (c *scan) listed(d *detector, i int) bool {
	n := len(c.hits)
	return n > c.base && c.hits[n-1].order == d.order && c.hits[n-1].End <= i && i-c.hits[n-1].End <= listBytes
}

// holdsRights reports whether the line before a name says whose the rights to a
// program are, which is no secret: "Copyright (c) 2002".
func holdsRights(line []byte) bool {
	for _, mark := range []string{"opyright", "OPYRIGHT", "(c) ", "(C) ", "©"} {
		if bytes.Contains(line, []byte(mark)) {
			return true
		}
	}
	return false
}

// publicBytes is how far behind a name that all know others are taken for such, too.
const publicBytes = 40

// listBytes is how far apart the names of a list stand at most.
const listBytes = 12

// roleInBrackets reports whether text starts with one to four words in brackets,
// such as " (Einkauf)".
func roleInBrackets(text []byte) bool {
	if len(text) < 5 || text[0] != ' ' || text[1] != '(' {
		return false
	}
	for k := 2; k < min(len(text), besideBytes); k++ {
		switch x := text[k]; {
		case x == ')':
			return k > 3
		case !inName(x) && x != '/' && x != '&' && (x != ' ' || k == 2):
			return false
		}
	}
	return false
}

// speaks reports whether text[i:j] stands in front of what somebody says, as in a
// chat: at the start of a line or behind a time, with a colon behind it.
func (c *scan) speaks(i, j int) bool {
	if j+1 >= len(c.text) || c.text[j] != ':' || c.text[j+1] != ' ' {
		return false
	}
	for i > 0 && (c.text[i-1] == ' ' || c.text[i-1] == '*' || c.text[i-1] == '-') {
		i--
	}
	return i == 0 || c.text[i-1] == '\n' || c.text[i-1] == ']' || isDigit(c.text[i-1])
}

// lastLine returns the end of text behind its last line break.
func lastLine(text []byte) []byte { return text[bytes.LastIndexByte(text, '\n')+1:] }

// leastReaching is how many digits a number of a telephone or an account has.
const leastReaching = 6

// reaches reports whether the first line of text holds an address of mail or as
// many digits in a row as one can be called by.
func reaches(text []byte) bool {
	digits := 0
	for k, x := range text {
		switch {
		case x == '\n':
			return false
		case x == '@':
			return k > 0 && isAlnum(text[k-1]) && k+1 < len(text) && isAlnum(text[k+1])
		case isDigit(x):
			if digits++; digits == leastReaching {
				return true
			}
		case !isSeparator(x) || x == '-' && digits == 4: // "1871-1910" are years
			digits = 0
		}
	}
	return false
}
