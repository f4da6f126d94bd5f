package logs

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestCivil compares our calendar with that of the standard library.
func TestCivil(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		want := time.Unix(rnd.Int64N(maxEpoch), 0).UTC()
		d := civil{year: want.Year(), month: int(want.Month()), day: want.Day(), hour: want.Hour(), min: want.Minute(), sec: want.Second()}
		if !d.valid() || d.unix() != want.Unix() {
			t.Fatalf("%v is %d, want %d", d, d.unix(), want.Unix())
		}
	}
	for _, d := range []civil{{2026, 2, 29, 0, 0, 0, 0}, {2100, 2, 29, 0, 0, 0, 0}, {2026, 13, 1, 0, 0, 0, 0}, {2026, 4, 31, 0, 0, 0, 0},
		{2026, 1, 1, 24, 0, 0, 0}, {1969, 1, 1, 0, 0, 0, 0}, {2026, 0, 1, 0, 0, 0, 0}} {
		if d.valid() {
			t.Errorf("%v is valid", d)
		}
	}
}

func TestTimes(t *testing.T) {
	e := &env{}
	read := map[string]func(string) (time.Time, bool){"iso": e.iso, "epoch": epoch, "digits": epochDigits, "bsd": e.bsd,
		"access": func(s string) (time.Time, bool) { t, _, ok := accessTime(s); return t, ok }}
	for _, tt := range []struct{ how, in, want string }{
		{"iso", "2026-03-02T09:15:04Z", "2026-03-02T09:15:04Z"},
		{"iso", "2026-03-02 09:15:04,250", "2026-03-02T09:15:04.25Z"},
		{"iso", "2026-03-02T09:15:04.250000+0530", "2026-03-02T03:45:04.25Z"},
		{"iso", "2026-03-02T09:15:04.1234567891-01:00", "2026-03-02T10:15:04.123456789Z"},
		{"iso", "2026-03-02T09:15:04Zx", ""},
		{"iso", "2026-03-02T09:15", ""},
		{"iso", "2026-02-30T09:15:04Z", ""},
		{"iso", "2026-03-02T25:15:04", ""},
		{"iso", "", ""},
		{"epoch", "1772442904.250", "2026-03-02T09:15:04.25Z"},
		{"epoch", "1772442904", "2026-03-02T09:15:04Z"},
		{"epoch", "1772442904.", "2026-03-02T09:15:04Z"},
		{"epoch", ".5", ""},
		{"epoch", "-1.5", ""},
		{"epoch", "1772442904.2x", ""},
		{"epoch", "999999999999999999", ""},
		{"digits", "1772442904", "2026-03-02T09:15:04Z"},
		{"digits", "1772442904250", "2026-03-02T09:15:04.25Z"},
		{"digits", "1772442904250000", "2026-03-02T09:15:04.25Z"},
		{"digits", "1772442904250000001", "2026-03-02T09:15:04.250000001Z"},
		{"digits", "17724429042500000011", ""},
		{"bsd", "Mar  2 2026 09:15:04", "2026-03-02T09:15:04Z"},
		{"bsd", "Mar 12 2026 09:15:04.250", "2026-03-12T09:15:04.25Z"},
		{"bsd", "Foo 12 2026 09:15:04", ""},
		{"access", "02/Mar/2026:09:15:04 -0430] rest", "2026-03-02T13:45:04Z"},
		{"access", "02/Mar/2026:09:15:04 UTC00] rest", ""},
	} {
		got, ok := read[tt.how](tt.in)
		if text := got.Format(time.RFC3339Nano); ok != (tt.want != "") || ok && text != tt.want {
			t.Errorf("%s %q = %s, %v, want %q", tt.how, tt.in, text, ok, tt.want)
		}
	}
}

func TestPeel(t *testing.T) {
	for _, tt := range []struct{ in, msg, stamp string }{
		{"<13>Mar  2 09:15:04 host app[1]: the message", "the message", "Mar  2 09:15:04"},
		{"Mar  2 2026 09:15:04 host : %ASA-6: x", "%ASA-6: x", "Mar  2 2026 09:15:04"},
		{"Mar  2 09:15:04 app: the message", "the message", "Mar  2 09:15:04"},
		{"Mar  2 09:15:04 fw 1,2026/03/02,THREAT,url", "1,2026/03/02,THREAT,url", "Mar  2 09:15:04"},
		{"<189>date=2026-03-02 time=09:15:04", "date=2026-03-02 time=09:15:04", ""},
		{"<165>1 2026-03-02T09:15:04.250Z host app - ID47 [x@1 a=\"]\" b=\"\\\"]\"][y@2] \uFEFFthe message", "the message", "2026-03-02T09:15:04.250Z"},
		{"<165>1 - - - - - - the message", "the message", ""},
		{"<165>1 2026-03-02T09:15:04Z host", "", "2026-03-02T09:15:04Z"},
		{"2026-03-02T09:15:04Z stderr P part", "part", "2026-03-02T09:15:04Z"},
		{"Mar  2 09:15:04 zscaler CEF:0|Zscaler|NSSWeblog|5.7|x", "CEF:0|Zscaler|NSSWeblog|5.7|x", "Mar  2 09:15:04"},
		{"2026-03-02 09:15:04 10 192.0.2.1", "", "none"},
		{"<999>text", "", "none"},
		{"Mars is a planet", "", "none"},
		{"{\"ts\":1}", "", "none"},
		{"", "", "none"},
	} {
		msg, p, ok := peel(tt.in)
		if !ok {
			p.stamp = "none"
			msg = ""
		}
		if msg != tt.msg || p.stamp != tt.stamp {
			t.Errorf("peel(%q) = %q at %q, want %q at %q", tt.in, msg, p.stamp, tt.msg, tt.stamp)
		}
	}
}

// FuzzPeel: what is peeled off was there, and the rest is the line's end.
func FuzzPeel(f *testing.F) {
	f.Add("<165>1 2026-03-02T09:15:04.250Z host app - ID47 [x@1 a=\"]\"] the message")
	f.Add("<13>Mar  2 09:15:04 host app[1]: the message")
	f.Fuzz(func(t *testing.T, s string) {
		msg, p, _ := peel(s)
		if !strings.HasSuffix(s, msg) || !strings.Contains(s, p.stamp) {
			t.Errorf("peel(%q) = %q, %+v", s, msg, p)
		}
		p.time(&env{})
	})
}

// FuzzObject compares our walk over JSON with the standard library's: what that
// takes for an object we must read alike.
func FuzzObject(f *testing.F) {
	for _, s := range []string{`{}`, ` { "a" : 1 , "b":[{"c":"]}"}],"d":null} `, `{"a":"\"\\\u00e9\ud83d\ude00\n","b":{"c":{"d":"}"}}}`, `{"a":tru`, `{"a":1,}`, `[]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := make(map[string]string)
		m := object(s)
		for m.next() {
			got[m.key] = m.value
			text(m.value)
			first(m.value)
		}
		var want map[string]json.RawMessage
		if json.Unmarshal([]byte(s), &want) != nil || want == nil || strings.ContainsAny(s, "\\\uFFFD") && !escapesInValues(want, s) {
			return
		}
		if m.bad || len(got) != len(want) {
			t.Fatalf("%q: bad %v, %d members, want %d", s, m.bad, len(got), len(want))
		}
		for k, v := range want {
			var str string
			if got[k] != string(v) {
				t.Errorf("%q: %s is %s, want %s", s, k, got[k], v)
			} else if json.Unmarshal(v, &str) == nil && v[0] == '"' && !strings.Contains(str, "\uFFFD") && text(got[k]) != str {
				t.Errorf("%s reads %q, want %q", v, text(got[k]), str)
			}
		}
	})
}

// escapesInValues tells whether all keys are written as they are: we don't
// decode those of keys.
func escapesInValues(m map[string]json.RawMessage, s string) bool {
	for k := range m {
		if !strings.Contains(s, `"`+k+`"`) {
			return false
		}
	}
	return true
}
