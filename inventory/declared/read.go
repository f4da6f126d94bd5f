package declared

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var (
	accountKinds = []traffic.AccountKind{traffic.AccountPersonal, traffic.AccountCorporate, traffic.AccountAPIKey, traffic.AccountAnonymous}
	surfaces     = []traffic.Surface{traffic.SurfaceWeb, traffic.SurfaceAPI, traffic.SurfaceIDE, traffic.SurfaceCLI, traffic.SurfaceAgent, traffic.SurfaceEmbedded}
)

// ReadYAML reads a list in YAML: the keys of List and Item. Errors name file,
// line and column; name is what they call the file.
func ReadYAML(name string, data []byte) (*List, error) {
	var l List
	doc, err := strictyaml.Decode(name, data, &l)
	if err != nil {
		return nil, err
	}
	return l.checked(name, func(i int, key string) strictyaml.Position {
		p, _ := doc.At("services", i, key)
		return p
	})
}

// ReadCSV reads a list in CSV (RFC 4180): a line with the keys of Item in any
// order, then a line for each item. Lists stand in one cell, separated by ";".
// A byte order mark and ";" instead of "," between cells are understood.
func ReadCSV(name string, data []byte) (*List, error) {
	if len(data) > strictyaml.MaxFile {
		return nil, &strictyaml.Error{Position: strictyaml.Position{File: name}, Text: fmt.Sprintf("the file is larger than %d MiB; split it", strictyaml.MaxFile>>20)}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	r := csv.NewReader(bytes.NewReader(data))
	r.ReuseRecord = true
	head, _, _ := bytes.Cut(data, []byte("\n"))
	if bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		r.Comma = ';'
	}
	columns, err := columnsOf(name, r)
	if err != nil {
		return nil, err
	}
	var l List
	var lines []int
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvError(name, err)
		}
		var it Item
		v := reflect.ValueOf(&it).Elem()
		for i, cell := range record {
			set(v.Field(columns[i]), strings.TrimSpace(cell))
		}
		line, _ := r.FieldPos(0)
		if len(l.Items) == maxItems {
			return nil, &strictyaml.Error{Position: strictyaml.Position{File: name, Line: line, Column: 1}, Text: fmt.Sprintf("a list has at most %d services", maxItems)}
		}
		l.Items, lines = append(l.Items, it), append(lines, line)
	}
	return l.checked(name, func(i int, _ string) strictyaml.Position {
		return strictyaml.Position{File: name, Line: lines[i], Column: 1}
	})
}

// columnsOf reads the first line: the field of Item behind each column.
func columnsOf(name string, r *csv.Reader) ([]int, error) {
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, &strictyaml.Error{Position: strictyaml.Position{File: name}, Text: "the file is empty: its first line names the columns: " + strings.Join(keys(), ", ")}
	}
	if err != nil {
		return nil, csvError(name, err)
	}
	known := keys()
	columns := make([]int, len(head))
	var errs strictyaml.Errors
	for i, h := range head {
		h = strings.ToLower(strings.TrimSpace(h))
		columns[i] = slices.Index(known, h)
		line, column := r.FieldPos(i)
		at := strictyaml.Position{File: name, Line: line, Column: column}
		switch {
		case columns[i] < 0:
			errs.Add(at, "unknown column %q: use some of %s", h, strings.Join(known, ", "))
		case slices.Contains(columns[:i], columns[i]):
			errs.Add(at, "column %q is there twice", h)
		}
	}
	if !slices.Contains(columns, 0) {
		errs.Add(strictyaml.Position{File: name, Line: 1, Column: 1}, "the column service is missing")
	}
	return columns, errs.Err()
}

func csvError(name string, err error) error {
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		return &strictyaml.Error{Position: strictyaml.Position{File: name, Line: p.Line, Column: p.Column}, Text: p.Err.Error()}
	}
	return fmt.Errorf("reading %s: %w", name, err)
}

// keys returns the keys of Item in the order of its fields.
func keys() []string {
	t := reflect.TypeFor[Item]()
	list := make([]string, t.NumField())
	for i := range list {
		list[i] = t.Field(i).Tag.Get("yaml")
	}
	return list
}

// set puts a cell into a field: a text, or a list of texts.
func set(v reflect.Value, cell string) {
	if v.Kind() == reflect.String {
		v.SetString(cell)
		return
	}
	for part := range strings.SplitSeq(cell, ";") {
		if part = strings.TrimSpace(part); part != "" {
			v.Set(reflect.Append(v, reflect.ValueOf(part).Convert(v.Type().Elem())))
		}
	}
}

// checked returns l when nothing is wrong with it.
func (l *List) checked(name string, at func(i int, key string) strictyaml.Position) (*List, error) {
	var errs strictyaml.Errors
	if len(l.Items) == 0 {
		errs.Add(strictyaml.Position{File: name}, "the list names no service")
	}
	if len(l.Items) > maxItems {
		errs.Add(strictyaml.Position{File: name}, "a list has at most %d services", maxItems)
		return nil, errs.Err()
	}
	seen := make(map[string]bool)
	for i := range l.Items {
		it := &l.Items[i]
		it.check(func(key string) strictyaml.Position { return at(i, key) }, &errs)
		key := it.key()
		if seen[key] {
			errs.Add(at(i, "service"), "%s is there twice: give each use case a name of its own", it.title())
		}
		seen[key] = true
	}
	if err := errs.Err(); err != nil {
		return nil, err
	}
	return l, nil
}
