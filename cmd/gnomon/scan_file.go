package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/dlp/document"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// scanFile scans the text of a file. What of it was not inspected goes to notes.
func scanFile(ctx context.Context, s *dlp.Scanner, o scanOptions, name string, in io.Reader, out io.Writer, notes *scanNotes) (bool, error) {
	most := int64(maxScanFile)
	if o.explain {
		most = maxExplained
	} else {
		head, streams, err := openStream(in, name, notes)
		if err != nil {
			return false, err
		}
		whole := io.MultiReader(bytes.NewReader(head), in)
		switch {
		case streams && o.redact:
			return redactStream(ctx, s, traffic.Style(o.style), name, whole, out, notes)
		case streams:
			return scanStream(ctx, s, name, whole, out, notes)
		}
		in = whole
		if o.redact {
			most = maxRedacted
		}
	}
	data, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil {
		return false, fmt.Errorf("reading %s: %w", name, err)
	}
	if int64(len(data)) > most {
		return false, fmt.Errorf("%s is larger than %d MiB, the most that is %s as a whole: split it", name, most>>20, o.doing())
	}
	text := document.Read(ctx, data, document.Options{OCR: o.reader})
	if err := ctx.Err(); err != nil {
		return false, err
	}
	notes.gaps(name, text.Gaps)
	if o.explain {
		return explainText(s, name, text, o.minConfidence, out)
	}
	if o.redact {
		body := text.Bytes
		if keepsForm(text.Format) {
			body = data
		}
		hits, skipped := s.ScanAll(body, nil)
		notes.skipped(name, skipped)
		found := len(hits) > 0
		hits = slices.DeleteFunc(hits, func(h dlp.Hit) bool { return !isReplaced(h.Class) })
		_, err := out.Write(s.Redact(body, hits, traffic.Style(o.style)))
		return found, err
	}
	hits, skipped := s.ScanAll(text.Bytes, nil)
	notes.skipped(name, skipped)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for _, h := range hits {
		if err := enc.Encode(fileFinding{name, found(h), text.Place(h.Start).String()}); err != nil {
			return true, err
		}
	}
	return len(hits) > 0, nil
}

// doing says what becomes of a file.
func (o *scanOptions) doing() string {
	switch {
	case o.explain:
		return "explained"
	case o.redact:
		return "redacted"
	}
	return "scanned"
}

// keepsForm tells whether a file is redacted as it stands, tags and all. Others
// hide text behind encodings: of them the text is printed.
func keepsForm(f document.Format) bool {
	return f == document.PlainText || f == document.CSV || f == document.HTML || f == document.Notebook
}

func printGaps(w io.Writer, name string, gaps []document.Gap) {
	for _, g := range gaps {
		at := name
		if place := g.Place.String(); place != "" {
			at += " > " + place
		}
		line := at + ": " + gapText(&g)
		if g.Detail != "" && g.Detail != string(document.Unknown) {
			line += " (" + g.Detail + ")"
		}
		if g.More > 0 {
			line += fmt.Sprintf(", and %d more", g.More)
		}
		fmt.Fprintln(w, line)
	}
}

// gapText says what became of a part that is no text. What is of no known format
// was searched all the same, as far as that goes.
func gapText(g *document.Gap) string {
	switch {
	case g.Reason != document.Binary:
		return g.Reason.Error()
	case g.Place.String() == "":
		return "unknown binary: its bytes were searched as they stand"
	}
	return "unknown binary: only the texts in it were searched"
}

// explainedJSON is a place that looked like a value, as `scan --explain` prints
// it.
type explainedJSON struct {
	File string `json:"file"`
	foundJSON
	Found bool   `json:"found"`
	Why   string `json:"why"`
	Place string `json:"place,omitempty"`
}

// explainText prints all that was looked at in a text, found or not.
func explainText(s *dlp.Scanner, name string, text *document.Text, min float64, out io.Writer) (found bool, err error) {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for _, c := range s.Explain(text.Bytes, min) {
		found = found || c.Found
		row := explainedJSON{
			File: name, foundJSON: foundJSON{c.Detector, c.Class, c.Start, c.End, c.Confidence, c.Via},
			Found: c.Found, Why: c.Why, Place: text.Place(c.Start).String(),
		}
		if err := enc.Encode(row); err != nil {
			return found, err
		}
	}
	return found, nil
}
