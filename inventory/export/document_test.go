package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/export"
)

// TestDocument: part by part it is what json.Encoder makes of the whole.
func TestDocument(t *testing.T) {
	type head struct {
		Name string   `json:"name"`
		Tags []string `json:"tags,omitempty"`
	}
	type result struct {
		head
		Rows  []any `json:"rows"`
		Empty []any `json:"empty"`
	}
	type document struct {
		Results []result `json:"results"`
		Foot    head     `json:"foot"`
	}
	rows := []any{1, "<&>\n", head{"x", []string{"a", "b"}}, map[string]any{}, nil}
	whole := map[string]document{"doc": {
		Results: []result{{head{"first", []string{"t"}}, rows, []any{}}, {Rows: rows[:1], Empty: []any{}}},
		Foot:    head{Name: "end"},
	}}
	for _, indent := range []string{"", "  ", "\t"} {
		var want, got bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetIndent("", indent)
		if err := enc.Encode(whole); err != nil {
			t.Fatal(err)
		}
		d := export.NewDocument(&got, indent)
		d.Object("", func() {
			d.Object("doc", func() {
				d.Array("results", func() {
					for _, r := range whole["doc"].Results {
						d.Object("", func() {
							d.Members(r.head)
							export.List(d, "rows", slices.Values(r.Rows))
							export.List(d, "empty", slices.Values(r.Empty))
							d.Members(struct{}{})
						})
					}
				})
				d.Object("foot", func() { d.Members(whole["doc"].Foot) })
			})
		})
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("indent %q: got\n%s\nwant\n%s", indent, &got, &want)
		}
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestDocumentErrors(t *testing.T) {
	d := export.NewDocument(new(bytes.Buffer), "")
	export.List(d, "", slices.Values([]any{1, math.NaN(), 2}))
	if d.Close() == nil {
		t.Error("a value that is no JSON is written without an error")
	}
	d = export.NewDocument(full{}, " ")
	d.Object("", func() { d.Members(struct{ A int }{1}) })
	if err := d.Close(); !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
}
