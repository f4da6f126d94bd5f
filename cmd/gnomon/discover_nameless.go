package main

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// nameless holds flows that a log tells by address alone (NetFlow, VPC flow
// logs, Zeek's conn.log) until it is known which names their servers go by:
// other lines, and other inputs, tell. Its bounds keep the memory constant.
type nameless struct {
	flows   map[pairKey]*namelessFlow
	pairs   map[pairKey]string // what a client reached at a server: id of a service, "" for no AI
	servers map[netip.Addr]string
	mixed   map[pairKey]bool // reached different things there
	several map[netip.Addr]bool
	lost    int64 // flows beyond the bound
}

type pairKey struct{ client, server netip.Addr }

func (k pairKey) compare(o pairKey) int {
	return cmp.Or(k.client.Compare(o.client), k.server.Compare(o.server))
}

type namelessFlow struct {
	use
	pair   pairKey
	origin string
}

const (
	maxNameless = 100_000
	maxBook     = 200_000
)

func newNameless() *nameless {
	return &nameless{
		flows: make(map[pairKey]*namelessFlow), pairs: make(map[pairKey]string), servers: make(map[netip.Addr]string),
		mixed: make(map[pairKey]bool), several: make(map[netip.Addr]bool),
	}
}

// flow keeps a flow between two addresses.
func (n *nameless) flow(server netip.Addr, origin string, s *seen) {
	k := pairKey{s.client, server}
	f := n.flows[k]
	if f == nil {
		if len(n.flows) >= maxNameless {
			n.lost++
			return
		}
		f = &namelessFlow{pair: k, origin: origin}
		n.flows[k] = f
	}
	f.add(s, false)
}

// learn notes that a client reached a service ("" for no AI) at a server.
func (n *nameless) learn(client, server netip.Addr, id string) {
	remember(n.pairs, n.mixed, pairKey{client, server}, id)
	remember(n.servers, n.several, server, id)
}

func remember[K comparable](book map[K]string, unclear map[K]bool, k K, id string) {
	old, ok := book[k]
	switch {
	case !ok && len(book) < maxBook:
		book[k] = id
	case ok && old != id:
		unclear[k] = true
	}
}

func (n *nameless) merge(o *nameless) {
	for k, f := range o.flows {
		mine := n.flows[k]
		switch {
		case mine != nil:
			mine.merge(&f.use)
		case len(n.flows) < maxNameless:
			n.flows[k] = f
		default:
			n.lost += f.requests
		}
	}
	join(n.pairs, n.mixed, o.pairs, o.mixed)
	join(n.servers, n.several, o.servers, o.several)
	n.lost += o.lost
}

func join[K comparable](book map[K]string, unclear map[K]bool, from map[K]string, fromUnclear map[K]bool) {
	for k, id := range from {
		remember(book, unclear, k, id)
	}
	for k := range fromUnclear {
		unclear[k] = true
	}
}

// lookedUp tells what a flow's server is by lookups: own says that they were the
// client's, known that there were any.
type lookedUp func(*namelessFlow) (v traffic.Verdict, own, known bool)

// settle gives flows the name that their server is known by. Where the client's
// own request or lookup told the name, the flow is that request: only its bytes
// count. Where others' did, it counts as a use of its own, known by address.
// dns tells what the lookups in captures say. Each such flow is handed to save.
// It returns the flows that stay without a name.
func (t *tally) settle(dns lookedUp, save *savedFlows) (left int64) {
	n := t.nameless
	for _, k := range slices.SortedFunc(maps.Keys(n.flows), pairKey.compare) {
		f := n.flows[k]
		id, own, known := n.service(k)
		s := t.services[id]
		if !known && dns != nil {
			var v traffic.Verdict
			v, own, known = dns(f)
			s = t.services[v.ID] // the lookup has been counted
		}
		switch {
		case !known:
			left += f.requests
			continue
		case s == nil: // no AI
			continue
		}
		save.observeNamed(f, s.host, own)
		if own {
			f.requests, f.clients, f.users = 0, distinct{}, distinct{}
		}
		s.merge(&f.use)
	}
	t.nameless = newNameless()
	return left + n.lost
}

// service returns the id of what a client reached at a server, "" for no AI. own
// says that a request of the client itself told it.
func (n *nameless) service(k pairKey) (id string, own, known bool) {
	if id, ok := n.pairs[k]; ok {
		return id, true, !n.mixed[k]
	}
	id, ok := n.servers[k.server]
	return id, false, ok && !n.several[k.server]
}

// byLookup tells what the lookups in captures say of a flow's server.
func (d *discovery) byLookup(f *namelessFlow) (v traffic.Verdict, own, known bool) {
	for _, at := range []time.Time{f.first, f.last} {
		if m := d.names.Name(f.pair.client, f.pair.server, at); m.Name != "" {
			return d.knowledge.classifier.Host(m.Name), m.How != learned.ByServer, true
		}
	}
	return traffic.Verdict{}, false, false
}
