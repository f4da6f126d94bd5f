package main

import (
	"net/netip"
	"reflect"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
)

// settingsSchema returns the JSON Schema of the settings file, for editors.
func settingsSchema() map[string]any {
	s := defaultSettings()
	s.StateDir = "" // depends on the machine
	root := object()
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Settings of Gnomon"
	for _, one := range s.all() {
		in := root
		keys := strings.Split(one.key, ".")
		for _, key := range keys[:len(keys)-1] {
			props := in["properties"].(map[string]any)
			if props[key] == nil {
				props[key] = object()
			}
			in = props[key].(map[string]any)
		}
		in["properties"].(map[string]any)[keys[len(keys)-1]] = one.schema()
	}
	return root
}

func object() map[string]any {
	return map[string]any{"type": "object", "additionalProperties": false, "properties": map[string]any{}}
}

func (s *setting) schema() map[string]any {
	out := typeSchema(s.value.Type())
	out["description"] = s.tag.Get("help")
	if words := s.tag.Get("enum"); words != "" {
		out["enum"] = strings.Split(words, ",")
	}
	if !s.value.IsZero() {
		out["default"] = s.plain()
	}
	return out
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	sizeType     = reflect.TypeFor[strictyaml.Size]()
	networkType  = reflect.TypeFor[netip.Prefix]()
	periodType   = reflect.TypeFor[period]()
)

func typeSchema(t reflect.Type) map[string]any {
	switch t {
	case durationType:
		return map[string]any{"type": "string", "pattern": `^([0-9.]+(ns|us|µs|ms|s|m|h))+$`}
	case periodType:
		return map[string]any{"type": "string", "pattern": `^([0-9]+d|([0-9.]+(ns|us|µs|ms|s|m|h))+)$`}
	case sizeType:
		return map[string]any{"type": []string{"string", "integer"}, "pattern": `^[0-9]+ ?(B|KiB|MiB|GiB)?$`}
	case networkType:
		return map[string]any{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Slice:
		return map[string]any{"type": "array", "items": typeSchema(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": typeSchema(t.Elem())}
	case reflect.Struct:
		out := object()
		for f := range t.Fields() {
			one := typeSchema(f.Type)
			one["description"] = f.Tag.Get("help")
			if words := f.Tag.Get("enum"); words != "" {
				of := one
				if items, ok := one["items"].(map[string]any); ok {
					of = items // each of a list is one of the words
				}
				of["enum"] = strings.Split(words, ",")
			}
			out["properties"].(map[string]any)[f.Tag.Get("yaml")] = one
		}
		return out
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Uint16:
		return map[string]any{"type": "integer", "minimum": 0, "maximum": 1<<16 - 1}
	}
	return map[string]any{"type": "string"}
}

// plain returns the value as YAML and JSON show it: durations, sizes and
// networks as text.
func (s *setting) plain() any {
	switch v := s.value.Interface().(type) {
	case time.Duration:
		return v.String()
	case period:
		return v.String()
	case strictyaml.Size:
		return v.String()
	case []netip.Prefix:
		out := make([]string, len(v))
		for i, n := range v {
			out[i] = n.String()
		}
		return out
	case []string:
		return append([]string{}, v...) // never null
	case []EventSettings:
		return append([]EventSettings{}, v...)
	case map[string]string:
		if v == nil {
			return map[string]string{}
		}
		return v
	default:
		return v
	}
}
