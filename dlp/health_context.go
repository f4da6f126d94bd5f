package dlp

import "bytes"

// What is said of health is nobody's secret until a person is near: the words of a
// detector that mean one, or a first name.

// healthChecks are the checks whose findings need a person near them.
var healthChecks = map[string]bool{checkHealth: true, checkHealthTold: true, checkHealthTest: true}

const (
	healthBefore = 160 // bytes before a condition in which a person may be named
	healthAfter  = 120 // and behind it
)

// healthContext is context for a condition, a treatment or a medicine: a word that
// says that the text is about no person outweighs those that mean one.
func (c *scan) healthContext(d *detector, i, j int) (raised, opposed bool) {
	if d.listed && softHealth(c.text[i:j]) && !predicated(c.text, i) {
		return false, false
	}
	if raised, opposed = c.healthOf(d, i, j); raised && c.figurative(i, j) {
		return false, true
	}
	return raised, opposed
}

// healthOf is healthContext by the words further away: those for a person.
func (c *scan) healthOf(d *detector, i, j int) (raised, opposed bool) {
	c.work += c.near.cover(c.s.context, c.text, i-healthBefore, j+healthAfter)
	asked := false
	for k := c.near.n - 1; k >= 0; k-- {
		w := &c.near.seen[k]
		start, end := int(w.start), int(w.end)
		if start < i-healthBefore {
			break
		}
		if end > i && start < j || start >= j+healthAfter {
			continue
		}
		c.work++
		x := &c.s.context.words[w.word]
		if x.denies.has(d.order) && !c.inOtherParagraph(start, end, i, j) {
			if !healthWords().tells(c.text[start:end], roleAsk) {
				return false, true
			}
			asked = true
		}
		raised = raised || x.raises.has(d.order)
	}
	if raised && !asked {
		return true, false
	}
	sure := c.personNear(i, j, isPerson)
	return sure, asked && !sure
}

// personNear reports whether a word around text[i:j] means a person.
func (c *scan) personNear(i, j int, means func(word, text []byte) bool) bool {
	return c.personIn(max(0, i-healthBefore), i, means) || c.personIn(j, min(len(c.text), j+healthAfter), means)
}

func (c *scan) personIn(from, to int, means func(word, text []byte) bool) bool {
	c.work += to - from
	for k := from; k < to; {
		if c.text[k] < 'A' || k > 0 && (isWord[c.text[k-1]] || c.text[k-1] >= 0x80) {
			k++
			continue
		}
		var buf [mostGiven]byte
		word, _, size := nextWord(buf[:0], c.text[k:to])
		if means(word, c.text[k:k+max(size, 1)]) {
			return true
		}
		k += max(size, 1)
	}
	return false
}

// isFirstName reports whether text, in lower case word, is a first name and nothing
// else, or the writer.
func isFirstName(word, text []byte) bool {
	if len(text) > 1 && text[0] == 'I' && (text[1] == ' ' || text[1] == '\'') {
		return true
	}
	if !startsCapital(text) || len(word) < 3 {
		return false
	}
	return givenNames().has(word) && !plainWords().has(word) && !twofoldNames().has(word) && !publicPeople().has(word)
}

// isPerson reports whether text, in lower case word, means a person for sure.
func isPerson(word, text []byte) bool {
	return healthWords().tells(word, roleWho) || isFirstName(word, text)
}

// softHealth reports whether value is a word that means a condition only behind others
// that say so.
func softHealth(value []byte) bool {
	var text folding
	text.read(value)
	size, as := healthWords().at(text.b[:text.n])
	return size > 0 && as == roleSoft
}

// listMarks stand before the parts of a list or a form.
var listMarks = []byte(",:;(/|\">\t")

// predicateWords is how many words before a soft one are looked at: "has a mild".
const predicateWords = 3

// predicated reports whether a word before text[i:] says that somebody is or has
// what follows, or it starts a part of a list.
func predicated(text []byte, i int) bool {
	if head := bytes.TrimRight(text[max(0, i-4):i], " \t"); len(head) > 0 && bytes.IndexByte(listMarks, head[len(head)-1]) >= 0 {
		return true
	}
	for range predicateWords {
		from, to := wordBefore(text, i)
		if from == to {
			return false
		}
		if healthWords().tells(text[from:to], roleSays) {
			return true
		}
		i = from
	}
	return false
}

// wordBefore returns the word that a blank parts from text[i:]; there is none at
// the start of a line or behind a full stop.
func wordBefore(text []byte, i int) (from, to int) {
	to = i
	for to > 0 && (text[to-1] == ' ' || text[to-1] == '(' || text[to-1] == ':' || text[to-1] == '"') {
		to--
	}
	if to == i {
		return i, i
	}
	from = to
	for from > 0 && (isWord[text[from-1]] || text[from-1] >= 0x80 || text[from-1] == '\'' || text[from-1] == '-') {
		from--
	}
	return from, to
}

// frontWords is how many words before a condition may belong to it.
const frontWords = 4

// healthStart returns where the words begin that belong to the condition at i:
// "severe", "admitted with".
func healthStart(text []byte, i int) int {
	start := i
	for range frontWords {
		from, to := wordBefore(text, i)
		if from == to || to != i-1 {
			break
		}
		if word := text[from:to]; healthWords().tells(word, roleFront) {
			start = from
		} else if !healthWords().tells(word, roleSays) {
			break
		}
		i = from
	}
	return start
}
