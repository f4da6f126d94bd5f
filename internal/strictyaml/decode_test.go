package strictyaml_test

import (
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
)

type colour string

type item struct {
	Name   string              `yaml:"name"`
	Count  int                 `yaml:"count"`
	Port   uint16              `yaml:"port"`
	Ratio  float64             `yaml:"ratio"`
	On     bool                `yaml:"on"`
	Colour colour              `yaml:"colour"`
	Tags   []string            `yaml:"tags"`
	Day    time.Time           `yaml:"day"`
	Wait   time.Duration       `yaml:"wait"`
	Size   strictyaml.Size     `yaml:"size"`
	Net    netip.Prefix        `yaml:"net"`
	Addr   netip.Addr          `yaml:"addr"`
	Hosts  map[string]string   `yaml:"hosts"`
	Source strictyaml.Position `yaml:"-"`
	Hidden string              `yaml:"-"`
}

type file struct {
	Items []item `yaml:"items"`
	Title string `yaml:"title"`
}

func TestDecode(t *testing.T) {
	const text = `title: "12"
items:
  - name: one
    count: -3
    port: 443
    ratio: 0.5
    on: true
    colour: red
    tags: &tags [a, 7, 1.10, no]
    day: 2026-11-21
    wait: 1m30s
    size: 32MiB
    net: 10.0.0.0/8
    addr: ::1
    hosts: {API.Example.com: "127.0.0.1:9000"}
  -
    name:
    tags: *tags
    net: 192.0.2.1
`
	var got file
	if _, err := strictyaml.Decode("f.yaml", []byte(text), &got); err != nil {
		t.Fatal(err)
	}
	tags := []string{"a", "7", "1.10", "no"} // text as written
	want := file{Title: "12", Items: []item{
		{
			Name: "one", Count: -3, Port: 443, Ratio: 0.5, On: true, Colour: "red", Tags: tags,
			Day: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), Wait: 90 * time.Second, Size: 32 << 20,
			Net: netip.MustParsePrefix("10.0.0.0/8"), Addr: netip.MustParseAddr("::1"),
			Hosts:  map[string]string{"API.Example.com": "127.0.0.1:9000"},
			Source: strictyaml.Position{File: "f.yaml", Line: 3, Column: 5},
		},
		{Tags: tags, Net: netip.MustParsePrefix("192.0.2.1/32"), Source: strictyaml.Position{File: "f.yaml", Line: 17, Column: 5}},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestMistakes(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown key", "itmes: []", `f.yaml:1:1: unknown key "itmes"; did you mean "items"?`},
		{"unknown key, nothing near", "zebra: []", `f.yaml:1:1: unknown key "zebra"`},
		{"unexported by tag", "items:\n  - Hidden: x", `f.yaml:2:5: unknown key "Hidden"`},
		{"duplicate key", "title: a\ntitle: b", `f.yaml:2:1: duplicate key "title", first on line 1`},
		{"duplicate map key", "items: [{hosts: {a: b, a: c}}]", `f.yaml:1:24: duplicate key "a", first on line 1`},
		{"list for text", "title: [a]", `f.yaml:1:8: expected text, got a list`},
		{"text for list", "items: [{tags: a}]", `f.yaml:1:16: expected a list, got "a"; write [a]`},
		{"list for keys", "items: [[]]", `f.yaml:1:9: expected keys with values, got a list`},
		{"text for keys", "items: [x]", `f.yaml:1:9: expected keys with values, got "x"`},
		{"text at the top", "items", `f.yaml:1:1: expected keys with values, got "items"`},
		{"empty list item", "items: [{tags: [a, ]}, ~]", `f.yaml:1:24: empty list item`},
		{"number", "items: [{count: 1.5}]", `f.yaml:1:17: expected a whole number, got "1.5"`},
		{"quoted number", `items: [{count: "1"}]`, `f.yaml:1:17: expected a whole number, got text in quotation marks`},
		{"octal", "items: [{count: 0x10}]", `f.yaml:1:17: expected a whole number, got "0x10"`},
		{"port", "items: [{port: 70000}]", `f.yaml:1:16: expected a whole number from 0 to 65535, got "70000"`},
		{"nan", "items: [{ratio: .nan}]", `f.yaml:1:17: expected a number, got ".nan"`},
		{"infinite", "items: [{ratio: inf}]", `f.yaml:1:17: expected a number, got "inf"`},
		{"yes", "items: [{on: yes}]", `f.yaml:1:14: expected true or false, got "yes"`},
		{"date", "items: [{day: 21.11.2026}]", `f.yaml:1:15: expected a date (YYYY-MM-DD), got "21.11.2026"`},
		{"date that is none", "items: [{day: 2026-02-30}]", `f.yaml:1:15: expected a date (YYYY-MM-DD), got "2026-02-30"`},
		{"duration", "items: [{wait: 10}]", `f.yaml:1:16: expected a duration such as 10s or 1h30m, got "10"`},
		{"size", "items: [{size: 32MB}]", `f.yaml:1:16: expected a size such as 64KiB, 32MiB or 2GiB, got "32MB"`},
		{"size too large", "items: [{size: 9999999999GiB}]", `f.yaml:1:16: expected a size such as 64KiB, 32MiB or 2GiB, got "9999999999GiB"`},
		{"network", "items: [{net: 10.0.0.0/33}]", `f.yaml:1:15: expected a network such as 10.0.0.0/8, got "10.0.0.0/33"`},
		{"network with bits", "items: [{net: 10.1.0.0/8}]", `f.yaml:1:15: the network 10.1.0.0/8 has bits beyond its mask; write 10.0.0.0/8`},
		{"address", "items: [{addr: localhost}]", `f.yaml:1:16: expected an IP address, got "localhost"`},
		{"merge key", "items: [&a {name: x}, {<<: *a}]", `f.yaml:1:24: merge keys are not supported; write the values out`},
		{"list as key", "? [a]\n: b", `f.yaml:1:3: expected a key, got a list`},
		{"tag", "title: !secret x", `f.yaml:1:8: the tag "!secret" is not supported; remove it`},
		{"binary", "title: !!binary aGk=", `f.yaml:1:8: the tag "!!binary" is not supported; remove it`},
		{"syntax", "items: [a\ntitle: b", "f.yaml:1:1: did not find expected ',' or ']'"},
		{"tab", "items:\n\t- a", "f.yaml:2:1: found character that cannot start any token"},
		{"undefined alias", "title: *a", "f.yaml: unknown anchor 'a' referenced"},
		{"second document", "title: a\n---\ntitle: b", "f.yaml:2:1: a second document starts here; keep one document a file"},
		{"not text", "title: a\nitems: [\xff\xfe]", "f.yaml:2:9: the file is not UTF-8 text here"},
		{"too large", strings.Repeat("#", strictyaml.MaxFile+1), "f.yaml: the file is larger than 8 MiB; split it"},
		{"two mistakes", "titel: a\nitmes: b", "f.yaml:1:1: unknown key \"titel\"; did you mean \"title\"?\nf.yaml:2:1: unknown key \"itmes\"; did you mean \"items\"?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var f file
			_, err := strictyaml.Decode("f.yaml", []byte(tt.text), &f)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %v", err, tt.want)
			}
		})
	}
}

func TestErrorsAreBounded(t *testing.T) {
	var f file
	_, err := strictyaml.Decode("f.yaml", []byte("items: ["+strings.Repeat("{count: x}, ", 100)+"]"), &f)
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 21 || lines[20] != "and 80 more" {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
	one, ok := errors.AsType[*strictyaml.Error](err)
	if !ok || one.Line != 1 || one.Column != 17 {
		t.Errorf("first error: %v", one)
	}
}

// TestAliasBomb: a few lines that would unfold into 10^9 values end early.
func TestAliasBomb(t *testing.T) {
	type deep struct {
		A [][][][][][][][][]string `yaml:"a"`
	}
	text := "a: [&b [&c [&d [&e [&f [&g [&h [&i [x,x,x,x,x,x,x,x,x,x]"
	for _, n := range "ihgfedcb" {
		text += strings.Repeat(", *"+string(n), 9) + "]"
	}
	var got deep
	_, err := strictyaml.Decode("f.yaml", []byte(text), &got)
	if err == nil || !strings.Contains(err.Error(), "more than 200000 values") {
		t.Errorf("got %v", err)
	}
}

func TestAliasOfItself(t *testing.T) {
	var f file
	_, err := strictyaml.Decode("f.yaml", []byte("items: &a [*a]"), &f)
	if err == nil {
		t.Error("no error")
	}
}

func TestAt(t *testing.T) {
	doc, err := strictyaml.Parse("f.yaml", []byte("title: x\nitems:\n  - name: a\n    tags: [b, c]\n    count:\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path []any
		want string
		ok   bool
		has  bool
	}{
		{[]any{"items", 0, "tags", 1}, "f.yaml:4:15", true, true},
		{[]any{"items", 0, "colour"}, "f.yaml:3:5", false, false},
		{[]any{"items", 7}, "f.yaml:3:3", false, false},
		{[]any{"items", 0, "count"}, "f.yaml:5:11", true, false},
		{nil, "f.yaml:1:1", true, true},
	} {
		if at, ok := doc.At(tt.path...); at.String() != tt.want || ok != tt.ok {
			t.Errorf("At(%v) = %v, %v, want %v, %v", tt.path, at, ok, tt.want, tt.ok)
		}
		if got := doc.Has(tt.path...); got != tt.has {
			t.Errorf("Has(%v) = %v, want %v", tt.path, got, tt.has)
		}
	}
}

func TestEmpty(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "~\n"} {
		f := file{Title: "kept"}
		doc, err := strictyaml.Decode("f.yaml", []byte(text), &f)
		if err != nil || f.Title != "kept" {
			t.Errorf("%q: %v, %+v", text, err, f)
		}
		if at, _ := doc.At("items", 0); at.File != "f.yaml" || doc.Has("items") {
			t.Errorf("%q: At = %v", text, at)
		}
	}
}

func TestSizeString(t *testing.T) {
	for _, tt := range []struct {
		size strictyaml.Size
		want string
	}{{0, "0"}, {512, "512"}, {1024, "1KiB"}, {32 << 20, "32MiB"}, {1536, "1536"}, {2 << 30, "2GiB"}} {
		if got := tt.size.String(); got != tt.want {
			t.Errorf("%d: %q, want %q", int64(tt.size), got, tt.want)
		}
		var back strictyaml.Size
		if err := back.UnmarshalText([]byte(tt.want)); err != nil || back != tt.size {
			t.Errorf("%q: %d, %v", tt.want, back, err)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	known := []string{"service", "services", "category", "min_count", "GNOMON_PROXY_LISTEN"}
	for _, tt := range []struct{ word, want string }{
		{"sevice", `; did you mean "service"?`},
		{"servcies", `; did you mean "services"?`}, // two letters swapped
		{"Category", `; did you mean "category"?`},
		{"mincount", `; did you mean "min_count"?`},
		{"GNOMON_PROXY_LISTEM", `; did you mean "GNOMON_PROXY_LISTEN"?`},
		{"x", ""},
		{"nothing like it", ""},
		{strings.Repeat("a", 1000), ""},
	} {
		if got := strictyaml.DidYouMean(tt.word, known); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.word, got, tt.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"", "items: []", "items: [{name: a, tags: [b]}]", "a: &a [*a]", "items: &a\n  - {name: x, <<: *a}", "? [a]\n: b",
		"title: |\n  x\n", "--- a\n--- b", "title: !!binary aGk=", "items: [{day: 2026-11-21, wait: 10s, size: 1KiB, net: ::/0}]", "\xff", "[[[[[", "title: *a",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got file
		doc, err := strictyaml.Decode("f.yaml", data, &got)
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !strings.HasPrefix(line, "f.yaml") && !strings.HasPrefix(line, "and ") {
					t.Errorf("an error without its place: %q", line)
				}
			}
		}
		if doc != nil {
			doc.At("items", 0, "name")
		}
	})
}
