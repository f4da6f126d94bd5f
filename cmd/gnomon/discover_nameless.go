package main

import (
	"cmp"
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
	flows   book[pairBits, sum]
	pairs   book[pairBits, reached] // what a client reached at a server
	servers book[addressBits, reached]
	lost    int64 // flows beyond the bound
}

type pairKey struct{ client, server netip.Addr }

func (k pairKey) compare(o pairKey) int {
	return cmp.Or(k.client.Compare(o.client), k.server.Compare(o.server))
}

// sum is what flows between a client and a server come to.
type sum struct {
	requests, up, down int64
	first, last        time.Time
	origin             string // of the first
}

// reached is the id of a service, "" for no AI.
type reached struct {
	id    string
	mixed bool // and other things
}

type namelessFlow struct {
	sum
	pair pairKey
}

const (
	maxNameless = 100_000
	maxBook     = 200_000
)

func newNameless() *nameless {
	return &nameless{
		flows: newBook[pairBits, sum](), pairs: newBook[pairBits, reached](), servers: newBook[addressBits, reached](),
	}
}

// flow keeps a flow between two addresses.
func (n *nameless) flow(server netip.Addr, origin string, s *seen) {
	f, added := n.flows.add(pairBits{bitsOf(s.client), bitsOf(server)}, maxNameless)
	if f == nil {
		n.lost++
		return
	}
	if added {
		f.origin = origin
	}
	f.add(&sum{requests: s.requests, up: max(0, s.up), down: max(0, s.down), first: s.time, last: s.time})
}

func (f *sum) add(o *sum) {
	f.requests += o.requests
	f.up += o.up
	f.down += o.down
	f.first, f.last = widen(f.first, f.last, o.first, o.last)
}

// learn notes that a client reached a service ("" for no AI) at a server. Most
// lines say what another has said: then the server is in the book too.
func (n *nameless) learn(client, server netip.Addr, id string) {
	at := bitsOf(server)
	if !client.IsValid() || note(&n.pairs, pairBits{bitsOf(client), at}, id) {
		note(&n.servers, at, id)
	}
}

// note reports whether that is news: k is not in the book, or with another id.
func note[K comparable](b *book[K, reached], k K, id string) bool {
	r, added := b.add(k, maxBook)
	switch {
	case added:
		r.id = id
	case r == nil:
	case r.id != id:
		r.mixed = true
	default:
		return false
	}
	return true
}

func (n *nameless) merge(o *nameless) {
	for i := range o.flows.entries {
		e := &o.flows.entries[i]
		switch mine, added := n.flows.add(e.key, maxNameless); {
		case mine == nil:
			n.lost += e.value.requests
		case added:
			*mine = e.value
		default:
			mine.add(&e.value)
		}
	}
	join(&n.pairs, &o.pairs)
	join(&n.servers, &o.servers)
	n.lost += o.lost
}

func join[K comparable](b, from *book[K, reached]) {
	for i := range from.entries {
		e := &from.entries[i]
		switch mine, added := b.add(e.key, maxBook); {
		case mine == nil:
		case added:
			*mine = e.value
		default:
			mine.mixed = mine.mixed || e.value.mixed || mine.id != e.value.id
		}
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
	n, found := t.nameless, []settled(nil)
	for i := range n.flows.entries {
		e := &n.flows.entries[i]
		id, own, known := n.service(e.key)
		s := t.services[id]
		if !known && dns != nil {
			var v traffic.Verdict
			v, own, known = dns(&namelessFlow{e.value, e.key.pair()})
			s = t.services[v.ID] // the lookup has been counted
		}
		switch {
		case !known:
			left += e.value.requests
		case s != nil: // AI
			found = append(found, settled{namelessFlow{e.value, e.key.pair()}, s, own})
		}
	}
	slices.SortFunc(found, func(a, b settled) int { return a.flow.pair.compare(b.flow.pair) })
	for i := range found {
		f := &found[i]
		save.observeNamed(&f.flow, f.service.host, f.own)
		f.service.merge(f.flow.use(f.own))
	}
	t.nameless = newNameless()
	return left + n.lost
}

// settled is a flow whose service is known; own as of lookedUp.
type settled struct {
	flow    namelessFlow
	service *serviceTally
	own     bool
}

// use returns what the flow adds to its service.
func (f *namelessFlow) use(own bool) *use {
	u := &use{up: f.up, down: f.down, first: f.first, last: f.last}
	if !own {
		u.requests = f.requests
		u.clients.address(f.pair.client)
	}
	return u
}

// service returns the id of what a client reached at a server, "" for no AI. own
// says that a request of the client itself told it.
func (n *nameless) service(k pairBits) (id string, own, known bool) {
	if r := n.pairs.get(k); r != nil {
		return r.id, true, !r.mixed
	}
	if r := n.servers.get(k[1]); r != nil {
		return r.id, false, !r.mixed
	}
	return "", false, false
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
