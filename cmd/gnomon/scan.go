package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/dlp/document"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// foundJSON is a finding as `scan` and `inspect` print it.
type foundJSON struct {
	Detector   string        `json:"detector"`
	Class      traffic.Class `json:"class"`
	Start      int           `json:"start"`
	End        int           `json:"end"`
	Confidence float64       `json:"confidence"`
	Via        []string      `json:"via,omitempty"` // disguises that were undone, the outermost first
}

type fileFinding struct {
	File string `json:"file"`
	foundJSON
	Place string `json:"place,omitempty"` // in a document: page, cell, file inside
}

type scanOptions struct {
	jsonl, redact bool
	explain       bool
	minConfidence float64
	ocr, style    string
	reader        *document.OCR // of images; nil: none
}

// Bounds of a file that is read as a whole, which takes several times its size in
// memory, and of a line of --jsonl.
const (
	maxScanFile  = 1 << 30
	maxRedacted  = 64 << 20
	maxExplained = 16 << 20
)

func newScanCommand() *cobra.Command {
	var o scanOptions
	cmd := &cobra.Command{
		Use:   "scan [FILE...]",
		Short: "Find sensitive data in files or standard input",
		Long: `Find sensitive data in files, or in standard input without any (or for "-"),
and print one JSON finding a line. Nothing is stored and no policy applies.
Documents, mails and archives are told by their content and read: offsets are
then of their text, and "place" says page, cell or file inside. What could not be
read is said on standard error. Plain text is scanned and redacted while it is read,
whatever its size. What else is larger than 1 GiB is refused, or 64 MiB to be redacted;
--explain reads up to 16 MiB of anything. Of source code, --redact replaces the values only.
Exit code 3 means that something was found, 5 that nothing was, but that not all could
be inspected.`,
		Example: `  gnomon scan notes.txt
  git diff | gnomon scan
  gnomon scan customers.xlsx mails.zip
  gnomon scan --ocr "tesseract stdin stdout" scan.png
  gnomon scan --redact <prompt.txt >clean.txt
  gnomon scan --jsonl <cases.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.jsonl && o.redact {
				return &exitError{exitUsage, errors.New("--jsonl and --redact exclude each other")}
			}
			if o.explain && (o.jsonl || o.redact) {
				return &exitError{exitUsage, errors.New("--explain goes with neither --jsonl nor --redact")}
			}
			if !slices.Contains(traffic.Styles(), traffic.Style(o.style)) {
				return &exitError{exitUsage, fmt.Errorf("--style %q is none of %v", o.style, traffic.Styles())}
			}
			if cmd.Flags().Changed("style") && !o.redact {
				return &exitError{exitUsage, errors.New("--style goes with --redact only")}
			}
			if !(o.minConfidence >= 0 && o.minConfidence <= 1) { // "nan", too
				return &exitError{exitUsage, fmt.Errorf("--min-confidence %v is not between 0 and 1", o.minConfidence)}
			}
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			set, err := rules.Load(settings.overlays()...)
			if err != nil {
				return &configError{err}
			}
			least := o.minConfidence
			if least == 0 || o.explain {
				least = -1 // everything: 0 would mean the default
			}
			key, kept, err := scanKey(settings)
			if err != nil {
				return err
			}
			if o.redact && o.style == string(traffic.StyleHash) && !kept {
				fmt.Fprintf(cmd.ErrOrStderr(), "gnomon: the hashes hold for this run alone: no key can be read in %s\n", settings.StateDir)
			}
			opts := dlp.Options{MinConfidence: least, Extract: extractText, Allow: set.Allow}
			if err := loadOwn(&opts, settings.overlays(), key); err != nil {
				return &configError{err}
			}
			scanner, err := dlp.New(set.Detectors, key, opts)
			if err != nil {
				return &configError{err}
			}
			command := settings.DLP.OCRCommand
			if o.ocr != "" {
				command = strings.Fields(o.ocr)
			}
			o.reader = newOCR(settings.DLP, command)
			return scanInputs(cmd, scanner, o, args)
		},
	}
	cmd.Flags().BoolVar(&o.jsonl, "jsonl", false, `each input line is {"id","text"}, each output line {"id","findings"}`)
	cmd.Flags().BoolVar(&o.redact, "redact", false, "print the text with its findings replaced")
	cmd.Flags().StringVar(&o.ocr, "ocr", "", "command that reads an image from standard input and prints its text (no shell; default: dlp.ocr_command)")
	cmd.Flags().BoolVar(&o.explain, "explain", false, "print every place that looked like a value, with why it is a finding or not")
	cmd.Flags().StringVar(&o.style, "style", string(traffic.StylePlaceholder), "with --redact: placeholder, mask, hash or remove")
	cmd.Flags().Float64Var(&o.minConfidence, "min-confidence", dlp.DefaultMinConfidence, "least confidence of a finding, 0 to 1")
	return cmd
}

func scanInputs(cmd *cobra.Command, s *dlp.Scanner, o scanOptions, files []string) error {
	ctx := cmd.Context()
	if len(files) == 0 {
		files = []string{"-"}
	}
	out := bufio.NewWriter(cmd.OutOrStdout())
	notes := &scanNotes{Writer: cmd.ErrOrStderr()}
	found, failed := false, error(nil)
	for _, name := range files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		in, err := openInput(name, cmd.InOrStdin())
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		var hit bool
		if o.jsonl {
			hit, err = scanLines(s, name, in, out, notes)
		} else {
			hit, err = scanFile(ctx, s, o, name, in, out, notes)
		}
		in.Close()
		found = found || hit
		failed = errors.Join(failed, err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing findings: %w", err)
	}
	if failed == nil && found {
		return &exitError{code: exitFindings}
	}
	if failed == nil && notes.partial {
		return &exitError{code: exitPartial}
	}
	return failed
}

// openInput opens a file, or standard input for "-".
func openInput(name string, stdin io.Reader) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(stdin), nil
	}
	return os.Open(name)
}

func scanLines(s *dlp.Scanner, name string, in io.Reader, out io.Writer, notes *scanNotes) (bool, error) {
	type inLine struct {
		ID   json.RawMessage `json:"id"`
		Text *string         `json:"text"`
	}
	type outLine struct {
		ID       json.RawMessage `json:"id"`
		Findings []foundJSON     `json:"findings"`
		Skipped  string          `json:"not_inspected,omitempty"`
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	any := false
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxScanFile)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var line inLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil || line.Text == nil {
			return any, fmt.Errorf(`%s:%d: not a JSON object {"id": ..., "text": "..."}`, name, n)
		}
		if line.ID == nil {
			line.ID = json.RawMessage("null")
		}
		row := outLine{ID: line.ID, Findings: []foundJSON{}}
		hits, skipped := s.ScanAll([]byte(*line.Text), nil)
		if skipped.Places > 0 {
			row.Skipped, notes.partial = skipped.String(), true
		}
		for _, h := range hits {
			row.Findings = append(row.Findings, found(h))
		}
		any = any || len(row.Findings) > 0
		if err := enc.Encode(row); err != nil {
			return any, err
		}
	}
	if err := lines.Err(); err != nil {
		return any, fmt.Errorf("reading %s: %w", name, err)
	}
	return any, nil
}

func found(h dlp.Hit) foundJSON {
	return foundJSON{h.Detector, h.Class, h.Start, h.End, h.Confidence, h.Via()}
}
