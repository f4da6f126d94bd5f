package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory/export"
)

// tableFlags choose how a table is written.
type tableFlags struct {
	json, csv, xlsx bool
	out             string
}

func (f *tableFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.json, "json", false, "one JSON object a line")
	cmd.Flags().BoolVar(&f.csv, "csv", false, "CSV; cells that a spreadsheet would run are made harmless")
	cmd.Flags().BoolVar(&f.xlsx, "xlsx", false, "XLSX")
	cmd.Flags().StringVarP(&f.out, "out", "o", "", "write to a file; its ending (.csv, .xlsx, .json, .jsonl) chooses the format")
	cmd.MarkFlagsMutuallyExclusive("json", "csv", "xlsx")
}

// write writes a table to a file or to w: as people read it, as asked for
// otherwise.
func (f *tableFlags) write(w io.Writer, t *export.Table, human, lines func(io.Writer) error) error {
	if f.out == "-" { // as other programs call standard output
		f.out = ""
	}
	to := human
	switch {
	case f.csv || !f.json && !f.xlsx && strings.HasSuffix(f.out, ".csv"):
		to = t.CSV
	case f.xlsx || !f.json && strings.HasSuffix(f.out, ".xlsx"):
		to = t.XLSX
	case f.json || strings.HasSuffix(f.out, ".json") || strings.HasSuffix(f.out, ".jsonl"):
		to = lines
	case f.out != "":
		return &exitError{exitUsage, fmt.Errorf("%s: the ending tells no format: use .csv, .xlsx, .json, or say --csv, --xlsx, --json", f.out)}
	}
	switch {
	case f.out != "":
		return writeFileBy(f.out, 0o600, to)
	case f.json || f.csv || f.xlsx:
		return whole(w, to)
	}
	return to(w)
}

// whole writes to w what f has written to the end, nothing if it fails. While w
// waits for a reader, f does not: it may keep the store from forgetting.
func whole(w io.Writer, f func(io.Writer) error) error {
	file, err := os.CreateTemp("", "gnomon-*")
	if err != nil {
		return fmt.Errorf("writing a table: %w", err)
	}
	defer file.Close()
	os.Remove(file.Name()) // it lives as long as it is open
	out := bufio.NewWriterSize(file, 64<<10)
	if err := errors.Join(f(out), out.Flush()); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("writing a table: %w", err)
	}
	_, err = io.Copy(w, file)
	return err
}

// jsonLines writes one JSON object a line.
func jsonLines[T any](w io.Writer, rows []T) error {
	enc := json.NewEncoder(visible.JSONWriter(w))
	for i := range rows {
		if err := enc.Encode(&rows[i]); err != nil {
			return fmt.Errorf("writing JSON: %w", err)
		}
	}
	return nil
}
