package main

import (
	"encoding/json"
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
