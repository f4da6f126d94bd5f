package stream_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/stream"
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

// fieldOf is where each text format keeps some of an event.
var fieldOf = map[stream.Format]map[string]string{
	stream.CEF:    {"id": "externalId", "service": "cs1", "model": "cs3", "rule": "cs4", "agent": "requestClientApplication", "user": "suid"},
	stream.LEEF:   {"id": "id", "service": "aiService", "model": "aiModel", "rule": "policy", "agent": "userAgent", "user": "usrName"},
	stream.Syslog: {"id": "id", "service": "service", "model": "model", "rule": "rule", "path": "path", "user": "user"},
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
	for what, want := range map[string]string{"id": e.ID, "service": e.Service, "model": e.Model, "rule": e.Rule, "agent": e.UserAgent, "path": e.Path, "user": e.User} {
		key := fieldOf[f][what]
		if want = printable(want); key != "" && fields[key] != want {
			t.Errorf("%s: %s = %q, want %q in %q", f, key, fields[key], want, line)
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
