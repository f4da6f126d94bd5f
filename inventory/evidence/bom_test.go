package evidence_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var update = flag.Bool("update", false, "write golden files")

func bom(t *testing.T, version string) []byte {
	t.Helper()
	seen := evidence.NewFigures()
	seen.Requests, seen.Up, seen.Down, seen.Users, seen.First, seen.Last = 12, 3000, 9000, 3, period.From, period.From.Add(time.Hour)
	seen.Models["gpt-5"], seen.Models["o4 \"mini\""] = 10, 2
	seen.Hosts["api.openai.com"], seen.Hosts["<b>.example"], seen.Hosts["10.0.0.1:99"] = 11, 1, 1
	seen.Findings[traffic.ClassSecret], seen.Actions[traffic.ActionRedact], seen.Actions[traffic.ActionBlock] = 4, 3, 1
	unused := evidence.NewFigures()
	rows := []evidence.Row{
		{Service: "OpenAI API", ID: "openai-api", Vendor: "OpenAI", Category: "API platform", Status: traffic.StatusApproved, Owner: "ann", Seen: seen},
		{Service: "ai.example", ID: "unknown:ai.example", Status: traffic.StatusUnreviewed, Seen: &evidence.Figures{Events: 1, Requests: 1}},
		{Service: "Claude", ID: "claude", Status: traffic.StatusRefused, Seen: unused},
	}
	var b bytes.Buffer
	if err := evidence.WriteBOM(&b, rows, period, period.Until, version); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBOM(t *testing.T) {
	got, file := bom(t, "1.0"), "testdata/ai-bom.cdx.json"
	if *update {
		write(t, "testdata", "ai-bom.cdx.json", got)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant that of %s (-update writes it)", got, file)
	}
	if again := bom(t, "1.0"); !bytes.Equal(got, again) {
		t.Error("the same rows make another document")
	}
	if bytes.Equal(serial(t, got), serial(t, bom(t, "1.1"))) {
		t.Error("another document has the same serial number")
	}
}

func serial(t *testing.T, bom []byte) []byte {
	t.Helper()
	var v struct {
		Serial json.RawMessage `json:"serialNumber"`
	}
	if err := json.Unmarshal(bom, &v); err != nil || len(v.Serial) == 0 {
		t.Fatal("no serial number", err)
	}
	return v.Serial
}

// TestBOMSchema checks the document against the official schema, which the
// library that writes it brings along.
func TestBOMSchema(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "schema", "bom-1.7.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(text, &s.root); err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(bom(t, "1.0"), &v); err != nil {
		t.Fatal(err)
	}
	if bad := s.check(s.root, v, ""); len(bad) > 0 {
		t.Errorf("%s", strings.Join(bad, "\n"))
	}
	for name, spoil := range map[string]func(v, service, model map[string]any){ // the check can fail
		"unknown key":  func(v, _, _ map[string]any) { v["uid"] = "x" },
		"no name":      func(_, s, _ map[string]any) { delete(s, "name") },
		"flow":         func(_, s, _ map[string]any) { s["data"].([]any)[0].(map[string]any)["flow"] = "out" },
		"type":         func(_, _, m map[string]any) { m["type"] = "model" },
		"isExternal":   func(_, _, m map[string]any) { m["isExternal"] = "yes" },
		"serialNumber": func(v, _, _ map[string]any) { v["serialNumber"] = "1" },
	} {
		t.Run(name, func(t *testing.T) {
			var v map[string]any
			if err := json.Unmarshal(bom(t, "1.0"), &v); err != nil {
				t.Fatal(err)
			}
			spoil(v, v["services"].([]any)[0].(map[string]any), v["components"].([]any)[0].(map[string]any))
			if len(s.check(s.root, v, "")) == 0 {
				t.Error("the schema takes it")
			}
		})
	}
}

// schema checks the parts of JSON Schema (draft 7) that the document meets.
// References to other files are taken as met: they are for licences and
// signatures, of which the document has none.
type schema struct{ root map[string]any }

func (s *schema) check(rule map[string]any, v any, at string) (bad []string) {
	fail := func(format string, args ...any) { bad = append(bad, at+": "+fmt.Sprintf(format, args...)) }
	if ref, ok := rule["$ref"].(string); ok {
		name, local := strings.CutPrefix(ref, "#/definitions/")
		if !local {
			fail("the schema refers to %s", ref)
			return bad
		}
		return s.check(s.root["definitions"].(map[string]any)[name].(map[string]any), v, at)
	}
	if kind, ok := rule["type"].(string); ok && !hasType(kind, v) {
		fail("is no %s", kind)
		return bad
	}
	if list, ok := rule["enum"].([]any); ok {
		found := false
		for _, e := range list {
			found = found || reflect.DeepEqual(e, v)
		}
		if !found {
			fail("%v is none of %v", v, list)
		}
	}
	if p, ok := rule["pattern"].(string); ok {
		if text, ok := v.(string); ok && !regexp.MustCompile(p).MatchString(text) {
			fail("%q does not match %s", text, p)
		}
	}
	if p, ok := rule["format"].(string); ok && p == "date-time" {
		if _, err := time.Parse(time.RFC3339, fmt.Sprint(v)); err != nil {
			fail("%v", err)
		}
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if options, ok := rule[key].([]any); ok {
			fits := 0
			for _, o := range options {
				if len(s.check(o.(map[string]any), v, at)) == 0 {
					fits++
				}
			}
			if fits == 0 || key == "oneOf" && fits > 1 {
				fail("fits %d of %s", fits, key)
			}
		}
	}
	if list, ok := v.([]any); ok {
		if one, ok := rule["items"].(map[string]any); ok {
			for i := range list {
				bad = append(bad, s.check(one, list[i], fmt.Sprintf("%s/%d", at, i))...)
			}
		}
		for i := range list {
			for j := range i {
				if rule["uniqueItems"] == true && reflect.DeepEqual(list[i], list[j]) {
					fail("%d and %d are the same", j, i)
				}
			}
		}
	}
	object, ok := v.(map[string]any)
	if !ok {
		return bad
	}
	required, _ := rule["required"].([]any)
	for _, name := range required {
		if _, ok := object[name.(string)]; !ok {
			fail("lacks %v", name)
		}
	}
	known, _ := rule["properties"].(map[string]any)
	for name, value := range object {
		if one, ok := known[name].(map[string]any); ok {
			bad = append(bad, s.check(one, value, at+"/"+name)...)
		} else if rule["additionalProperties"] == false {
			fail("does not know %s", name)
		}
	}
	return bad
}

func hasType(kind string, v any) bool {
	switch v := v.(type) {
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case float64:
		return kind == "number" || kind == "integer" && v == float64(int64(v))
	case []any:
		return kind == "array"
	case map[string]any:
		return kind == "object"
	}
	return false
}
