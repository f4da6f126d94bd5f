package traffic

import (
	"net/netip"
	"time"
)

// BlindSpot is traffic that hides from passive sensors what it is: DNS over
// HTTPS, an encrypted client hello, a VPN. It is no use of AI, but what Gnomon
// can't see past it has to be said.
type BlindSpot struct {
	ID     string    // as that of a Flow
	Time   time.Time // of the last of the flows
	Kind   string    // doh, dot, doq, ech, vpn, relay, ...: as the rules have it
	Name   string    // of the resolver, relay or VPN; "" when only its kind is known
	Client netip.Addr
	User   string // "" when unknown
	Flows  int64  // how many; 0 counts as one
	Origin string // a file name, an interface
	Sensor Sensor
}

// ObserveBlind records what hides a client's traffic. It may be called
// concurrently.
func (p *Pipeline) ObserveBlind(b *BlindSpot) {
	if b.Kind == "" {
		return
	}
	s := &Sighting{
		ID: b.sightingID(), Again: b.ID != "", Time: b.Time, Sensor: b.Sensor, Origin: b.Origin, Client: b.Client, User: b.User,
		Blind: b.Kind, Host: b.Name, Coverage: Coverage{Depth: Blind, Reason: b.Kind}, Requests: max(1, b.Flows),
	}
	if s.User == "" {
		s.User = p.userAt(b.Client, b.Time)
	}
	p.Stats.Sightings.Add(1)
	p.Stats.hide(b.Kind, s.Requests)
	p.recorder.Record(s)
}

func (b *BlindSpot) sightingID() string {
	if b.ID != "" {
		return b.ID
	}
	return NewID(b.Time)
}
