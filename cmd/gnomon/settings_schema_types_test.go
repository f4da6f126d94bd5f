package main

import (
	"encoding/json"
	"testing"
)

// TestSchemaTypes: the default of each setting is of the type that the schema asks for.
func TestSchemaTypes(t *testing.T) {
	var out struct{ Properties map[string]json.RawMessage }
	raw, err := json.Marshal(settingsSchema())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	looked := 0
	var look func(name string, raw json.RawMessage)
	look = func(name string, raw json.RawMessage) {
		var s struct {
			Type       any
			Default    any
			Properties map[string]json.RawMessage
		}
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		for k, v := range s.Properties {
			look(name+"."+k, v)
		}
		types, ok := s.Type.([]any)
		if !ok {
			types = []any{s.Type}
		}
		fits := s.Default == nil
		for _, want := range types {
			switch s.Default.(type) {
			case bool:
				fits = fits || want == "boolean"
			case float64:
				fits = fits || want == "integer" || want == "number"
			case string:
				fits = fits || want == "string"
			case []any:
				fits = fits || want == "array"
			case map[string]any:
				fits = fits || want == "object"
			}
		}
		if looked++; !fits {
			t.Errorf("%s: default %v, type %v", name, s.Default, s.Type)
		}
	}
	for k, v := range out.Properties {
		look(k, v)
	}
	if looked < 50 {
		t.Errorf("%d settings looked at", looked)
	}
}
