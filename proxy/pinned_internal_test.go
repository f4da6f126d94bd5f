package proxy

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestPinsExpire(t *testing.T) {
	now := time.Unix(1000, 0)
	p := newPins()
	p.now = func() time.Time { return now }
	k := pinKey{netip.MustParseAddr("10.0.0.1"), "ai.test"}
	p.note(k, "unknown_ca")
	if now = now.Add(pinLife); !p.has(k) || len(p.list()) != 1 {
		t.Error("expired before its time")
	}
	if now = now.Add(time.Second); p.has(k) || len(p.list()) != 0 {
		t.Error("did not expire")
	}
}

func TestPinsBounded(t *testing.T) {
	now := time.Unix(1000, 0)
	p := newPins()
	p.now = func() time.Time { now = now.Add(time.Second); return now }
	a := netip.MustParseAddr("10.0.0.1")
	for i := range maxPins + 10 {
		p.note(pinKey{a, fmt.Sprintf("h%d.test", i)}, "unknown_ca")
		p.noteClosed(pinKey{a, fmt.Sprintf("c%d.test", i)})
	}
	if len(p.noted) != maxPins || len(p.closed) > maxPins+1 {
		t.Errorf("%d pins and %d closes held, want at most %d", len(p.noted), len(p.closed), maxPins)
	}
	if p.has(pinKey{a, "h0.test"}) || !p.has(pinKey{a, fmt.Sprintf("h%d.test", maxPins+9)}) {
		t.Error("not the oldest went")
	}
}
