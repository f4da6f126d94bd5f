package inventory_test

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// fill puts something into every field below v, so that a new one is not
// forgotten.
func fill(t testing.TB, v reflect.Value, text string) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int, reflect.Int64:
		v.SetInt(-42)
	case reflect.Uint8:
		v.SetUint(7)
	case reflect.Float64:
		v.SetFloat(0.7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range v.Len() {
			fill(t, v.Index(i), text)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, k := range []string{text, "b", "a"} {
			v.SetMapIndex(reflect.ValueOf(k).Convert(v.Type().Key()), reflect.ValueOf(3))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 22, 1, 2, 3, 400, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(t, v.Field(i), text)
		}
	default:
		t.Fatalf("a field of kind %s", v.Kind())
	}
}

// sameLine compares AppendLine with encoding/json, which others read lines with.
func sameLine(t *testing.T, e *inventory.Event) {
	t.Helper()
	want, bad := json.Marshal(e)
	got, err := inventory.AppendLine([]byte("before"), e)
	if (err != nil) != (bad != nil) {
		t.Fatalf("error %v, json.Marshal has %v", err, bad)
	}
	if got = bytes.TrimPrefix(got, []byte("before")); !bytes.Equal(got, want) {
		t.Errorf("line\n%s\njson.Marshal has\n%s", got, want)
	}
}

func TestAppendLine(t *testing.T) {
	sameLine(t, &inventory.Event{})
	for _, text := range []string{"plain", "", "<script>&\"\\", "Grüße \u2028", "\x00\x1f\x7f", "\xff\xfe", strings.Repeat("x", 300)} {
		var e inventory.Event
		fill(t, reflect.ValueOf(&e).Elem(), text)
		sameLine(t, &e)
	}
	for _, f := range []float64{1, 0.5, 1e-9, 1e22, math.Inf(1), math.NaN()} {
		sameLine(t, &inventory.Event{Confidence: f})
	}
	for _, at := range []time.Time{time.Unix(0, 0), time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600)), time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)} {
		sameLine(t, &inventory.Event{Time: at})
	}
}

// BenchmarkLine compares it with encoding/json.
func BenchmarkLine(b *testing.B) {
	var e inventory.Event
	s := sighting()
	e = inventory.Event{
		ID: traffic.NewID(time.Now()), Time: time.Now().UTC(), Sensor: s.Sensor, Client: "c-0123456789ab", User: "u-0123456789ab", Groups: s.Groups,
		Host: s.Host, Method: s.Method, Path: s.Path, UserAgent: s.UserAgent, ServiceID: s.Verdict.ID, Service: s.Verdict.Service, Vendor: s.Verdict.Vendor,
		Confidence: 1, Features: s.Verdict.Features, Findings: s.Findings, Classes: s.Classes, Requests: 1, Up: 1000, Down: 1000, Code: 200, Took: time.Second,
	}
	b.Run("json", func(b *testing.B) {
		for b.Loop() {
			if _, err := json.Marshal(&e); err != nil {
				b.Fatal(err)
			}
		}
	})
	var line []byte
	b.Run("line", func(b *testing.B) {
		for b.Loop() {
			var err error
			if line, err = inventory.AppendLine(line[:0], &e); err != nil {
				b.Fatal(err)
			}
		}
	})
}
