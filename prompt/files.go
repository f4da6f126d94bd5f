package prompt

import (
	"bytes"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Documents reads the text out of attached files.
type Documents interface {
	// Open returns a reader for the files of one request: its limits hold for all
	// of them together.
	Open() DocumentReader
}

// DocumentReader reads the files of one request, one after the other.
type DocumentReader interface {
	// Read returns what is in a file, nil if it is of no kind that can be read. The
	// text lives until Close.
	Read(data []byte) *Document
	Close()
}

// Document is what was read in a file.
type Document struct {
	Text   []byte
	Place  func(off int) string // where in the file a byte of Text stood
	Gaps   []traffic.Gap        // what was not read, without Part
	Unread []string             // why: reasons of a coverage
}

// maxGaps bounds the gaps that a prompt lists.
const maxGaps = 100

// Reading returns a Codec that has d read attached files. Without one they are
// noted as unread.
func (c *Codec) Reading(d Documents) *Codec {
	return &Codec{roots: c.roots, documents: d}
}

// files reads the files of one request. A nil one reads none.
type files struct {
	documents Documents
	open      DocumentReader // from the first file on
}

func (f *files) read(data []byte) *Document {
	if f == nil || len(data) == 0 {
		return nil
	}
	if f.open == nil {
		f.open = f.documents.Open()
	}
	return f.open.Read(data)
}

// close gives back what was borrowed for the texts.
func (f *files) close() {
	if f != nil && f.open != nil {
		f.open.Close()
		f.open = nil
	}
}

// add adds the part of a file that is no text: with the text that is read in it,
// or without one, noted as unread.
func (f *files) add(p *traffic.Prompt, part traffic.Part, data []byte) {
	p.Files++
	d := f.read(data)
	if d == nil {
		p.Parts = append(p.Parts, part)
		unread(p, traffic.ReasonFormat)
		return
	}
	for _, g := range d.Gaps {
		if len(p.Gaps) < maxGaps {
			g.Part = len(p.Parts)
			p.Gaps = append(p.Gaps, g)
		}
	}
	for _, reason := range d.Unread {
		unread(p, reason)
	}
	if len(d.Text) > 0 {
		part.Text, part.Place = d.Text, d.Place
	}
	p.Parts = append(p.Parts, part)
}

// addWritten is add for a file that is written in text, such as a PDF without
// compression. It reports whether it is read: what only begins like one is text.
func (f *files) addWritten(p *traffic.Prompt, part traffic.Part, data []byte) bool {
	if !isWritten(data) {
		return false
	}
	d := f.read(data)
	if d == nil || len(d.Text) == 0 || len(d.Unread) > 0 {
		return false
	}
	part.Text, part.Place = d.Text, d.Place
	p.Parts = append(p.Parts, part)
	p.Files++
	return true
}

// isWritten reports whether data begins like a document that may be ASCII and
// whose text is not what a reader of the bytes sees.
func isWritten(data []byte) bool {
	return bytes.HasPrefix(data, []byte("%PDF-")) || bytes.HasPrefix(data, []byte(`{\rtf`))
}
