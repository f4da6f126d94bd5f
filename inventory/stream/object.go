package stream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// m is a JSON object.
type m map[string]any

// set puts v at a path such as "http.request.method" unless it says nothing.
func (o m) set(path string, v any) {
	switch v := v.(type) {
	case string:
		if v == "" {
			return
		}
	case int64:
		if v == 0 {
			return
		}
	case []string:
		if len(v) == 0 {
			return
		}
	}
	for {
		head, rest, nested := strings.Cut(path, ".")
		if !nested {
			o[head] = v
			return
		}
		in, ok := o[head].(m)
		if !ok {
			in = m{}
			o[head] = in
		}
		o, path = in, rest
	}
}

// object appends v as JSON and a newline. Objects of ours are written without
// reflection, which takes most of the time of encoding/json.
func object(dst []byte, v any) ([]byte, error) {
	dst, err := appendValue(dst, v)
	if err != nil {
		return dst, fmt.Errorf("encoding an event: %w", err)
	}
	return append(dst, '\n'), nil
}

// appendValue appends v as encoding/json does, with the keys of objects sorted
// and without escapes for HTML: nobody puts it into a page.
func appendValue(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case m:
		return appendObject(dst, v)
	case string:
		return appendString(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case json.RawMessage:
		return append(dst, v...), nil // ours, encoded before
	case []string:
		return appendList(dst, v, appendString)
	case []m:
		return appendList(dst, v, appendObject)
	case attributes:
		return appendList(dst, v, appendObject)
	}
	b := bytes.NewBuffer(dst)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return dst, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func appendObject(dst []byte, o m) (_ []byte, err error) {
	var room [32]string
	keys := room[:0]
	for k := range o {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendString(dst, k); err != nil {
			return dst, err
		}
		dst = append(dst, ':')
		if dst, err = appendValue(dst, o[k]); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func appendList[T any](dst []byte, list []T, one func([]byte, T) ([]byte, error)) (_ []byte, err error) {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = one(dst, v); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

// appendString writes what needs no escape itself, and leaves the rest to
// encoding/json.
func appendString(dst []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return appendValue(dst, escaped(s))
		}
	}
	return append(append(append(dst, '"'), s...), '"'), nil
}

// escaped is a text that encoding/json has to write.
type escaped string
