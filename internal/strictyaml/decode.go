package strictyaml

import (
	"encoding"
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxValues bounds the values of one file with its aliases resolved: a few
// lines of aliases to aliases would otherwise unfold into billions.
const maxValues = 200_000

// Decode fills the struct that into points to. The error is of type Errors;
// what is right has been decoded all the same.
func (d *Document) Decode(into any) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("strictyaml: decoding into %T, want a pointer to a struct", into))
	}
	if d.root == nil {
		return nil
	}
	dec := decoder{file: d.file, keys: make(map[reflect.Type]*keys)}
	dec.value(d.root, v.Elem())
	return dec.errs.Err()
}

type decoder struct {
	file   string
	errs   Errors
	keys   map[reflect.Type]*keys
	values int
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	prefixType   = reflect.TypeFor[netip.Prefix]()
	addrType     = reflect.TypeFor[netip.Addr]()
	positionType = reflect.TypeFor[Position]()
)

// value decodes n into v. The depth of its recursion is that of v's type.
func (d *decoder) value(n *yaml.Node, v reflect.Value) {
	if d.values++; d.values > maxValues {
		if d.values == maxValues+1 {
			d.fail(n, "more than %d values in one file (aliases count each time); split it", maxValues)
		}
		return
	}
	n = target(n)
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return
	}
	if !plainTag(n) {
		d.fail(n, "the tag %s is not supported; remove it", quote(n.Tag))
		return
	}
	switch {
	case v.Type() == timeType, v.Type() == durationType, isText(v):
		d.scalar(n, v)
	case v.Kind() == reflect.Struct:
		d.mapping(n, v)
	case v.Kind() == reflect.Slice:
		d.list(n, v)
	case v.Kind() == reflect.Map:
		d.table(n, v)
	default:
		d.scalar(n, v)
	}
}

func plainTag(n *yaml.Node) bool {
	switch n.Tag {
	case "", "!!str", "!!int", "!!float", "!!bool", "!!timestamp", "!!map", "!!seq", "!!merge":
		return true
	}
	return false
}

func isText(v reflect.Value) bool {
	_, ok := v.Addr().Interface().(encoding.TextUnmarshaler)
	return ok
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.fail(n, "expected keys with values, got %s", describe(n))
		return
	}
	k := d.keysOf(v.Type())
	if k.position >= 0 {
		v.Field(k.position).Set(reflect.ValueOf(position(d.file, n)))
	}
	d.pairs(n, func(key, value *yaml.Node) {
		i, ok := k.byName[key.Value]
		if !ok {
			d.fail(key, "unknown key %s%s", quote(key.Value), DidYouMean(key.Value, k.names))
			return
		}
		d.value(value, v.Field(i))
	})
}

// pairs calls visit for each key that occurs for the first time.
func (d *decoder) pairs(n *yaml.Node, visit func(key, value *yaml.Node)) {
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := target(n.Content[i])
		switch line, twice := seen[key.Value]; {
		case key.Kind != yaml.ScalarNode:
			d.fail(n.Content[i], "expected a key, got %s", describe(key))
		case key.Tag == "!!merge":
			d.fail(key, "merge keys are not supported; write the values out")
		case twice:
			d.fail(key, "duplicate key %s, first on line %d", quote(key.Value), line)
		default:
			seen[key.Value] = key.Line
			visit(key, n.Content[i+1])
		}
	}
}

func (d *decoder) list(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		hint := ""
		if n.Kind == yaml.ScalarNode {
			hint = "; write [" + n.Value + "]"
			if len(n.Value) > 40 {
				hint = "; put it in [ ]"
			}
		}
		d.fail(n, "expected a list, got %s%s", describe(n), hint)
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		if t := target(item); t.Kind == yaml.ScalarNode && t.Tag == "!!null" {
			d.fail(item, "empty list item")
			continue
		}
		if d.values > maxValues {
			break
		}
		d.value(item, out.Index(i))
	}
	v.Set(out)
}

func (d *decoder) table(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.fail(n, "expected keys with values, got %s", describe(n))
		return
	}
	out := reflect.MakeMapWithSize(v.Type(), len(n.Content)/2)
	d.pairs(n, func(key, value *yaml.Node) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(value, item)
		out.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), item)
	})
	v.Set(out)
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.fail(n, "expected %s, got %s", wanted(v), describe(n))
		return
	}
	// A quoted number is text: who quotes it means it so.
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 && isNumeric(v) {
		d.fail(n, "expected %s, got text in quotation marks", wanted(v))
		return
	}
	if err := SetText(v, n.Value); err != nil {
		d.fail(n, "%v", err)
	}
}

func isNumeric(v reflect.Value) bool {
	if v.Type() == durationType || isText(v) {
		return false
	}
	switch v.Kind() {
	case reflect.String, reflect.Struct:
		return false
	}
	return true
}

// SetText sets v, which must be addressable and of a kind that one YAML scalar
// can fill, from its text. The error says what was expected.
func SetText(v reflect.Value, text string) error {
	bad := func() error { return fmt.Errorf("expected %s, got %s", wanted(v), quote(text)) }
	switch v.Type() {
	case timeType:
		t, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return bad()
		}
		v.Set(reflect.ValueOf(t))
		return nil
	case durationType:
		t, err := time.ParseDuration(text)
		if err != nil {
			return bad()
		}
		v.SetInt(int64(t))
		return nil
	}
	if v.Type() == prefixType {
		p, err := ParseNetwork(text)
		v.Set(reflect.ValueOf(p))
		return err
	}
	if v.Type() == addrType {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return bad()
		}
		v.Set(reflect.ValueOf(a))
		return nil
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return bad()
		}
		v.SetBool(text == "true")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			return bad()
		}
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		u, err := strconv.ParseUint(text, 10, v.Type().Bits())
		if err != nil {
			return bad()
		}
		v.SetUint(u)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(text, v.Type().Bits())
		if err != nil || f != f || f-f != 0 { // NaN and infinities compare oddly
			return bad()
		}
		v.SetFloat(f)
	default:
		panic(fmt.Sprintf("strictyaml: no way to decode into %s", v.Type()))
	}
	return nil
}

// wanted says in words what v takes.
func wanted(v reflect.Value) string {
	switch v.Type() {
	case timeType:
		return "a date (YYYY-MM-DD)"
	case durationType:
		return "a duration such as 10s or 1h30m"
	case addrType:
		return "an IP address"
	}
	switch v.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if bits := v.Type().Bits(); bits < 64 {
			return fmt.Sprintf("a whole number from 0 to %d", uint64(1)<<bits-1)
		}
		return "a whole number from 0"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "text"
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	}
	return quote(n.Value)
}

func (d *decoder) fail(n *yaml.Node, format string, args ...any) {
	d.errs.Add(position(d.file, n), format, args...)
}
