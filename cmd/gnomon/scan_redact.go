package main

import (
	"context"
	"fmt"
	"io"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// redactor writes a text of any size with its findings replaced, while it is
// scanned. It holds what the scanner has not settled yet: one window.
type redactor struct {
	out      io.Writer
	style    traffic.Style
	text     []byte // not written yet
	base     int    // where it lies in the whole
	findings []traffic.Finding
	found    bool
}

// isReplaced reports whether findings of a class are replaced in a file: programs
// stay, without the values in them.
func isReplaced(c traffic.Class) bool { return c != traffic.ClassSourceCode }

// redactStream scans plain text of any size and writes it with its findings
// replaced.
func redactStream(ctx context.Context, s *dlp.Scanner, style traffic.Style, name string, in io.Reader, out io.Writer, notes *scanNotes) (found bool, err error) {
	r := redactor{out: out, style: style}
	st := s.Stream(streamWindow, func(f traffic.Finding) {
		r.found = true
		if isReplaced(f.Class) {
			r.findings = append(r.findings, f)
		}
	})
	buf := make([]byte, 256<<10)
	defer clear(buf)
	for {
		if err := ctx.Err(); err != nil {
			return r.found, err
		}
		n, err := in.Read(buf)
		r.text = append(r.text, buf[:n]...)
		st.Write(buf[:n])
		if err != nil && err != io.EOF {
			return r.found, wrapRead(name, err)
		}
		end := err == io.EOF
		upto := st.Settled()
		if end {
			st.Close()
			notes.skipped(name, st.Skipped())
			upto = r.base + len(r.text)
		}
		if err := r.write(upto); err != nil {
			return r.found, fmt.Errorf("writing the redacted text: %w", err)
		}
		if end {
			return r.found, nil
		}
	}
}

// write writes what lies before byte upto of the whole: no further finding starts
// there. A finding that ends behind it is replaced now.
func (r *redactor) write(upto int) error {
	at, kept := 0, 0
	for i := range r.findings {
		f := &r.findings[i]
		if f.Start >= upto {
			r.findings[kept] = *f
			kept++
			continue
		}
		if f.End-r.base <= at {
			continue // of one encoded run
		}
		f.Start, f.End = max(f.Start-r.base, at), f.End-r.base
		if _, err := r.out.Write(r.text[at:f.Start]); err != nil {
			return err
		}
		if _, err := io.WriteString(r.out, r.style.Replace(f, r.text)); err != nil {
			return err
		}
		at = f.End
	}
	r.findings = r.findings[:kept]
	if next := upto - r.base; next > at {
		if _, err := r.out.Write(r.text[at:next]); err != nil {
			return err
		}
		at = next
	}
	rest := copy(r.text, r.text[at:])
	clear(r.text[rest:])
	r.text, r.base = r.text[:rest], r.base+at
	return nil
}
