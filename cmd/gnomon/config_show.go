package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"
)

// name returns the source of a setting as people read it.
func (s *sources) name(key string) string {
	if at, ok := s.at[key]; ok {
		return at.String()
	}
	return "default"
}

func showJSON(w io.Writer, s *Settings, from *sources) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, one := range s.all() {
		line := struct {
			Key    string `json:"key"`
			Value  any    `json:"value"`
			Source string `json:"source"`
		}{one.key, one.shown(), from.name(one.key)}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// showYAML prints s so that loading it gives the same settings, passwords
// apart.
func showYAML(w io.Writer, s *Settings, from *sources) error {
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	var above []string // the sections of the line before
	for _, one := range s.all() {
		keys := strings.Split(one.key, ".")
		sections, indent := keys[:len(keys)-1], strings.Repeat("  ", len(keys)-1)
		for i, section := range sections {
			if i >= len(above) || !slices.Equal(above[:i+1], sections[:i+1]) {
				fmt.Fprintf(t, "%s%s:\n", strings.Repeat("  ", i), section)
			}
		}
		above = sections
		name := indent + keys[len(keys)-1]
		if events, ok := one.value.Interface().([]EventSettings); ok && len(events) > 0 {
			fmt.Fprintf(t, "%s:\t# %s\n", name, from.name(one.key))
			for i := range events {
				shown := events[i]
				shown.To = withoutPath(shown.To)
				fmt.Fprintf(t, "  - %s\n", flowYAML(shown))
			}
			continue
		}
		fmt.Fprintf(t, "%s: %s\t# %s\n", name, flowYAML(one.shown()), from.name(one.key))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// shown is plain without passwords.
func (s *setting) shown() any {
	if s.key == "inventory.store" {
		return withoutPassword(s.value.String())
	}
	if events, ok := s.value.Interface().([]EventSettings); ok {
		events = slices.Clone(events)
		for i := range events {
			events[i].To = withoutPath(events[i].To)
		}
		return events
	}
	return s.plain()
}

// withoutPath leaves scheme and host of a URL: the path of a webhook is its
// secret at many services.
func withoutPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") == "" {
		return to
	}
	return u.Scheme + "://" + u.Host + "/..."
}

// withoutPassword blots out the password of a URL.
func withoutPassword(store string) string {
	scheme, rest, ok := strings.Cut(store, "://")
	if !ok {
		return store
	}
	u, err := url.Parse(store)
	if err == nil {
		return u.Redacted()
	}
	_, host, _ := cutLast(rest, "@") // lists of hosts are no URLs to net/url
	return scheme + "://" + host
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// flowYAML writes a value as YAML on one line. JSON is YAML; plain words go without
// quotation marks.
func flowYAML(v any) string {
	switch v := v.(type) {
	case string:
		if isWord(v) {
			return v
		}
	case map[string]string:
		parts := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, flowYAML(k)+": "+flowYAML(v[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice {
		parts := make([]string, r.Len())
		for i := range parts {
			parts[i] = flowYAML(r.Index(i).Interface())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "null" // no setting is of a kind that JSON can't write
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// isWord reports whether YAML reads s as the text that it is without quotation
// marks.
func isWord(s string) bool {
	if s == "" || s == "true" || s == "false" || s == "null" {
		return false
	}
	letter := false
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '/':
			letter = true
		case '0' <= c && c <= '9' || c == '_' || c == '.' || i > 0 && c == '-':
		default:
			return false
		}
	}
	return letter
}
