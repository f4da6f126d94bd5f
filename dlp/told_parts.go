package dlp

import (
	"bytes"
	_ "embed"
	"sync"
)

//go:embed told_parts.txt
var toldPartsText string

// toldParts are the lists of told_parts.txt, by their names.
var toldParts = sync.OnceValue(func() map[string][]string { return readLists(toldPartsText) })

// hasPart reports whether word, in lower case, has one of the list in it.
func hasPart(word []byte, list string) bool {
	for _, part := range toldParts()[list] {
		if bytes.Contains(word, []byte(part)) {
			return true
		}
	}
	return false
}
