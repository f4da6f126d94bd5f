package strictyaml

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// MaxFile bounds a file.
const MaxFile = 8 << 20

// Document is one parsed file.
type Document struct {
	file string
	root *yaml.Node // nil when the file is empty
}

// Parse reads the syntax of a file; name is what errors call it.
func Parse(name string, data []byte) (doc *Document, err error) {
	if len(data) > MaxFile {
		return nil, &Error{Position{File: name}, fmt.Sprintf("the file is larger than %d MiB; split it", MaxFile>>20)}
	}
	if at := invalidUTF8(data); at >= 0 {
		line := 1 + bytes.Count(data[:at], []byte("\n"))
		return nil, &Error{Position{name, line, at - bytes.LastIndexByte(data[:at], '\n')}, "the file is not UTF-8 text here"}
	}
	defer func() {
		if r := recover(); r != nil { // the YAML library gave up on the bytes
			doc, err = nil, &Error{Position{File: name}, "the file can't be parsed as YAML"}
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	switch err := dec.Decode(&first); {
	case err == io.EOF:
		return &Document{file: name}, nil
	case err != nil:
		return nil, syntaxError(name, err)
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		return nil, &Error{position(name, &second), "a second document starts here; keep one document a file"}
	case err != io.EOF:
		return nil, syntaxError(name, err)
	}
	return &Document{file: name, root: first.Content[0]}, nil
}

// Decode parses a file and decodes it into the struct that into points to.
func Decode(name string, data []byte, into any) (*Document, error) {
	doc, err := Parse(name, data)
	if err != nil {
		return nil, err
	}
	return doc, doc.Decode(into)
}

// At returns the place of the value under path, whose elements are keys
// (string) and indexes (int). When there is no such value it returns the place
// of the last one on the way there, and false.
func (d *Document) At(path ...any) (Position, bool) {
	n := d.root
	if n == nil {
		return Position{File: d.file}, len(path) == 0
	}
	for _, step := range path {
		next := child(target(n), step)
		if next == nil {
			return position(d.file, n), false
		}
		n = next
	}
	return position(d.file, n), true
}

// Has reports whether there is a value under path; an empty one ("key:") is
// none.
func (d *Document) Has(path ...any) bool {
	n := d.root
	for _, step := range path {
		if n == nil {
			return false
		}
		n = child(target(n), step)
	}
	return n != nil && target(n).Tag != "!!null"
}

func child(n *yaml.Node, step any) *yaml.Node {
	switch step := step.(type) {
	case string:
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	case int:
		if n.Kind == yaml.SequenceNode && 0 <= step && step < len(n.Content) {
			return n.Content[step]
		}
	}
	return nil
}

// target follows an alias. An alias never points to another one.
func target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

func position(file string, n *yaml.Node) Position {
	return Position{File: file, Line: n.Line, Column: n.Column}
}

// invalidUTF8 returns the place of the first byte that is not UTF-8, -1 when all
// are.
func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+)(?:, column (\d+))?: )?(.*)$`)

// syntaxError gives an error of the YAML library our form.
func syntaxError(file string, err error) *Error {
	at, text := Position{File: file}, err.Error()
	if m := yamlError.FindStringSubmatch(text); m != nil {
		text = m[3]
		if line, err := strconv.Atoi(m[1]); err == nil {
			at.Line, at.Column = line, 1
		}
		if column, err := strconv.Atoi(m[2]); err == nil {
			at.Column = column
		}
	}
	return &Error{at, text}
}
