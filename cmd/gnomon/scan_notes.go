package main

import (
	"fmt"
	"io"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/dlp/document"
)

// scanNotes is where scan says what it did not inspect. It keeps in mind whether there was
// any: "nothing found" is then no answer.
type scanNotes struct {
	io.Writer
	partial bool
}

// gaps says which parts of a file could not be read. A binary of no known format was
// searched as it stands.
func (n *scanNotes) gaps(name string, gaps []document.Gap) {
	for i := range gaps {
		n.partial = n.partial || gaps[i].Reason != document.Binary || gaps[i].More > 0
	}
	printGaps(n, name, gaps)
}

// skipped says which places of a text were not tried.
func (n *scanNotes) skipped(name string, s dlp.Skipped) {
	if s.Places > 0 {
		n.partial = true
		fmt.Fprintf(n, "%s: not inspected: %s\n", name, s)
	}
}
