package controls_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// schema checks documents against NIST's JSON schema: the part of JSON Schema
// draft 7 that it uses.
type schema struct {
	root     map[string]any
	patterns sync.Map
}

func loadSchema(t *testing.T) *schema {
	t.Helper()
	text, err := os.ReadFile("testdata/oscal-1.2.3.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	s := new(schema)
	if err := json.Unmarshal(text, &s.root); err != nil {
		t.Fatal(err)
	}
	return s
}

// check returns what is wrong with a document.
func (s *schema) check(document any) []string {
	text, err := json.Marshal(document)
	if err != nil {
		return []string{err.Error()}
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return []string{err.Error()}
	}
	for _, option := range s.root["oneOf"].([]any) {
		o := option.(map[string]any)
		for name := range o["properties"].(map[string]any) {
			if _, ok := v.(map[string]any)[name]; ok {
				return s.value(o, v, "")
			}
		}
	}
	return []string{"no model of OSCAL"}
}

func (s *schema) value(rule map[string]any, v any, at string) (wrong []string) {
	fail := func(format string, args ...any) { wrong = append(wrong, at+": "+fmt.Sprintf(format, args...)) }
	for key, want := range rule {
		switch key {
		case "$ref":
			name := strings.TrimPrefix(want.(string), "#/definitions/")
			wrong = append(wrong, s.value(s.root["definitions"].(map[string]any)[name].(map[string]any), v, at)...)
		case "type":
			if !isType(want.(string), v) {
				fail("is no %v: %v", want, v)
			}
		case "enum":
			found := false
			for _, e := range want.([]any) {
				found = found || reflect.DeepEqual(e, v)
			}
			if !found {
				fail("%v is none of %v", v, want)
			}
		case "pattern":
			if text, ok := v.(string); ok && !s.pattern(want.(string)).MatchString(text) {
				fail("%q does not match %v", text, want)
			}
		case "format":
			if text, ok := v.(string); ok && !isFormat(want.(string), text) {
				fail("%q is no %v", text, want)
			}
		case "minimum":
			if n, ok := v.(float64); ok && n < want.(float64) {
				fail("%v is less than %v", n, want)
			}
		case "minItems":
			if list, ok := v.([]any); ok && len(list) < int(want.(float64)) {
				fail("%d items, want %v", len(list), want)
			}
		case "items":
			list, _ := v.([]any)
			for i, item := range list {
				wrong = append(wrong, s.value(want.(map[string]any), item, fmt.Sprintf("%s/%d", at, i))...)
			}
		case "required":
			object, isObject := v.(map[string]any)
			for _, name := range want.([]any) {
				if _, ok := object[name.(string)]; isObject && !ok {
					fail("lacks %v", name)
				}
			}
		case "allOf":
			for _, r := range want.([]any) {
				wrong = append(wrong, s.value(r.(map[string]any), v, at)...)
			}
		case "anyOf":
			wrong = append(wrong, s.any(want.([]any), v, at)...)
		case "properties", "additionalProperties":
		default:
			if !strings.HasPrefix(key, "$") && key != "contentEncoding" {
				fail("the schema says %q, which this check does not know", key)
			}
		}
	}
	return append(wrong, s.properties(rule, v, at)...)
}

func (s *schema) properties(rule map[string]any, v any, at string) (wrong []string) {
	object, ok := v.(map[string]any)
	known, has := rule["properties"].(map[string]any)
	if !ok || !has {
		return nil
	}
	for name, value := range object {
		r, ok := known[name].(map[string]any)
		if !ok {
			if rule["additionalProperties"] == false {
				wrong = append(wrong, at+": unknown property "+name)
			}
			continue
		}
		wrong = append(wrong, s.value(r, value, at+"/"+name)...)
	}
	return wrong
}

func (s *schema) any(options []any, v any, at string) (wrong []string) {
	for _, o := range options {
		w := s.value(o.(map[string]any), v, at)
		if len(w) == 0 {
			return nil
		}
		wrong = append(wrong, w...)
	}
	return append(wrong, at+": fits none of the above")
}

func (s *schema) pattern(text string) *regexp.Regexp {
	if p, ok := s.patterns.Load(text); ok {
		return p.(*regexp.Regexp)
	}
	p := regexp.MustCompile(text)
	s.patterns.Store(text, p)
	return p
}

func isType(name string, v any) bool {
	switch v := v.(type) {
	case string:
		return name == "string"
	case map[string]any:
		return name == "object"
	case []any:
		return name == "array"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	}
	return false
}

func isFormat(name, text string) bool {
	u, err := url.Parse(text)
	switch name {
	case "date-time":
		_, err := time.Parse(time.RFC3339, text)
		return err == nil
	case "uri":
		return err == nil && u.IsAbs()
	case "uri-reference":
		return err == nil && !strings.ContainsAny(text, " \t\n<>\"{}|\\^`")
	}
	return true
}

// TestSchemaCheck shows that the check can fail.
func TestSchemaCheck(t *testing.T) {
	s := loadSchema(t)
	good := crosswalk(t)
	for _, tt := range []struct {
		name   string
		change func(c map[string]any)
		want   string
	}{
		{"unknown key", func(c map[string]any) { c["uid"] = "x" }, "unknown property uid"},
		{"missing key", func(c map[string]any) { delete(c, "provenance") }, "lacks provenance"},
		{"no UUID", func(c map[string]any) { c["uuid"] = "x" }, "does not match"},
		{"word", func(c map[string]any) { c["provenance"].(map[string]any)["method"] = "guess" }, "is none of"},
		{"empty list", func(c map[string]any) { c["mappings"] = []any{} }, "0 items"},
		{"time without zone", func(c map[string]any) { c["metadata"].(map[string]any)["last-modified"] = "2026-11-22T00:00:00" }, "is no date-time"},
		{"empty text", func(c map[string]any) { c["metadata"].(map[string]any)["version"] = " " }, "does not match"},
		{"type", func(c map[string]any) { c["metadata"] = "x" }, "is no object"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, _ := json.Marshal(good)
			var v map[string]any
			json.Unmarshal(text, &v)
			tt.change(v["mapping-collection"].(map[string]any))
			if got := strings.Join(s.check(v), "\n"); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := s.check(map[string]any{"catalog": 1}); len(got) == 0 {
		t.Error("a model that is not there passes")
	}
}
