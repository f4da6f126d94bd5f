package stream_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/stream"
)

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

// ecsWords are the words that ECS allows in its categorisation fields; the
// types are those it expects for these categories.
var ecsWords = map[string][]string{
	"event.kind":     {"alert", "event"},
	"event.category": {"configuration", "database", "iam", "intrusion_detection", "network", "web"},
	"event.type":     {"access", "admin", "allowed", "change", "connection", "denied", "end", "error", "info", "protocol", "start"},
	"event.outcome":  {"failure", "success", "unknown"},
}

// ecsExpected are the types that ECS expects of a category.
var ecsExpected = map[string][]string{
	"network": {"access", "allowed", "connection", "denied", "end", "info", "protocol", "start"},
	"web":     {"access", "error", "info"},

	"configuration":       {"access", "change", "creation", "deletion", "info"},
	"database":            {"access", "change", "error", "info"},
	"iam":                 {"admin", "change", "creation", "deletion", "group", "info", "user"},
	"intrusion_detection": {"allowed", "denied", "info"},
}

// ecsLists are the fields that ECS wants as lists.
var ecsLists = map[string]bool{"event.category": true, "event.type": true, "related.hosts": true, "related.ip": true, "related.user": true}

func ecsTypes(t *testing.T) map[string]string {
	t.Helper()
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
	return types
}

func TestECS(t *testing.T) {
	types := ecsTypes(t)
	seen := make(map[string]bool)
	for what, one := range kinds() {
		for _, e := range decodeLines(t, encode(t, stream.ECS, []inventory.Event{*one})) {
			flat := flatten("", e)
			for path := range flat {
				seen[path] = true
			}
			for _, bad := range ecsEvent(types, flat) {
				t.Errorf("%s: %s", what, bad)
			}
		}
	}
	for path := range flatten("", decodeLines(t, encodeNotices(t, stream.ECS, notices()[:1]...))[0]) {
		seen[path] = true
	}
	for path := range types {
		if !seen[path] {
			t.Errorf("%s is in the list, and never sent", path)
		}
	}
}

// ecsEvent checks an event, flattened.
func ecsEvent(types map[string]string, e map[string]any) (bad []string) {
	for path, v := range e {
		if v == nil {
			bad = append(bad, path+" is null")
		}
		if strings.HasPrefix(path, "gnomon.") {
			continue
		}
		if wrong := ecsWrong(types[path], path, v); wrong != "" {
			bad = append(bad, path+": "+wrong)
		}
		if _, isList := v.([]any); isList != ecsLists[path] {
			bad = append(bad, path+" is a list, or none")
		}
	}
	for _, path := range []string{"@timestamp", "ecs.version", "event.kind", "event.category", "event.type", "event.outcome"} {
		if e[path] == nil {
			bad = append(bad, "no "+path)
		}
	}
	said := toList(e["event.type"])
	for _, category := range toList(e["event.category"]) {
		if !slices.ContainsFunc(said, func(v any) bool { return slices.Contains(ecsExpected[fmt.Sprint(category)], fmt.Sprint(v)) }) {
			bad = append(bad, fmt.Sprintf("none of the types %v is expected of the category %v", said, category))
		}
	}
	return bad
}

func toList(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return nil
}

// TestECSCanFail shows that the check finds what is wrong.
func TestECSCanFail(t *testing.T) {
	types := ecsTypes(t)
	for name, spoil := range map[string]func(map[string]any){
		"missing":  func(e map[string]any) { delete(e, "event.kind") },
		"unknown":  func(e map[string]any) { e["source.colour"] = "red" },
		"word":     func(e map[string]any) { e["event.outcome"] = "good" },
		"number":   func(e map[string]any) { e["source.bytes"] = "1" },
		"time":     func(e map[string]any) { e["@timestamp"] = "yesterday" },
		"address":  func(e map[string]any) { e["destination.ip"] = "host" },
		"no list":  func(e map[string]any) { e["event.type"] = "access" },
		"category": func(e map[string]any) { e["event.type"] = []any{"start"} },
		"empty":    func(e map[string]any) { e["user.id"] = "" },
	} {
		e := flatten("", decodeLines(t, encode(t, stream.ECS, samples()[:1]))[0])
		if spoil(e); len(ecsEvent(types, e)) == 0 {
			t.Errorf("%s: nothing found", name)
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
		case "ip":
			if !isIP(one) {
				return fmt.Sprintf("%v is no address", one)
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
