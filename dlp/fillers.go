package dlp

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed fillers.txt
var fillerText string

// fillerLists are the lists of fillers.txt.
type fillerLists struct {
	stems, endings []string
	stemStarts     wordStarts
	words          map[string]bool
}

var fillers = sync.OnceValue(func() *fillerLists {
	lists := readLists(fillerText)
	f := &fillerLists{stems: lists["stem"], endings: lists["ending"], words: make(map[string]bool)}
	for _, stem := range f.stems {
		f.stemStarts.add(stem)
	}
	for _, word := range lists["word"] {
		f.words[word] = true
	}
	return f
})

// readLists returns the words of lines by the name, in square brackets, on the line
// above them.
func readLists(text string) map[string][]string {
	lists := make(map[string][]string)
	name := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[' && line[len(line)-1] == ']':
			name = strings.Trim(line, "[]")
		default:
			lists[name] = append(lists[name], strings.Fields(line)...)
		}
	}
	return lists
}
