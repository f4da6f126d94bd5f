package pack

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// filled returns an event with a value in each field that is packed.
func filled(t testing.TB, n int) inventory.Event {
	t.Helper()
	at := time.Unix(1_790_000_000, 123456789+int64(n)).UTC()
	e := inventory.Event{
		ID: traffic.NewID(at), Time: at, Groups: []string{"a", fmt.Sprint(n), ""}, Features: []string{"host"}, Prints: []string{"p", "q"}, Noted: []string{"token_stream"}, Tools: []string{"search"}, Servers: []string{"mcp.example"},
		Findings: map[string]int{"aws-key": 2, "iban": n}, Classes: map[traffic.Class]int{traffic.ClassSecret: 3}, Confidence: 0.7,
		Account: inventory.Account{Kind: "api_key", Organisation: "org", Plan: "team", Key: "k"},
	}
	v := reflect.ValueOf(&e).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case !f.IsZero():
		case f.Kind() == reflect.String:
			f.SetString(fmt.Sprintf("%s-%d", v.Type().Field(i).Name, n%3))
		case f.CanInt():
			f.SetInt(int64(i*1000 - n))
		}
	}
	for i := range v.NumField() {
		switch name := v.Type().Field(i).Name; {
		case name == "People" || name == "Fresh": // not packed
		case v.Field(i).IsZero():
			t.Fatalf("field %s is not filled", name)
		}
	}
	return e
}

func packed(events []inventory.Event) (ids, data []byte) {
	var p Packer
	p.Reset()
	for i := range events {
		k, _ := Address(&events[i])
		ids = append(ids, k[:]...)
		p.Add(&events[i], k)
	}
	return ids, p.Bytes()
}

func TestPack(t *testing.T) {
	want := []inventory.Event{{ID: "no number", Time: time.Unix(-5, 0).UTC(), Up: math.MinInt64}}
	for n := range 5 {
		want = append(want, filled(t, n))
	}
	want = append(want, inventory.Event{ID: "ABCDEF0123456789ABCDEF0123456789", Time: time.Unix(0, 0).UTC()}) // not as NewID writes it
	var got []inventory.Event
	ids, data := packed(want)
	if err := Unpack(ids, data, func(e *inventory.Event) error { got = append(got, *e); return nil }); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("unpacked\n%+v\nwant\n%+v", got, want)
	}
}

// TestPackOld reads what the versions before wrote: they had none of the last
// fields, a byte each where they are empty.
func TestPackOld(t *testing.T) {
	for version, missing := range map[byte]int{3: 1, 2: 4, 1: 6} {
		want := filled(t, 1)
		want.Files, want.People = 0, nil
		if version < 3 {
			want.Agent, want.Tools, want.Servers = "", nil, nil
		}
		if version == 1 {
			want.Noted, want.Blind = nil, ""
		}
		ids, data := packed([]inventory.Event{want})
		data = data[:len(data)-missing]
		data[0] = version
		var got inventory.Event
		if err := Unpack(ids, data, func(e *inventory.Event) error { got = *e; return nil }); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("version %d: unpacked\n%+v\nwant\n%+v", version, got, want)
		}
	}
}

func TestAddress(t *testing.T) {
	at := time.UnixMilli(1_790_000_000_000)
	e := inventory.Event{ID: traffic.NewID(at)}
	k, span := Address(&e)
	if k.String() != e.ID || span != at.UnixMilli()>>SpanBits {
		t.Errorf("Address(%q) = %v, %d", e.ID, k, span)
	}
	upper := inventory.Event{ID: "ABCDEF0123456789ABCDEF0123456789"}
	lower := inventory.Event{ID: "abcdef0123456789abcdef0123456789"}
	a, _ := Address(&upper)
	if b, _ := Address(&lower); a == b {
		t.Error("two IDs have one key")
	}
}

func FuzzUnpack(f *testing.F) {
	ids, data := packed([]inventory.Event{filled(f, 1), filled(f, 2)})
	f.Add(ids, data)
	f.Add(ids[:16], data)
	f.Add([]byte(nil), []byte{version, 0})
	f.Add(ids, data[:len(data)-1])
	f.Add(ids, []byte{version, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, ids, data []byte) {
		n := 0
		err := Unpack(ids, data, func(e *inventory.Event) error { n++; return nil })
		if err == nil && n != len(ids)/len(Key{}) {
			t.Fatalf("%d events of %d without an error", n, len(ids)/len(Key{}))
		}
	})
}
