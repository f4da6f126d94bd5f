package logs_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

func TestMappingWithoutColumn(t *testing.T) {
	const csv = "time;src;domain\n2026-01-01T00:00:00Z;10.0.0.1;api.openai.com\n"
	for _, tt := range []struct {
		name, format, text string
		mapping            map[string]string
		missing, columns   []string
	}{
		{"csv", "", csv, map[string]string{"client": "nocol", "host": "domain"}, []string{"client=nocol"}, []string{"time", "src", "domain"}},
		{"csv, by name", "csv", csv, map[string]string{"client": "src", "host": "Domain"}, []string{"host=Domain"}, []string{"time", "src", "domain"}},
		{"pairs", "pairs", "src=10.0.0.1 domain=api.openai.com\nsrc=10.0.0.1 user=a\n", map[string]string{"client": "src", "host": "x"}, []string{"host=x"}, []string{"src", "domain", "user"}},
		{"json", "json", `{"a":{"ip":"10.0.0.1"},"h":"api.openai.com"}` + "\n", map[string]string{"client": "ip", "host": "h"}, []string{"client=ip"}, []string{"a.ip", "h"}},
		{"json cut short", "json", `{"a":{"ip":`, map[string]string{"client": "ip", "host": "h"}, []string{"client=ip", "host=h"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := logs.New(strings.NewReader(tt.text), "x", logs.Options{Format: tt.format, Mapping: tt.mapping})
			e, ok := errors.AsType[*logs.MappingError](err)
			if !ok {
				t.Fatalf("error %v is no MappingError", err)
			}
			if !slices.Equal(e.Missing, tt.missing) || !slices.Equal(e.Columns, tt.columns) {
				t.Errorf("missing %q of %q, want %q of %q", e.Missing, e.Columns, tt.missing, tt.columns)
			}
		})
	}
}

func TestMappingWithoutSpareColumn(t *testing.T) {
	r, err := logs.New(strings.NewReader("src,domain\n10.0.0.1,api.openai.com\n"), "x",
		logs.Options{Mapping: map[string]string{"client": "src", "host": "domain", "down": "bytes"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, r); len(got) != 1 {
		t.Errorf("%d records, want 1", len(got))
	}
	if notes := r.Stats().Notes; len(notes) != 1 || !strings.Contains(notes[0], "down=bytes") {
		t.Errorf("notes %q don't name the column that is missing", notes)
	}
}

func TestFields(t *testing.T) {
	for _, f := range logs.Fields() {
		if !logs.IsField(f) {
			t.Errorf("%q is listed and not known", f)
		}
	}
	if logs.IsField("nosuch") {
		t.Error("nosuch is a field")
	}
}

// A file of NUL bytes alone is not a log in which nothing happened; a hole in one
// is passed over.
func TestNULs(t *testing.T) {
	hole := strings.Repeat("\x00", 1<<20)
	if _, err := logs.New(strings.NewReader(hole), "x", logs.Options{}); err == nil || !strings.Contains(err.Error(), "NUL") {
		t.Errorf("NUL bytes alone: %v", err)
	}
	r, err := logs.New(strings.NewReader(hole+"client,host\n10.0.0.1,a.example\n"), "x", logs.Options{Format: "csv"})
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, r); len(got) != 1 {
		t.Errorf("%d records after a hole, want 1", len(got))
	}
}

// TestMappedServer: a server's address and port may stand in one column.
func TestMappedServer(t *testing.T) {
	for text, want := range map[string]string{
		"203.0.113.20": "203.0.113.20:0", "203.0.113.20:443": "203.0.113.20:443", "[2001:db8::7]:443": "[2001:db8::7]:443",
		"2001:db8::7": "[2001:db8::7]:0", "[::ffff:203.0.113.20]:443": "203.0.113.20:443", "203.0.113.20:99999": "", "server:443": "",
	} {
		r, err := logs.New(strings.NewReader("when,src,dst\n2026-03-02T09:15:05Z,192.0.2.10,"+text+"\n"), "log", logs.Options{
			Format: "csv", Mapping: map[string]string{"time": "when", "client": "src", "server": "dst"},
		})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, rec := range readAll(t, r) {
			got += rec.Server.String()
		}
		if got != want {
			t.Errorf("%s is read as %q, want %q", text, got, want)
		}
		r.Close()
	}
}
