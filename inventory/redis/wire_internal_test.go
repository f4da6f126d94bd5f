package redis

import (
	"math"
	"reflect"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestWire(t *testing.T) {
	for _, want := range []sum{{}, {n: 1, up: math.MaxInt64, down: math.MinInt64, first: -5, last: 1 << 41}, {n: 1, wide: true, findings: 2, altered: 3, blocked: 4, sensitive: 5, handled: 6}} {
		if got, err := parseSum(want.text()); got != want || err != nil {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	v := service{row: inventory.Service{Service: "S", Vendor: "V", How: traffic.HowCatalogue, Users: 7, Findings: map[traffic.Class]int64{"secret": 2}}, features: []string{"a", ""}, sum: sum{n: 3, first: 1, last: 2}}
	got, err := parseService("id", v.text())
	if err != nil || got.row.Users != 7 || got.row.Findings["secret"] != 2 || got.row.Requests != 3 || !reflect.DeepEqual(got.features, v.features) {
		t.Errorf("%+v, %v", got, err)
	}
	var end ledger.Chain
	e := ledger.Entry{Time: time.Now(), Kind: "k", Subject: "\x00", By: "b", Data: []byte(`{"a": 1}`)}
	end.Extend(&e)
	var back ledger.Entry
	if err := decodeEntry(encodeEntry(&e), &back); err != nil || !reflect.DeepEqual(back, e) {
		t.Errorf("%+v, %v; want %+v", back, err, e)
	}
}

// FuzzWire reads what somebody may have put into Redis: an error, or what is
// written again the same way.
func FuzzWire(f *testing.F) {
	v := service{row: inventory.Service{Service: "S", Findings: map[traffic.Class]int64{"c": 1}}, features: []string{"x"}, sum: sum{n: 1}}
	r := row{seq: 1, span: 2, n: 1, data: "data"}
	wide := sum{n: 1, wide: true}
	for _, text := range []string{v.text(), r.text(), wide.text(), fieldOf("a", "b", "c"), encodeEntry(&ledger.Entry{Data: []byte("{}")}), "7 " + string(make([]byte, 32)), ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := parseSum(text); err == nil {
			if again, err := parseSum(s.text()); err != nil || again != s {
				t.Errorf("sum %+v becomes %+v, %v", s, again, err)
			}
		}
		if v, err := parseService("id", text); err == nil {
			if _, err := parseService("id", v.text()); err != nil {
				t.Errorf("service: %v", err)
			}
		}
		if r, err := parseRow(&goredis.XMessage{ID: "1-0", Values: map[string]any{"o": "0", "b": text}}); err == nil {
			_ = r.events(func(*inventory.Event) error { return nil })
		}
		var e ledger.Entry
		_ = decodeEntry(text, &e)
		_, _ = parseEnd(text)
		_ = otherUsage(text)
		_ = otherDay(text)
		_ = otherBlind(text)
		if kind, is := isService(text); is && kind != "" || len(kindOf(text)) > len(text) {
			t.Errorf("service %v, kind %q", is, kind)
		}
	})
}

// TestPlace: new values beyond the bounds go under another name, known ones
// don't.
func TestPlace(t *testing.T) {
	h := &hash{kinds: true, sums: map[string]*sum{"user=new": {n: 1}, "user=old": {n: 2}, "model=m": {n: 3}}, sizes: map[string]int64{}, grown: map[string]bool{}, room: -1}
	old := sum{n: 10}
	again, err := h.merge([]string{"user=new", "user=old", "model=m", "#user", "#model"}, []any{nil, old.text(), nil, "20000", "3"}, true)
	if err != nil || !reflect.DeepEqual(again, []string{"user=" + other}) {
		t.Fatalf("%q, %v", again, err)
	}
	if h.sums["user=old"].n != 12 || h.sums["user="+other].n != 1 || h.sums["user=new"] != nil || h.sizes["model"] != 4 || h.sizes["user"] != maxFacets {
		t.Errorf("%+v, sizes %v", h.sums, h.sizes)
	}
	if _, err := h.merge(again, []any{old.text()}, false); err != nil || h.sums["user="+other].n != 11 {
		t.Errorf("%+v, %v", h.sums["user="+other], err)
	}
	blind := &hash{sums: map[string]*sum{fieldOf("doh", "a", "c"): {n: 1}, fieldOf("doh", "b", "c"): {n: 2}}, room: 1, beyond: otherBlind}
	again, err = blind.merge([]string{fieldOf("doh", "a", "c"), fieldOf("doh", "b", "c")}, []any{nil, nil}, true)
	if err != nil || len(again) != 1 || blind.sums[fieldOf("doh", other, other)].n != 2 {
		t.Errorf("%q, %v, %+v", again, err, blind.sums)
	}
}
