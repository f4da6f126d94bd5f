package main

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestObservationLines holds the lines written by hand against encoding/json.
func TestObservationLines(t *testing.T) {
	for _, name := range []string{"api.openai.com", `a\046b"c`, "ünï.example", "."} {
		o := sniffer.Observation{
			Time: time.Date(2026, 11, 22, 3, 4, 5, 6000, time.UTC), Sensor: traffic.SensorTLS, Kind: sniffer.KindHello, Name: name,
			Client: netip.MustParseAddr("192.0.2.7"), ClientPort: 40000, Server: netip.MustParseAddr("2001:db8::1"), ServerPort: 443,
			Verdict: &traffic.Verdict{Service: "A <&> Ü", How: traffic.HowCatalogue},
		}
		var got map[string]any
		line := appendObservationJSON(nil, &o)
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
		if line := string(appendObservation(nil, &o)); line != text {
			t.Errorf("got  %qwant %q", line, text)
		}
		b := make([]byte, 0, 1<<10)
		if n := testing.AllocsPerRun(100, func() { appendObservation(b, &o) }); n != 0 {
			t.Errorf("a line allocates %v times, want 0", n)
		}
	}
}
