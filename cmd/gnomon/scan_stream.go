package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/dlp/document"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Sizes from which a file is scanned as it is read instead of as a whole.
const (
	streamText   = 4 << 20 // plain text
	streamTable  = 8 << 20 // tables, which lose the cells of their findings
	streamWindow = 1 << 20 // of the stream: 2 % is read twice
)

// openStream reads the beginning of a file and tells whether the file is to be
// scanned as a stream: it is plain text, or a table, and large.
func openStream(in io.Reader, name string, notes io.Writer) (head []byte, streams bool, err error) {
	head, err = readUpTo(in, nil, streamText)
	if err != nil || len(head) < streamText {
		return head, false, wrapRead(name, err)
	}
	switch document.Detect(head) {
	case document.PlainText:
		return head, true, nil
	case document.CSV:
		head, err = readUpTo(in, head, streamTable)
		if err != nil || len(head) < streamTable {
			return head, false, wrapRead(name, err)
		}
		fmt.Fprintf(notes, "%s: larger than %d MiB, findings are without cells\n", name, streamTable>>20)
		return head, true, nil
	}
	return head, false, nil
}

// readUpTo appends what in has to head, up to n bytes in all.
func readUpTo(in io.Reader, head []byte, n int64) ([]byte, error) {
	more, err := io.ReadAll(io.LimitReader(in, n-int64(len(head))))
	if len(head) == 0 {
		return more, err
	}
	return append(head, more...), err
}

func wrapRead(name string, err error) error {
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}

// scanStream scans plain text of any size in the memory of a window.
func scanStream(ctx context.Context, s *dlp.Scanner, name string, in io.Reader, out io.Writer, notes *scanNotes) (found bool, err error) {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	var failed error
	st := s.Stream(streamWindow, func(f traffic.Finding) {
		found = true
		if failed == nil {
			failed = enc.Encode(fileFinding{File: name, foundJSON: foundJSON{f.Detector, f.Class, f.Start, f.End, f.Confidence, f.Via}})
		}
	})
	buf := make([]byte, 256<<10)
	for failed == nil {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		n, err := in.Read(buf)
		st.Write(buf[:n])
		if err == io.EOF {
			break
		}
		if err != nil {
			return found, wrapRead(name, err)
		}
	}
	st.Close()
	notes.skipped(name, st.Skipped())
	clear(buf)
	if failed != nil {
		return found, fmt.Errorf("writing findings: %w", failed)
	}
	return found, nil
}
