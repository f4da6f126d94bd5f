package inventory_test

import (
	"context"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func hidden(kind, name, client string) *traffic.Sighting {
	now := time.Now()
	return &traffic.Sighting{
		ID: traffic.NewID(now), Time: now, Sensor: traffic.SensorTLS, Blind: kind, Host: name, Client: netip.MustParseAddr(client),
		Coverage: traffic.Coverage{Depth: traffic.Blind, Reason: kind}, Requests: 1,
	}
}

// TestBlindSpots: they go the way of all sightings, through the spool too, and
// become no services.
func TestBlindSpots(t *testing.T) {
	dir := t.TempDir()
	var away atomic.Bool
	away.Store(true)
	real := openStore(t, dir)
	v := newInventory(t, inventory.Config{Dir: dir, Store: &brokenStore{real, func(ctx context.Context, e []inventory.Event) error {
		if away.Load() {
			return errAway
		}
		return real.Merge(ctx, e)
	}}})
	start(t, v)
	v.Record(hidden("doh", "dns.example", "192.0.2.1"))
	await(t, "durable in the spool", func() bool { return v.Stats().Spilled == 1 })
	away.Store(false)
	v.Record(hidden("doh", "dns.example", "192.0.2.2"))
	v.Record(hidden("doh", "dns.example", "192.0.2.2"))
	v.Record(hidden("vpn", "", "192.0.2.2"))
	v.Record(sighting())
	await(t, "all in the store", func() bool { return v.Durable() == 5 && v.Stats().SpoolBytes == 0 })
	spots, err := v.BlindSpots(t.Context())
	if err != nil || len(spots) != 2 {
		t.Fatalf("blind spots = %+v, %v", spots, err)
	}
	doh := spots[0]
	if doh.Reason != "doh" || doh.Name != "dns.example" || doh.Flows != 3 || doh.Clients != 2 || doh.FirstSeen.IsZero() {
		t.Errorf("the first = %+v", doh)
	}
	for _, c := range doh.ClientList {
		if !strings.HasPrefix(c.Name, "c-") {
			t.Errorf("client %q is no pseudonym", c.Name)
		}
	}
	if rows, err := v.Services(t.Context()); err != nil || len(rows) != 1 {
		t.Errorf("%d services, %v; want the one that is AI", len(rows), err)
	}
}
