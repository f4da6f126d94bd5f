package sniffer

import (
	"hash/maphash"
	"net/netip"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Flows makes flows of observations, one for each lookup: queries count, and
// replies whose query was not seen, as in a capture of one direction. It is
// made for one goroutine.
type Flows struct {
	origin string
	seed   maphash.Seed

	// Lookups are remembered in two generations, so that forgetting costs
	// nothing and memory is bounded.
	young, old map[lookup]time.Time
}

// lookup is what a query and its reply have in common.
type lookup struct {
	client, server netip.AddrPort
	name           uint64 // hash: names are long
	id, qtype      uint16
}

// The bounds of what Flows remembers. No resolver waits a minute for an answer.
const (
	maxLookups = 1 << 15 // a generation
	maxWait    = time.Minute
)

// NewFlows returns Flows whose flows say that they come from origin, a file or
// an interface.
func NewFlows(origin string) *Flows {
	return &Flows{
		origin: origin, seed: maphash.MakeSeed(),
		young: make(map[lookup]time.Time), old: make(map[lookup]time.Time),
	}
}

// Flow returns the flow that o stands for; ok is false when it has been counted
// already.
func (f *Flows) Flow(o *Observation) (flow traffic.Flow, ok bool) {
	k := lookup{
		client: netip.AddrPortFrom(o.Client, o.ClientPort), server: netip.AddrPortFrom(o.Server, o.ServerPort),
		name: maphash.String(f.seed, o.Name), id: o.ID, qtype: o.Type,
	}
	if o.Kind == KindReply && f.seen(k, o.Time) {
		return traffic.Flow{}, false
	}
	f.remember(k, o.Time)
	return traffic.Flow{
		Time: o.Time, Sensor: o.Sensor, Client: o.Client, ClientPort: o.ClientPort,
		Host: o.Name, Server: netip.AddrPortFrom(o.Server, o.ServerPort), Origin: f.origin,
	}, true
}

func (f *Flows) seen(k lookup, now time.Time) bool {
	t, ok := f.young[k]
	if !ok {
		t, ok = f.old[k]
	}
	return ok && now.Sub(t).Abs() <= maxWait // files merged from two taps are not quite in order
}

func (f *Flows) remember(k lookup, t time.Time) {
	if len(f.young) >= maxLookups {
		clear(f.old)
		f.young, f.old = f.old, f.young
	}
	f.young[k] = t
}
