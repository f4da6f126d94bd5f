package stream_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

type ocsfAttribute struct {
	Type     string
	Required bool
	Array    bool
	Enum     []int
}

type ocsfObject struct {
	AtLeastOne []string `json:"at_least_one"`
	Attributes map[string]ocsfAttribute
}

// ocsfSchema is the part of OCSF's schema that we use: what an attribute is,
// which are required, of which one must be there, which numbers mean something.
type ocsfSchema struct {
	Classes  map[string]ocsfObject
	Profiles map[string]map[string]ocsfAttribute
	Objects  map[string]ocsfObject
}

func readOCSF(t *testing.T) *ocsfSchema {
	t.Helper()
	b, err := os.ReadFile("testdata/ocsf.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s ocsfSchema
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// event checks an event against its class with the profiles that it names.
func (s *ocsfSchema) event(e map[string]any) (bad []string) {
	uid, _ := e["class_uid"].(float64)
	class, ok := s.Classes[strconv.Itoa(int(uid))]
	if !ok {
		return []string{fmt.Sprintf("class %v", uid)}
	}
	all := make(map[string]ocsfAttribute)
	for k, v := range class.Attributes {
		all[k] = v
	}
	meta, _ := e["metadata"].(map[string]any)
	profiles, _ := meta["profiles"].([]any)
	for _, p := range profiles {
		if s.Profiles[fmt.Sprint(p)] == nil {
			bad = append(bad, fmt.Sprintf("profile %v", p))
		}
		for k, v := range s.Profiles[fmt.Sprint(p)] {
			all[k] = v
		}
	}
	activity, _ := e["activity_id"].(float64)
	if typ, _ := e["type_uid"].(float64); typ != uid*100+activity {
		bad = append(bad, fmt.Sprintf("type_uid %v", typ))
	}
	if activity == 99 && e["activity_name"] == nil {
		bad = append(bad, "activity_id 99 without activity_name")
	}
	return append(bad, s.object("", e, ocsfObject{class.AtLeastOne, all})...)
}

func (s *ocsfSchema) object(path string, o map[string]any, want ocsfObject) (bad []string) {
	for k, a := range want.Attributes {
		if a.Required && o[k] == nil {
			bad = append(bad, path+k+" is required")
		}
	}
	if len(want.AtLeastOne) > 0 && !slices.ContainsFunc(want.AtLeastOne, func(k string) bool { return o[k] != nil }) {
		bad = append(bad, fmt.Sprintf("%s: at least one of %v", path, want.AtLeastOne))
	}
	for k, v := range o {
		a, ok := want.Attributes[k]
		if !ok {
			bad = append(bad, path+k+" is unknown")
			continue
		}
		list, isList := v.([]any)
		if isList != a.Array {
			bad = append(bad, path+k+" is a list, or none")
			continue
		}
		if !isList {
			list = []any{v}
		}
		for _, one := range list {
			bad = append(bad, s.value(path+k, one, a)...)
		}
	}
	return bad
}

func (s *ocsfSchema) value(path string, v any, a ocsfAttribute) (bad []string) {
	wrong := func() []string { return []string{fmt.Sprintf("%s: %v is no %s", path, v, a.Type)} }
	switch a.Type {
	case "integer_t", "long_t", "timestamp_t", "port_t":
		n, ok := v.(float64)
		if !ok || n != math.Trunc(n) || a.Type == "timestamp_t" && n < 1e12 {
			return wrong()
		}
		if len(a.Enum) > 0 && !slices.Contains(a.Enum, int(n)) {
			return []string{fmt.Sprintf("%s: %v is none of %v", path, n, a.Enum)}
		}
		return nil
	case "boolean_t":
		if _, ok := v.(bool); !ok {
			return wrong()
		}
		return nil
	case "object":
		if _, ok := v.(map[string]any); !ok {
			return wrong()
		}
		return nil
	case "url_t":
		if u, err := url.Parse(fmt.Sprint(v)); err != nil || u.Host == "" || u.RawQuery != "" || u.ForceQuery {
			return wrong()
		}
	}
	if strings.HasSuffix(a.Type, "_t") {
		if text, ok := v.(string); !ok || text == "" {
			return wrong()
		}
		return nil
	}
	o, ok := v.(map[string]any)
	object, known := s.Objects[a.Type]
	if !ok || !known {
		return wrong()
	}
	return s.object(path+".", o, object)
}

func decodeLines(t *testing.T, b []byte) (out []map[string]any) {
	t.Helper()
	for line := range bytes.Lines(b) {
		var o map[string]any
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
	return out
}

func TestOCSF(t *testing.T) {
	schema := readOCSF(t)
	classes := make(map[float64]int)
	for _, e := range decodeLines(t, encode(t, stream.OCSF, samples())) {
		for _, bad := range schema.event(e) {
			t.Errorf("%v: %s", e["message"], bad)
		}
		classes[e["class_uid"].(float64)]++
	}
	for class, want := range map[float64]int{4002: 4, 4003: 1, 4001: 2, 2006: 2} {
		if classes[class] != want {
			t.Errorf("%d events of class %v, want %d", classes[class], class, want)
		}
	}
}

// TestOCSFCanFail shows that the check finds what is wrong.
func TestOCSFCanFail(t *testing.T) {
	schema := readOCSF(t)
	for name, spoil := range map[string]func(map[string]any){
		"missing":    func(e map[string]any) { delete(e, "time") },
		"unknown":    func(e map[string]any) { e["colour"] = "red" },
		"enum":       func(e map[string]any) { e["disposition_id"] = 77.0 },
		"type":       func(e map[string]any) { e["type_uid"] = 1.0 },
		"number":     func(e map[string]any) { e["count"] = "1" },
		"constraint": func(e map[string]any) { delete(e, "http_request"); delete(e, "http_response") },
		"nested":     func(e map[string]any) { delete(e["ai_model"].(map[string]any), "ai_provider") },
		"profile":    func(e map[string]any) { e["metadata"].(map[string]any)["profiles"] = []any{} },
		"list":       func(e map[string]any) { e["src_endpoint"].(map[string]any)["owner"].(map[string]any)["groups"] = "x" },
		"query": func(e map[string]any) {
			e["http_request"].(map[string]any)["url"].(map[string]any)["url_string"] = "https://h/?q=1"
		},
	} {
		e := decodeLines(t, encode(t, stream.OCSF, samples()[:1]))[0]
		if spoil(e); len(schema.event(e)) == 0 {
			t.Errorf("%s: nothing found", name)
		}
	}
}

// ecsWords are the words that ECS allows in its categorisation fields; the
// types are those it expects for the categories network and web.
var ecsWords = map[string][]string{
	"event.kind":     {"alert", "event"},
	"event.category": {"network", "web"},
	"event.type":     {"access", "allowed", "connection", "denied", "end", "error", "info", "protocol", "start"},
	"event.outcome":  {"failure", "success", "unknown"},
}

func TestECS(t *testing.T) {
	raw, err := os.ReadFile("testdata/ecs.fields")
	if err != nil {
		t.Fatal(err)
	}
	types := make(map[string]string)
	for line := range strings.Lines(string(raw)) {
		if f := strings.Fields(line); len(f) == 2 {
			types[f[0]] = f[1]
		}
	}
	seen := make(map[string]bool)
	for _, e := range decodeLines(t, encode(t, stream.ECS, samples())) {
		for path, v := range flatten("", e) {
			seen[path] = true
			if strings.HasPrefix(path, "gnomon.") {
				continue
			}
			if bad := ecsWrong(types[path], path, v); bad != "" {
				t.Errorf("%s: %s", path, bad)
			}
		}
		for _, path := range []string{"@timestamp", "ecs.version", "event.kind", "event.category", "event.type", "event.outcome"} {
			if flatten("", e)[path] == nil {
				t.Errorf("no %s", path)
			}
		}
	}
	for path := range types {
		if !seen[path] {
			t.Errorf("%s is in the list, and never sent", path)
		}
	}
}

func ecsWrong(kind, path string, v any) string {
	values, ok := v.([]any)
	if !ok {
		values = []any{v}
	}
	for _, one := range values {
		text, isText := one.(string)
		n, isNumber := one.(float64)
		switch kind {
		case "":
			return "no field of ECS"
		case "date":
			if _, err := time.Parse(time.RFC3339Nano, text); err != nil {
				return err.Error()
			}
		case "long":
			if !isNumber || n != math.Trunc(n) {
				return fmt.Sprintf("%v is no number", one)
			}
		default:
			if !isText || text == "" {
				return fmt.Sprintf("%v is no text", one)
			}
		}
		if words := ecsWords[path]; words != nil && !slices.Contains(words, text) {
			return fmt.Sprintf("%q is none of %v", text, words)
		}
	}
	return ""
}

func flatten(prefix string, o map[string]any) map[string]any {
	out := make(map[string]any)
	for k, v := range o {
		if in, ok := v.(map[string]any); ok {
			for p, v := range flatten(prefix+k+".", in) {
				out[p] = v
			}
			continue
		}
		out[prefix+k] = v
	}
	return out
}

// TestOTLP checks log records against the JSON mapping of OTLP: a strict
// decoder refuses every name and type that it does not know.
func TestOTLP(t *testing.T) {
	for line := range bytes.Lines(encode(t, stream.OTLP, samples())) {
		var r otlpRecord
		strict(t, line, &r)
		if r.Time == 0 || r.Observed == 0 || r.Severity < 1 || r.Severity > 24 || r.Body.String == nil || *r.Body.String == "" || r.EventName == "" {
			t.Errorf("record %s", line)
		}
		checkAttributes(t, r.Attributes)
	}
}

type otlpRecord struct {
	Time       int64       `json:"timeUnixNano,string"`
	Observed   int64       `json:"observedTimeUnixNano,string"`
	Severity   int         `json:"severityNumber"`
	Text       string      `json:"severityText"`
	EventName  string      `json:"eventName"`
	Body       otlpValue   `json:"body"`
	Attributes []otlpField `json:"attributes"`
}

type otlpField struct {
	Key   string    `json:"key"`
	Value otlpValue `json:"value"`
}

type otlpValue struct {
	String *string `json:"stringValue"`
	Int    *int64  `json:"intValue,string"`
	Array  *struct {
		Values []otlpValue `json:"values"`
	} `json:"arrayValue"`
}

func checkAttributes(t *testing.T, list []otlpField) {
	t.Helper()
	seen := make(map[string]bool)
	for _, f := range list {
		n := 0
		for _, set := range []bool{f.Value.String != nil, f.Value.Int != nil, f.Value.Array != nil} {
			if set {
				n++
			}
		}
		if f.Key == "" || seen[f.Key] || n != 1 {
			t.Errorf("attribute %+v", f)
		}
		seen[f.Key] = true
	}
}

func strict(t *testing.T, b []byte, into any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
}
