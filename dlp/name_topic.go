package dlp

import (
	"bytes"
	_ "embed"
	"strings"
	"sync"
)

// Some first names are those of programs, months, plants and figures of games as well.
// What else its line speaks of tells such a thing from a person.

// topics is a set of what a text may be about.
type topics uint8

// nameTopics is what nametopics.txt holds.
type nameTopics struct {
	names, words map[string]topics
	any          topics // those that tell it of any name
}

//go:embed nametopics.txt
var topicText string

var topicWords = sync.OnceValue(func() *nameTopics {
	all := &nameTopics{names: make(map[string]topics), words: make(map[string]topics)}
	bits := make(map[string]topics)
	for line := range strings.Lines(topicText) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] == "#" {
			continue
		}
		if bits[f[0]] == 0 {
			bits[f[0]] = 1 << len(bits)
		}
		into := all.words
		if f[1] == "names" {
			into = all.names
		}
		for _, w := range f[2:] {
			into[w] |= bits[f[0]]
		}
	}
	all.any = bits["fiction"]
	return all
})

const topicWide = 100 // bytes around a name that are looked at

// topical reports whether the words around text[i:j], a first name in small letters, tell
// that something else of that name is meant.
func (c *scan) topical(name []byte, i, j int) bool {
	t := topicWords()
	wanted := t.any | t.names[string(name)]
	from, to := max(0, i-topicWide), min(len(c.text), j+topicWide)
	if k := bytes.LastIndexByte(c.text[from:i], '\n'); k >= 0 {
		from += k + 1
	}
	if k := bytes.IndexByte(c.text[j:to], '\n'); k >= 0 {
		to = j + k
	}
	c.work += to - from
	var buf [mostGiven]byte
	for from < to {
		word, _, size := nextWord(buf[:0], c.text[from:to])
		if t.words[string(word)]&wanted != 0 {
			return true
		}
		from += max(size, 1)
	}
	return false
}
