package dlp

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

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
	c.work += c.near.cover(c.s.context, c.text, i-healthBefore, j+healthAfter)
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
		if x.denies.has(d.order) {
			return false, true
		}
		raised = raised || x.raises.has(d.order)
	}
	return raised || c.firstNameNear(i, j), false
}

// firstNameNear reports whether a word around text[i:j] is a first name and nothing
// else.
func (c *scan) firstNameNear(i, j int) bool {
	return c.firstNameIn(max(0, i-healthBefore), i) || c.firstNameIn(j, min(len(c.text), j+healthAfter))
}

func (c *scan) firstNameIn(from, to int) bool {
	c.work += to - from
	for k := from; k < to; {
		if c.text[k] < 'A' || k > 0 && (isWord[c.text[k-1]] || c.text[k-1] >= 0x80) {
			k++
			continue
		}
		var buf [mostGiven]byte
		word, _, size := nextWord(buf[:0], c.text[k:to])
		if r, _ := utf8.DecodeRune(c.text[k:]); unicode.IsUpper(r) && len(word) > 2 && isFirstName(word) {
			return true
		}
		k += max(size, 1)
	}
	return false
}

func isFirstName(word []byte) bool {
	return givenNames().has(word) && !plainWords().has(word) && !twofoldNames().has(word) && !publicPeople().has(word)
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

// healthStart returns where the words begin that belong to the condition at i:
// "severe", "chronic".
func healthStart(text []byte, i int) int {
	for range predicateWords {
		from, to := wordBefore(text, i)
		if from == to || to != i-1 || !healthWords().tells(text[from:to], roleFront) {
			return i
		}
		i = from
	}
	return i
}
