package register

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
)

// maxLines bounds the lines of a file that is imported.
const maxLines = 20_000

// Line is one line of an imported table: the cells that are not empty by column.
type Line struct {
	At    strictyaml.Position
	Cells map[string]string
}

// ReadCSV reads a table (RFC 4180) whose first line names its columns: service,
// which every line must fill, and others of those given. A byte order mark and
// ";" instead of "," between cells are understood. Errors name file and line;
// name is what they call the file.
func ReadCSV(name string, data []byte, columns []string) ([]Line, error) {
	if len(data) > strictyaml.MaxFile {
		return nil, &strictyaml.Error{Position: strictyaml.Position{File: name}, Text: fmt.Sprintf("the file is larger than %d MiB: split it", strictyaml.MaxFile>>20)}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	r := csv.NewReader(bytes.NewReader(data))
	if head, _, _ := bytes.Cut(data, []byte("\n")); bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		r.Comma = ';'
	}
	head, err := r.Read()
	if err != nil {
		return nil, lineError(name, err)
	}
	var errs strictyaml.Errors
	for i, h := range head {
		head[i] = strings.ToLower(strings.TrimSpace(h))
		at := strictyaml.Position{File: name, Line: 1, Column: i + 1}
		switch {
		case head[i] != "service" && !slices.Contains(columns, head[i]):
			errs.Add(at, "unknown column %q%s", clip(h), strictyaml.DidYouMean(head[i], columns))
		case slices.Contains(head[:i], head[i]):
			errs.Add(at, "column %q is there twice", clip(h))
		}
	}
	if !slices.Contains(head, "service") {
		errs.Add(strictyaml.Position{File: name, Line: 1, Column: 1}, "the column service is missing: the first line names the columns")
	}
	if err := errs.Err(); err != nil {
		return nil, err
	}
	return readLines(name, r, head)
}

func readLines(name string, r *csv.Reader, head []string) (lines []Line, err error) {
	var errs strictyaml.Errors
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, lineError(name, err)
		}
		n, _ := r.FieldPos(0)
		l := Line{At: strictyaml.Position{File: name, Line: n, Column: 1}, Cells: make(map[string]string)}
		for i, cell := range record {
			if cell = strings.TrimSpace(cell); cell != "" {
				l.Cells[head[i]] = cell
			}
		}
		if l.Cells["service"] == "" {
			errs.Add(l.At, "the line names no service")
		}
		if lines = append(lines, l); len(lines) > maxLines {
			errs.Add(l.At, "more than %d lines: split the file", maxLines)
			break
		}
	}
	if len(lines) == 0 {
		errs.Add(strictyaml.Position{File: name, Line: 1, Column: 1}, "the file names no service")
	}
	return lines, errs.Err()
}

func lineError(name string, err error) error {
	if errors.Is(err, io.EOF) {
		return &strictyaml.Error{Position: strictyaml.Position{File: name}, Text: "the file is empty: its first line names the columns"}
	}
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		return &strictyaml.Error{Position: strictyaml.Position{File: name, Line: p.Line, Column: p.Column}, Text: p.Err.Error()}
	}
	return fmt.Errorf("reading %s: %w", name, err)
}

// ReadYAML reads the same as ReadCSV from YAML: "services" is a list of entries
// with the columns as keys. Several values are one text, as in CSV.
func ReadYAML(name string, data []byte, columns []string) ([]Line, error) {
	var file struct {
		Services []map[string]string `yaml:"services"`
	}
	doc, err := strictyaml.Decode(name, data, &file)
	if err != nil {
		return nil, err
	}
	var errs strictyaml.Errors
	if len(file.Services) == 0 || len(file.Services) > maxLines {
		errs.Add(strictyaml.Position{File: name, Line: 1, Column: 1}, "list 1 to %d services under the key services", maxLines)
		return nil, errs.Err()
	}
	lines := make([]Line, len(file.Services))
	for i, entry := range file.Services {
		at, _ := doc.At("services", i)
		lines[i] = Line{At: at, Cells: make(map[string]string)}
		for _, key := range slices.Sorted(maps.Keys(entry)) {
			if where, ok := doc.At("services", i, key); key != "service" && !slices.Contains(columns, key) {
				if !ok {
					where = at
				}
				errs.Add(where, "unknown key %q%s", clip(key), strictyaml.DidYouMean(key, columns))
				continue
			}
			if value := strings.TrimSpace(entry[key]); value != "" {
				lines[i].Cells[key] = value
			}
		}
		if lines[i].Cells["service"] == "" {
			errs.Add(at, "the entry names no service")
		}
	}
	return lines, errs.Err()
}
