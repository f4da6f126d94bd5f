package traffic_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// leases knows alice by name and 192.0.2.2 by device, on one day.
type leases struct{ day time.Time }

func (l leases) Lookup(client netip.Addr, at time.Time) (user, device string, ok bool) {
	if !at.Truncate(24 * time.Hour).Equal(l.day) {
		return "", "", false
	}
	switch client.String() {
	case "192.0.2.1":
		return "alice", "laptop", true
	case "192.0.2.2":
		return "", "alice", true
	}
	return "", "", false
}

func TestUsers(t *testing.T) {
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, client, user, want string
		at                       time.Time
	}{
		{"leased", "192.0.2.1", "", "alice", day},
		{"device only", "192.0.2.2", "", "device:alice", day},
		{"the sensor knows better", "192.0.2.1", "bob", "bob", day},
		{"another day", "192.0.2.1", "", "", day.AddDate(0, 0, 1)},
		{"no address", "", "", "", day},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{}
			p := newPipeline(f)
			p.SetUsers(leases{day})
			client, _ := netip.ParseAddr(tt.client)
			flow := traffic.Flow{Time: tt.at, Client: client, User: tt.user, Host: "ai.test", Features: []string{"token_stream"}}
			p.Observe(&flow)
			p.End(p.Begin(&flow, nil, nil), traffic.Answer{})
			p.Tunnelled(&flow, traffic.Route{Verdict: f.Host("ai.test")}, traffic.ReasonTunnelled, 1, 1)
			p.ObserveBlind(&traffic.BlindSpot{Time: tt.at, Kind: "doh", Client: client, User: tt.user})
			if len(f.got) != 4 {
				t.Fatalf("%d sightings, want 4", len(f.got))
			}
			for i, s := range f.got {
				if s.User != tt.want {
					t.Errorf("sighting %d: user = %q, want %q", i, s.User, tt.want)
				}
			}
			if got := f.got[0].Features; len(got) != 1 || got[0] != "token_stream" {
				t.Errorf("features = %q", got)
			}
		})
	}
}

func TestObserveBlind(t *testing.T) {
	f := &fake{}
	p := newPipeline(f)
	client := netip.MustParseAddr("192.0.2.1")
	p.ObserveBlind(&traffic.BlindSpot{Kind: "doh", Name: "dns.google", Client: client, Flows: 3, Sensor: traffic.SensorTLS, Origin: "a.pcap"})
	p.ObserveBlind(&traffic.BlindSpot{Kind: "doh", Client: client})
	p.ObserveBlind(&traffic.BlindSpot{Client: client}) // hides nothing
	if len(f.got) != 2 || p.Stats.BlindSpots()["doh"] != 4 || p.Stats.Sightings.Load() != 2 {
		t.Fatalf("%d recorded, %v counted, %d sightings", len(f.got), p.Stats.BlindSpots(), p.Stats.Sightings.Load())
	}
	s := f.got[0]
	if s.Blind != "doh" || s.Host != "dns.google" || s.Requests != 3 || s.Verdict.AI() || s.Coverage.Depth != traffic.Blind || s.Origin != "a.pcap" || s.ID == "" {
		t.Errorf("sighting = %+v", s)
	}
}
