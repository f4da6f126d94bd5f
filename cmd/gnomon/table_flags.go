package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

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
	if f.out == "" {
		return to(w)
	}
	var b bytes.Buffer
	if err := to(&b); err != nil {
		return err
	}
	return writeFile(f.out, b.Bytes(), 0o600)
}

// jsonLines writes one JSON object a line.
func jsonLines[T any](w io.Writer, rows []T) error {
	enc := json.NewEncoder(w)
	for i := range rows {
		if err := enc.Encode(&rows[i]); err != nil {
			return fmt.Errorf("writing JSON: %w", err)
		}
	}
	return nil
}
