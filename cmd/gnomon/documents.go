package main

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/dlp/document"
	"github.com/gnomon-proxy/gnomon/prompt"
	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	documentTime  = 10 * time.Second // for all files of one request
	documentText  = 1 << 20          // bytes of text that any file may have,
	documentRatio = 8                // and so many for each of its own bytes
	documentFiles = 2000             // files inside files
)

// documents reads the files that are attached to prompts, for all requests: how
// many at one time and how much text they have in all is bounded.
type documents struct {
	ocr   *document.OCR
	room  int64         // text of the files of one request
	time  time.Duration // for them
	slots chan struct{} // one for each file that is being read

	mu   sync.Mutex
	free int64 // bytes that texts may still borrow
}

// newDocuments makes the texts of documents borrow from half as much memory as
// bodies do, which they are made of.
func newDocuments(s Settings) *documents {
	d := &documents{
		ocr: newOCR(s.DLP, s.DLP.OCRCommand), room: int64(s.Proxy.MaxScanBytes), time: documentTime,
		slots: make(chan struct{}, 2*runtime.GOMAXPROCS(0)), free: int64(s.Proxy.ScanMemory) / 2,
	}
	if d.ocr != nil {
		d.time += s.DLP.OCRTimeout
	}
	d.room = min(d.room, d.free/4)
	return d
}

// newOCR returns nil when command is empty.
func newOCR(s DLPSettings, command []string) *document.OCR {
	if len(command) == 0 {
		return nil
	}
	return document.NewOCR(command, s.OCRTimeout, int(s.OCRProcesses))
}

// Open implements prompt.Documents.
func (d *documents) Open() prompt.DocumentReader {
	return &documentReader{of: d, room: d.room, time: d.time}
}

func (d *documents) borrow(n int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n > d.free {
		return false
	}
	d.free -= n
	return true
}

func (d *documents) giveBack(n int64) {
	d.mu.Lock()
	d.free += n
	d.mu.Unlock()
}

// documentReader reads the files of one request.
type documentReader struct {
	of   *documents
	room int64         // text that is left to them,
	time time.Duration // and time
	lent int64
}

// Close implements prompt.DocumentReader.
func (r *documentReader) Close() {
	r.of.giveBack(r.lent)
	r.lent = 0
}

// Read implements prompt.DocumentReader.
func (r *documentReader) Read(data []byte) *prompt.Document {
	most := min(r.room, documentText+documentRatio*int64(len(data)))
	if most <= 0 || r.time <= 0 {
		return notRead(document.TooLarge, traffic.ReasonOverLimit)
	}
	need := int64(len(data)) + 2*most // the text, and what is unpacked for it
	if !r.of.borrow(need) {
		return notRead("no memory", traffic.ReasonScanMemory)
	}
	text := r.read(data, most)
	if text == nil || text.Format == document.Unknown {
		r.of.giveBack(need)
		if text == nil {
			return notRead(document.OutOfTime, traffic.ReasonOverLimit)
		}
		return nil
	}
	kept := min(need, int64(len(data)+len(text.Bytes)))
	r.of.giveBack(need - kept)
	r.lent += kept
	r.room -= int64(len(text.Bytes))
	return asDocument(text)
}

// read returns nil when there was no time left to begin.
func (r *documentReader) read(data []byte, most int64) *document.Text {
	start := time.Now()
	defer func() { r.time -= time.Since(start) }()
	ctx, cancel := context.WithTimeout(context.Background(), r.time)
	defer cancel()
	select {
	case r.of.slots <- struct{}{}:
		defer func() { <-r.of.slots }()
	case <-ctx.Done():
		return nil
	}
	return document.Read(ctx, data, document.Options{OCR: r.of.ocr, Text: most, Unpacked: 4 * most, Entries: documentFiles, Time: r.time})
}

func notRead(why document.Reason, reason string) *prompt.Document {
	return &prompt.Document{Gaps: []traffic.Gap{{Reason: string(why)}}, Unread: []string{reason}}
}

func asDocument(t *document.Text) *prompt.Document {
	d := &prompt.Document{Text: t.Bytes, Place: func(off int) string { return t.Place(off).String() }}
	for _, g := range t.Gaps {
		d.Gaps = append(d.Gaps, traffic.Gap{Place: g.Place.String(), Reason: string(g.Reason), Detail: g.Detail})
		if reason := coverageReason(g.Reason); reason != "" {
			d.Unread = append(d.Unread, reason)
		}
	}
	return d
}

// coverageReason returns what a gap is in the coverage of a request; "": nothing
// that anybody would read.
func coverageReason(r document.Reason) string {
	switch r {
	case document.Font:
		return ""
	case document.Encrypted:
		return traffic.ReasonEncrypted
	case document.Damaged:
		return traffic.ReasonDamaged
	case document.TooDeep, document.TooMany, document.TooLarge, document.Bomb, document.Entities, document.OutOfTime:
		return traffic.ReasonOverLimit
	case document.ReaderFailed:
		return traffic.ReasonReaderFailure
	}
	return traffic.ReasonFormat
}
