package inventory

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// full returns an event with something in every field but Fresh, so that a new one
// is not forgotten.
func full(t testing.TB) Event {
	t.Helper()
	e := Event{
		Time: time.Date(2026, 11, 22, 1, 2, 3, 400, time.UTC), Groups: []string{"a", "", "Grüße\xff"}, Features: []string{"host"}, Prints: []string{"p", "q"}, Noted: []string{"n"},
		Tools: []string{"search"}, Servers: []string{"mcp.example"}, Findings: map[string]int{"iban": 1, "": -2}, Classes: map[traffic.Class]int{traffic.ClassSecret: 3},
		Confidence: 0.7, Account: Account{"api_key", "org", "team", "k"}, People: []Person{{"u-1", []byte{0, 255}}, {"c-1", []byte{1}}},
	}
	v := reflect.ValueOf(&e).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case !f.IsZero() || v.Type().Field(i).Name == "Fresh":
		case f.Kind() == reflect.String:
			f.SetString(fmt.Sprintf("%s-%d\n<\"", v.Type().Field(i).Name, i))
		case f.CanInt():
			f.SetInt(int64(i) - 20)
		default:
			t.Fatalf("field %s is not filled", v.Type().Field(i).Name)
		}
	}
	return e
}

func TestNote(t *testing.T) {
	for _, want := range []Event{full(t), {Time: time.Unix(0, 0).UTC()}, {Time: time.Unix(-5, 7).UTC(), Up: math.MinInt64, Confidence: math.Inf(1)}} {
		got, err := readNote(appendNote(nil, &want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("read\n%+v, %v\nwant\n%+v", got, err, want)
		}
	}
	e := full(t)
	whole := appendNote(nil, &e)
	for n := range whole {
		if _, err := readNote(whole[:n]); err == nil {
			t.Fatalf("cut at %d of %d: read without an error", n, len(whole))
		}
	}
	if _, err := readNote(append(whole, 0)); err == nil {
		t.Error("with a byte more: read without an error")
	}
}

// FuzzNote reads anything: what is read is read again from what is written of it.
func FuzzNote(f *testing.F) {
	e := full(f)
	f.Add(appendNote(nil, &e))
	f.Add(appendNote(nil, &Event{}))
	f.Add([]byte{noteVersion, 0xff, 0xff})
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := readNote(b)
		if err != nil {
			return
		}
		again, err := readNote(appendNote(nil, &e))
		if err != nil || !bytes.Equal([]byte(fmt.Sprint(again)), []byte(fmt.Sprint(e))) {
			t.Errorf("%v, then %v, %v", e, again, err)
		}
	})
}

func BenchmarkNote(b *testing.B) {
	e := full(b)
	var buf []byte
	for b.Loop() {
		buf = appendNote(buf[:0], &e)
	}
}

func BenchmarkLineOfFull(b *testing.B) {
	e := full(b)
	var buf []byte
	for b.Loop() {
		buf, _ = AppendLine(buf[:0], &e)
	}
}
