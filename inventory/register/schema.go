package register

import (
	_ "embed"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Type says what a field holds.
type Type string

// The types.
const (
	Text    Type = "text"
	Date    Type = "date"   // YYYY-MM-DD
	YesNo   Type = "yes_no" // yes, no
	List    Type = "list"   // by comma
	Classes Type = "classes"
	Link    Type = "link" // http or https
	Enum    Type = "enum"
	Number  Type = "number"
)

// Definition is what a field is.
type Definition struct {
	Name   string   `yaml:"name" json:"name"`
	Title  string   `yaml:"title" json:"title"`
	Group  string   `yaml:"group" json:"group"`
	Type   Type     `yaml:"type" json:"type"`
	Values []string `yaml:"values" json:"values,omitempty"` // of an enum
	Set    bool     `yaml:"set" json:"set"`                 // people fill it in
}

// Sensor says how far a sensor is believed.
type Sensor struct {
	Name       string  `yaml:"name"`
	Level      string  `yaml:"level"`
	Confidence float64 `yaml:"confidence"`
}

// Way says how far a way to recognise a service is believed.
type Way struct {
	Name       traffic.How `yaml:"name"`
	Confidence float64     `yaml:"confidence"`
}

// Schema is the closed set of fields. It is immutable.
type Schema struct {
	Fields  []Definition `yaml:"fields"`
	Sensors []Sensor     `yaml:"sensors"` // the most believed first
	Ways    []Way        `yaml:"ways"`

	byName map[string]int
}

//go:embed fields.yaml
var fieldsFile []byte

// NewSchema returns the fields that this package knows.
func NewSchema() (*Schema, error) {
	s := &Schema{byName: make(map[string]int)}
	if _, err := strictyaml.Decode("fields.yaml", fieldsFile, s); err != nil {
		return nil, fmt.Errorf("reading the fields of the register: %w", err)
	}
	for i := range s.Fields {
		s.byName[s.Fields[i].Name] = i
	}
	return s, nil
}

// Field returns the definition of a field.
func (s *Schema) Field(name string) (*Definition, bool) {
	i, ok := s.byName[name]
	if !ok {
		return nil, false
	}
	return &s.Fields[i], true
}

// Settable returns the names of the fields that people fill in.
func (s *Schema) Settable() []string {
	var names []string
	for i := range s.Fields {
		if s.Fields[i].Set {
			names = append(names, s.Fields[i].Name)
		}
	}
	return names
}

const (
	maxText = 2000 // bytes of a value
	maxList = 64   // of the elements of a list
)

// Check returns a value as it is kept, "" to empty the field. The error is an
// *inventory.InvalidError that says what to write instead.
func (s *Schema) Check(name, value string) (string, error) {
	d, ok := s.Field(name)
	if !ok {
		return "", &inventory.InvalidError{Problem: fmt.Sprintf("no field %q%s", clip(name), strictyaml.DidYouMean(name, s.Settable()))}
	}
	if !d.Set {
		return "", &inventory.InvalidError{Problem: fmt.Sprintf("field %s fills itself: people set %s", name, strings.Join(s.Settable(), ", "))}
	}
	if value = strings.TrimSpace(value); value == "" {
		return "", nil
	}
	if len(value) > maxText || !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
		return "", &inventory.InvalidError{Problem: fmt.Sprintf("%s: write at most %d bytes of text in one line", name, maxText)}
	}
	value, problem := d.check(value)
	if problem != "" {
		return "", &inventory.InvalidError{Problem: fmt.Sprintf("%s: %s", name, problem)}
	}
	return value, nil
}

// check returns value in its common form, or what is wrong with it.
func (d *Definition) check(value string) (_, problem string) {
	switch d.Type {
	case Date:
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return "", fmt.Sprintf("%q is no day: write it as YYYY-MM-DD", clip(value))
		}
	case YesNo:
		return oneOf(strings.ToLower(value), []string{"yes", "no"})
	case Enum:
		return oneOf(value, d.Values)
	case Number:
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return "", fmt.Sprintf("%q is no number", clip(value))
		}
		return strconv.FormatUint(n, 10), ""
	case Link:
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return "", fmt.Sprintf("%q is no link: write it as https://...", clip(value))
		}
	case List, Classes:
		return d.list(value)
	}
	return value, ""
}

func (d *Definition) list(value string) (_, problem string) {
	var out []string
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == ';' }) {
		if part = strings.TrimSpace(part); part == "" || slices.Contains(out, part) {
			continue
		}
		if d.Type == Classes {
			words := make([]string, 0, 16)
			for _, c := range traffic.Classes() {
				words = append(words, string(c))
			}
			if _, problem = oneOf(part, words); problem != "" {
				return "", problem
			}
		}
		out = append(out, part)
	}
	if len(out) > maxList {
		return "", fmt.Sprintf("%d values are too many: at most %d", len(out), maxList)
	}
	return strings.Join(out, ", "), ""
}

func oneOf(value string, words []string) (_, problem string) {
	if slices.Contains(words, value) {
		return value, ""
	}
	return "", fmt.Sprintf("%q is none of %s%s", clip(value), strings.Join(words, ", "), strictyaml.DidYouMean(value, words))
}

// clip bounds what an error repeats.
func clip(s string) string {
	const longest = 64
	if len(s) > longest {
		s = s[:longest] + "..."
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
