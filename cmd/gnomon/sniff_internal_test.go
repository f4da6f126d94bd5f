package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestObservationLines holds the lines written by hand against encoding/json.
func TestObservationLines(t *testing.T) {
	var lines observationLines
	for _, name := range []string{"api.openai.com", `a\046b"c`, "ünï.example", "."} {
		o := sniffer.Observation{
			Time: time.Date(2026, 11, 22, 3, 4, 5, 6000, time.UTC), Sensor: traffic.SensorTLS, Kind: sniffer.KindHello, Name: name,
			Client: netip.MustParseAddr("192.0.2.7"), ClientPort: 40000, Server: netip.MustParseAddr("2001:db8::1"), ServerPort: 443,
			Verdict: &traffic.Verdict{Service: "A <&> Ü", How: traffic.HowCatalogue},
		}
		var got map[string]any
		line := lines.appendJSON(nil, &o)
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		want := map[string]any{
			"time": "2026-11-22T03:04:05.000006Z", "sensor": "tls", "kind": "hello", "name": name, "service": "A <&> Ü",
			"client": "192.0.2.7", "client_port": 40000.0, "server": "2001:db8::1", "server_port": 443.0,
		}
		for key, v := range want {
			if got[key] != v || len(got) != len(want) {
				t.Errorf("%s = %v, want %v", key, got[key], v)
			}
		}
		text := "2026-11-22T03:04:05Z  tls    hello  192.0.2.7                                2001:db8::1                              " + name + "  [A <&> Ü]\n"
		if line := string(lines.appendText(nil, &o)); line != text {
			t.Errorf("got  %qwant %q", line, text)
		}
		b := make([]byte, 0, 1<<10)
		if n := testing.AllocsPerRun(100, func() { lines.appendText(b, &o) }); n != 0 {
			t.Errorf("a line allocates %v times, want 0", n)
		}
	}
}

// TestPlainLines holds lines put together of pieces against those that are not.
func TestPlainLines(t *testing.T) {
	var plain, other observationLines
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	quick := 0
	for range 50_000 {
		o := sniffer.Observation{
			Time:   time.Unix(1_700_000_000+int64(r.IntN(3)), int64(r.IntN(1e9))/[]int64{1, 1e3, 1e6, 1e9}[r.IntN(4)]*[]int64{1, 10, 1e3}[r.IntN(3)]%1e9),
			Sensor: traffic.Sensor(pick("dns", "tls", "quic")), Kind: sniffer.Kind(pick("query", "reply", "hello")),
			Client:     netip.MustParseAddr(pick("192.0.2.7", "10.10.100.255", "2001:db8::7", "fe80::1%eth0", "::ffff:192.0.2.7")),
			Server:     netip.MustParseAddr(pick("192.0.2.53", "1.1.1.1", "2001:4860:4860::8888", "2001:4860:4860:1111:2222:3333:4444:5555")),
			ClientPort: uint16(r.IntN(1 << (1 + r.IntN(16)))), ServerPort: uint16(r.IntN(100)),
			Name:    strings.Repeat(pick("a", "ab-c.", "www.", "example.com"), 1+r.IntN(30)) + pick("", "", "x", ".test", "\\", `"`, "\x7f"),
			Verdict: new(traffic.Verdict),
		}
		if r.IntN(9) == 0 {
			o.Verdict.Service, o.JA4 = pick("", "A Service"), pick("", "t13d")
		}
		before := []byte("before")
		got, ok := plain.appendPlain(before[:len(before):len(before)], &o)
		want := "before"
		if ok {
			want = string(other.appendAny([]byte(want), &o))
			quick++
		}
		if string(got) != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	if quick < 5_000 {
		t.Errorf("only %d lines were plain", quick)
	}
	o := sniffer.Observation{
		Time: time.Unix(0, 999_999_999), Sensor: traffic.SensorQUIC, Kind: sniffer.KindHello, Name: strings.Repeat("x", maxPlainName), Verdict: new(traffic.Verdict),
		Client:     netip.MustParseAddr("2001:4860:4860:1111:2222:3333:4444:5555"),
		Server:     netip.MustParseAddr("2001:4860:4860:1111:2222:3333:4444:5555"),
		ClientPort: 65535, ServerPort: 65535,
	}
	if b, ok := plain.appendPlain(nil, &o); !ok || string(b) != string(other.appendAny(nil, &o)) {
		t.Errorf("the longest line is %s", b)
	}
	o.Time = time.Date(12_345, 1, 1, 0, 0, 0, 0, time.UTC)
	if b := plain.appendJSON(nil, &o); string(b) != string(other.appendAny(nil, &o)) {
		t.Errorf("a line of a far year is %s", b)
	}
	b := make([]byte, 0, 1<<10)
	if n := testing.AllocsPerRun(100, func() { plain.appendJSON(b, &o) }); n != 0 {
		t.Errorf("a line allocates %v times, want 0", n)
	}
}

// TestLineParts holds the parts of lines that are written by hand against the
// standard library.
func TestLineParts(t *testing.T) {
	var lines observationLines
	for _, at := range []time.Time{
		{}, time.Unix(0, 0), time.Unix(0, 1), time.Unix(-1, 999_999_999), time.Unix(1_700_000_000, 120_000_000),
		time.Unix(1_700_000_000, 120_000_001), time.Unix(1_700_000_059, 5000), time.Unix(1<<32-1, 10), time.Unix(1<<38, 10),
	} {
		for range 2 { // afresh, and of the same second
			if got, want := string(lines.appendTime(nil, at, true)), at.UTC().Format(time.RFC3339Nano); got != want {
				t.Errorf("time %q, want %q", got, want)
			}
			if got, want := string(lines.appendTime(nil, at, false)), at.UTC().Format(time.RFC3339); got != want {
				t.Errorf("time %q, want %q", got, want)
			}
		}
	}
	for i := range 1 << 14 { // more than the cache holds
		v := byte(i)
		for _, a := range []netip.Addr{
			{}, netip.AddrFrom4([4]byte{v, 0, byte(i >> 8), 255}), netip.AddrFrom16([16]byte{0x20, 1, 13: byte(i >> 8), 15: v}),
			netip.AddrFrom16([16]byte{10: 0xff, 11: 0xff, 15: v}), netip.AddrFrom16([16]byte{0xfe, 0x80, 15: v}).WithZone("a zone of more bytes than any address"),
		} {
			for range 2 {
				if got := string(lines.appendAddress(nil, a)); got != a.String() && a.IsValid() {
					t.Fatalf("address %q, want %q", got, a)
				}
				want := `,"server":"` + string(lines.appendAddress(nil, a)) + `","server_port":` + strconv.Itoa(i&3) + `,"name":`
				if got := string(lines.appendServer(nil, a, uint16(i&3))); got != want {
					t.Fatalf("server %q, want %q", got, want)
				}
			}
		}
	}
	for port := range 1 << 16 {
		if got := string(appendPort(nil, uint16(port))); got != strconv.Itoa(port) {
			t.Fatalf("port %q, want %d", got, port)
		}
	}
	for c := range 256 {
		for _, s := range []string{string([]byte{byte(c)}), "abcd" + string([]byte{byte(c)}) + "efgh", "abcdefghijkl" + string([]byte{byte(c)})} {
			want, _ := json.Marshal(s)
			if strings.ContainsRune("<>&", rune(c)) { // nothing here is HTML
				want = []byte(`"` + s + `"`)
			}
			if got := appendJSONString(nil, s); string(got) != string(want) {
				t.Errorf("%q: got %s, want %s", s, got, want)
			}
		}
	}
}

// TestLinesWithoutTime: what a capture gives no time has none in its line, and
// does not change the next one.
func TestLinesWithoutTime(t *testing.T) {
	o := sniffer.Observation{
		Sensor: traffic.SensorDNS, Kind: sniffer.KindQuery, Name: "claude.ai", Verdict: new(traffic.Verdict),
		Client: netip.MustParseAddr("192.0.2.7"), Server: netip.MustParseAddr("192.0.2.53"), ClientPort: 4711, ServerPort: 53,
	}
	const rest = `"sensor":"dns","kind":"query","client":"192.0.2.7","client_port":4711,"server":"192.0.2.53","server_port":53,"name":"claude.ai","service":""}` + "\n"
	var lines observationLines
	for _, at := range []time.Time{{}, time.Unix(0, 0), {}} {
		o.Time = at
		want, column := "{"+rest, "-"
		if !at.IsZero() {
			want, column = `{"time":"1970-01-01T00:00:00Z",`+rest, "1970-01-01T00:00:00Z"
		}
		if got := string(lines.appendJSON(nil, &o)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got := string(lines.appendText(nil, &o)); !strings.HasPrefix(got, fmt.Sprintf("%-20s  dns ", column)) {
			t.Errorf("got %q", got)
		}
	}
}
