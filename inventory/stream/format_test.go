package stream_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/stream"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// lineFormats are all formats that have lines.
var lineFormats = []stream.Format{stream.JSON, stream.OCSF, stream.ECS, stream.CEF, stream.LEEF, stream.Syslog, stream.OTLP}

func TestGolden(t *testing.T) {
	for _, f := range lineFormats {
		t.Run(string(f), func(t *testing.T) {
			got := encode(t, f, samples())
			golden(t, "testdata/golden/"+string(f)+".txt", got)
			for _, forbidden := range []string{"sealed-name", "c2VhbGVkLW5hbWU"} { // the name as it is, and in Base64
				if bytes.Contains(got, []byte(forbidden)) {
					t.Errorf("the stream holds %s", forbidden)
				}
			}
		})
	}
}

// TestLines: whatever a stranger has chosen, an event is one line (in OCSF one
// more for its findings) of valid UTF-8 without control characters.
func TestLines(t *testing.T) {
	for _, f := range lineFormats {
		for _, e := range samples() {
			want := 1
			if f == stream.OCSF && len(e.Findings) > 0 {
				want = 2
			}
			checkLines(t, f, encode(t, f, []inventory.Event{e}), want)
		}
	}
}

func checkLines(t *testing.T, f stream.Format, got []byte, want int) {
	t.Helper()
	if n := bytes.Count(got, []byte("\n")); n != want || !bytes.HasSuffix(got, []byte("\n")) || !utf8.Valid(got) {
		t.Errorf("%s: %d lines, want %d: %q", f, n, want, got)
	}
	for _, c := range bytes.TrimRight(got, "\n") {
		if c < ' ' && c != '\n' && !(f == stream.LEEF && c == '\t') {
			t.Errorf("%s: control character %#x in %q", f, c, got)
		}
	}
}

// grammars read a line of a text format back into its fields.
var grammars = map[stream.Format]func(string) (map[string]string, error){
	stream.CEF: parseCEF, stream.LEEF: parseLEEF, stream.Syslog: parseSyslog,
}

// told is what of an event a text format keeps, and under which key.
type told struct {
	key  string
	text func(*inventory.Event) string
}

func keysOf[K ~string](m map[K]int) string {
	return strings.Join(slices.Sorted(func(yield func(string) bool) {
		for k := range m {
			if !yield(string(k)) {
				return
			}
		}
	}), ",")
}

// toldBy has for each text format all texts of an event that it keeps.
var toldBy = map[stream.Format][]told{
	stream.CEF: {
		{"externalId", func(e *inventory.Event) string { return e.ID }}, {"cat", func(e *inventory.Event) string { return e.Category }},
		{"shost", func(e *inventory.Event) string { return e.Client }}, {"suid", func(e *inventory.Event) string { return e.User }},
		{"dhost", func(e *inventory.Event) string { return e.Host }}, {"requestMethod", func(e *inventory.Event) string { return e.Method }},
		{"requestClientApplication", func(e *inventory.Event) string { return e.UserAgent }}, {"reason", func(e *inventory.Event) string { return e.Why }},
		{"cs1", func(e *inventory.Event) string { return e.Service }}, {"cs2", func(e *inventory.Event) string { return keysOf(e.Classes) }},
		{"cs3", func(e *inventory.Event) string { return e.Model }}, {"cs4", func(e *inventory.Event) string { return e.Rule }},
		{"cs5", func(e *inventory.Event) string { return string(e.Depth) }}, {"cs6", func(e *inventory.Event) string { return keysOf(e.Findings) }},
		{"flexString1", func(e *inventory.Event) string { return string(e.Sensor) }}, {"flexString2", func(e *inventory.Event) string { return string(e.How) }},
	},
	stream.LEEF: {
		{"id", func(e *inventory.Event) string { return e.ID }}, {"cat", func(e *inventory.Event) string { return e.Category }},
		{"identHostName", func(e *inventory.Event) string { return e.Client }}, {"usrName", func(e *inventory.Event) string { return e.User }},
		{"dstHost", func(e *inventory.Event) string { return e.Host }}, {"method", func(e *inventory.Event) string { return e.Method }},
		{"userAgent", func(e *inventory.Event) string { return e.UserAgent }}, {"coverageReason", func(e *inventory.Event) string { return e.Why }},
		{"aiService", func(e *inventory.Event) string { return e.Service }}, {"aiServiceId", func(e *inventory.Event) string { return e.ServiceID }},
		{"aiVendor", func(e *inventory.Event) string { return e.Vendor }}, {"aiModel", func(e *inventory.Event) string { return e.Model }},
		{"policy", func(e *inventory.Event) string { return e.Rule }}, {"dataClasses", func(e *inventory.Event) string { return keysOf(e.Classes) }},
		{"detectors", func(e *inventory.Event) string { return keysOf(e.Findings) }}, {"coverage", func(e *inventory.Event) string { return string(e.Depth) }},
		{"sensor", func(e *inventory.Event) string { return string(e.Sensor) }}, {"recognisedBy", func(e *inventory.Event) string { return string(e.How) }},
	},
	stream.Syslog: {
		{"id", func(e *inventory.Event) string { return e.ID }}, {"svc", func(e *inventory.Event) string { return e.ServiceID }},
		{"service", func(e *inventory.Event) string { return e.Service }}, {"vendor", func(e *inventory.Event) string { return e.Vendor }},
		{"category", func(e *inventory.Event) string { return e.Category }}, {"rule", func(e *inventory.Event) string { return e.Rule }},
		{"client", func(e *inventory.Event) string { return e.Client }}, {"user", func(e *inventory.Event) string { return e.User }},
		{"host", func(e *inventory.Event) string { return e.Host }}, {"method", func(e *inventory.Event) string { return e.Method }},
		{"path", func(e *inventory.Event) string { return e.Path }}, {"model", func(e *inventory.Event) string { return e.Model }},
		{"class", func(e *inventory.Event) string { return keysOf(e.Classes) }}, {"detector", func(e *inventory.Event) string { return keysOf(e.Findings) }},
		{"sensor", func(e *inventory.Event) string { return string(e.Sensor) }}, {"how", func(e *inventory.Event) string { return string(e.How) }},
		{"coverage", func(e *inventory.Event) string { return string(e.Depth) }}, {"why", func(e *inventory.Event) string { return e.Why }},
		{"blind", func(e *inventory.Event) string { return e.Blind }},
	},
}

// roundTrip reads a line by the grammar of its format: each field must be what
// it was, control characters apart.
func roundTrip(t *testing.T, f stream.Format, e *inventory.Event) {
	t.Helper()
	line, err := f.Append(nil, &stream.Record{Event: e, From: from})
	if err != nil {
		t.Fatal(err)
	}
	parse := grammars[f]
	if parse == nil {
		for one := range bytes.Lines(line) {
			if !json.Valid(one) {
				t.Fatalf("%s: no JSON: %q", f, one)
			}
		}
		return
	}
	fields, err := parse(strings.TrimSuffix(string(line), "\n"))
	if err != nil {
		t.Fatalf("%s: %v in %q", f, err, line)
	}
	for _, one := range toldBy[f] {
		if want := printable(one.text(e)); fields[one.key] != want {
			t.Errorf("%s: %s = %q, want %q in %q", f, one.key, fields[one.key], want, line)
		}
	}
}

// printable is what is left of a text on one line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r <= 0x9f || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func TestRoundTrip(t *testing.T) {
	for _, f := range lineFormats {
		for _, e := range samples() {
			roundTrip(t, f, &e)
		}
	}
}

// TestEachField puts what each format has to escape, or may not hold, into each
// text of an event, one at a time and all at once: it comes back as it was, and
// in no other field.
func TestEachField(t *testing.T) {
	hostile := []string{
		"a|b", "|", "a=b", "=", `a\b`, `\`, `x\|y\=z`, `\n`, "a]b", `]`, `a"b`, `"]`, "a\nb", "a\r\nb", "\n", "a\tb", "a\x00b", "\x1b[31m", "a\x7fb", "a\u0085b",
		"a\xffb", "\xc3", "\xed\xa0\x80", "a\u202eb", "\u2066x\u2069", "a\u2028b", "\ufeff", "x key=value", " lead", "trail ", "a^b", "x09", "[gnomon@32473 svc=\"x\"]",
		"CEF:0|a|b|c|d|e|5|x=1", "<134>1 - - - - - -", strings.Repeat("=|]\"\\", 20), "é漢🙂",
	}
	fields := reflect.TypeFor[inventory.Event]()
	for _, f := range []stream.Format{stream.CEF, stream.LEEF, stream.Syslog} {
		for _, text := range hostile {
			all := samples()[0]
			for i := range fields.NumField() {
				if fields.Field(i).Type.Kind() != reflect.String {
					continue
				}
				one := samples()[0]
				reflect.ValueOf(&one).Elem().Field(i).SetString(text)
				reflect.ValueOf(&all).Elem().Field(i).SetString(text)
				checkLines(t, f, encode(t, f, []inventory.Event{one}), 1)
				roundTrip(t, f, &one)
			}
			all.Findings, all.Classes, all.Groups = map[string]int{text: 1}, map[traffic.Class]int{traffic.Class(text): 1}, []string{text}
			roundTrip(t, f, &all)
			src := &stream.Source{Vendor: text, Product: text, Version: text, Host: text, PID: 1}
			line, err := f.Append(nil, &stream.Record{Event: &all, From: src})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := grammars[f](strings.TrimSuffix(string(line), "\n")); err != nil {
				t.Errorf("%s: a source called %q: %v in %q", f, text, err, line)
			}
		}
	}
}

// TestGrammarsRefuse shows that the grammars can fail.
func TestGrammarsRefuse(t *testing.T) {
	for f, lines := range map[stream.Format][]string{
		stream.CEF:  {"", "CEF:0|a|b|c|d|e|11|x=1", "CEF:0|a|b|c|d|e|5|x=1 y=a=b", `CEF:0|a|b|c|d|e|5|x=\q`, "CEF:0|a|b|c|d|e", "CEF:0|a|b|c|d|e|5|=v", "CEF:0|a|b|c|d|e|5|x=a\nb"},
		stream.LEEF: {"", "LEEF:2.0|a|b|c|d|x=1", "LEEF:2.0|a|b|c|d|x09|x", "LEEF:2.0|a|b|c|d|x09|x=1\tx=2", "LEEF:2.0|a|b|c|d|x09|x=1\ry=2"},
		stream.Syslog: {
			"", "<192>1 2026-11-21T12:00:00.000Z h a 1 M - m", "<132>1 21.11.2026 h a 1 M - m", "<132>1 2026-11-21T12:00:00.000Z h a 1 M", `<132>1 2026-11-21T12:00:00.000Z h a 1 M [x a="b]"] m`,
			`<132>1 2026-11-21T12:00:00.000Z h a 1 M [x a="b] m`, `<132>1 2026-11-21T12:00:00.000Z h a 1 M [x a=b] m`,
		},
	} {
		for _, line := range lines {
			if fields, err := grammars[f](line); err == nil {
				t.Errorf("%s takes %q: %v", f, line, fields)
			}
		}
	}
}

// FuzzFormats: no text can break out of its field, in any format.
func FuzzFormats(f *testing.F) {
	f.Add(uint8(3), nasty, "x|y=z", `q"]\`)
	f.Add(uint8(5), "\xff\xfe", "", "]")
	f.Add(uint8(0), "a", " = ", "\\")
	f.Fuzz(func(t *testing.T, which uint8, a, b, c string) {
		e := samples()[int(which/8)%len(samples())]
		e.Service, e.Model, e.Rule, e.UserAgent, e.Path, e.Vendor = a, b, c, a+b, "/"+c, b
		e.Host, e.Client, e.User, e.Method, e.Why, e.Category, e.ServiceID = c, a, b, b+c, a, c, c+a
		format := lineFormats[int(which)%len(lineFormats)]
		want := 1
		if format == stream.OCSF && len(e.Findings) > 0 {
			want = 2
		}
		checkLines(t, format, encode(t, format, []inventory.Event{e}), want)
		roundTrip(t, format, &e)
	})
}

func ExampleFormat_Append() {
	e := samples()[3]
	line, _ := stream.CEF.Append(nil, &stream.Record{Event: &e, From: from})
	fmt.Println(strings.HasPrefix(string(line), "CEF:0|Gnomon|Gnomon|0.1.0|sighting.observe|"))
	// Output: true
}
