package main

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/keyed"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// nameless holds flows that a log tells by address alone (NetFlow, VPC flow
// logs, Zeek's conn.log) until it is known which names their servers go by:
// other lines, and other inputs, tell. Its bounds keep the memory constant.
// Addresses, services and inputs are numbers in it: a line then looks at little
// memory.
type nameless struct {
	addresses book[addressBits, reached] // by whomever a server was reached
	flows     book[numbers, sum]
	pairs     book[numbers, reached] // what a client reached at a server
	services  []string               // their ids, "" for no AI
	known     map[string]reached     // where in services they are
	origins   []string
	lost      int64 // flows beyond the bound
	told      []told
	hashes    [2 * tellTogether]uint64
	warmed    uint64 // means nothing
}

// numbers is the number of a client in the upper half, that of a server in the
// lower.
type numbers uint64

func (p numbers) hash(s *keyed.Secret) uint64 { return s.Words(uint64(p), 0) }

func pairOf(client, server int) numbers { return numbers(client)<<32 | numbers(server) }

func (p numbers) client() int { return int(p >> 32) }
func (p numbers) server() int { return int(uint32(p)) }

type pairKey struct{ client, server netip.Addr }

func (k pairKey) compare(o pairKey) int {
	return cmp.Or(k.client.Compare(o.client), k.server.Compare(o.server))
}

// sum is what flows between a client and a server come to.
type sum struct {
	requests, up, down  int64
	first, last         int64 // seconds since 1970
	firstNsec, lastNsec uint32
	origin              uint32 // of the first
}

// reached says what is at a server: the place of a service in services, from 1,
// and mixed, when other things are there too. 0 is not known.
type reached uint32

const mixed reached = 1 << 31

// with adds what another line tells.
func (r reached) with(o reached) reached {
	switch {
	case r == 0:
		return o
	case o == 0 || r == o:
		return r
	}
	return r | mixed
}

// namelessFlow is a sum as it is handed on.
type namelessFlow struct {
	pair               pairKey
	requests, up, down int64
	first, last        time.Time
	origin             string
}

const (
	maxNameless  = 100_000
	maxPairs     = 200_000
	maxAddresses = 1 << 18
)

func newNameless() *nameless {
	return &nameless{
		addresses: newBook[addressBits, reached](), flows: newBook[numbers, sum](), pairs: newBook[numbers, reached](),
		services: []string{""}, known: make(map[string]reached),
	}
}

// keep adds o to what is known of two addresses, whose hash as a pair is h.
func (n *nameless) keep(p numbers, h uint64, origin string, o *sum) {
	number, added := n.flows.addHashed(h, p, maxNameless)
	switch {
	case number < 0:
		n.lost += o.requests
	case added:
		e := n.flows.at(number)
		e.value = *o
		e.value.origin = n.origin(origin)
	default:
		n.flows.at(number).value.add(o)
	}
}

// origin returns where name is in origins: the last, as one input is read after
// the other.
func (n *nameless) origin(name string) uint32 {
	if last := len(n.origins) - 1; last < 0 || n.origins[last] != name {
		n.origins = append(n.origins, name)
	}
	return uint32(len(n.origins) - 1)
}

func (f *sum) add(o *sum) {
	f.requests += o.requests
	f.up += o.up
	f.down += o.down
	if o.first == noTime { // says nothing of when
		return
	}
	if f.first == noTime || o.first < f.first || o.first == f.first && o.firstNsec < f.firstNsec {
		f.first, f.firstNsec = o.first, o.firstNsec
	}
	if o.last > f.last || o.last == f.last && o.lastNsec > f.lastNsec {
		f.last, f.lastNsec = o.last, o.lastNsec
	}
}

// noTime is the second of the zero time.Time.
var noTime = time.Time{}.Unix()

// summed returns the flow at a number.
func (n *nameless) summed(number int) *namelessFlow {
	e := n.flows.at(number)
	f := &e.value
	return &namelessFlow{
		pair:     pairKey{n.addresses.at(e.key.client()).key.address(), n.addresses.at(e.key.server()).key.address()},
		requests: f.requests, up: f.up, down: f.down, origin: n.origins[f.origin],
		first: time.Unix(f.first, int64(f.firstNsec)).UTC(), last: time.Unix(f.last, int64(f.lastNsec)).UTC(),
	}
}

// pair notes what a client reached, h being the hash of both, and reports whether
// that may be news.
func (n *nameless) pair(p numbers, h uint64, what reached) bool {
	number, _ := n.pairs.addHashed(h, p, maxPairs)
	if number < 0 {
		return true
	}
	r := &n.pairs.at(number).value
	if *r == what {
		return false
	}
	*r = r.with(what)
	return true
}

// forget drops the flows, which are read again.
func (n *nameless) forget() {
	n.flush()
	n.flows, n.origins, n.lost = newBook[numbers, sum](), nil, 0
}

// reached returns what stands for a service.
func (n *nameless) reached(id string) reached {
	if id == "" {
		return 1
	}
	r, ok := n.known[id]
	if !ok {
		n.services = append(n.services, id)
		r = reached(len(n.services))
		n.known[id] = r
	}
	return r
}

// merge adds o, which is not used any more.
func (n *nameless) merge(o *nameless) {
	n.flush()
	o.flush()
	if n.addresses.n == 0 && n.lost == 0 {
		*n = *o
		return
	}
	here := make([]int, o.addresses.n) // what o's numbers are here, -1 for none
	what := func(r reached) reached {
		if r == 0 {
			return 0
		}
		return n.reached(o.services[r&^mixed-1]) | r&mixed
	}
	for i := range here {
		e := o.addresses.at(i)
		if here[i], _ = n.addresses.add(e.key, maxAddresses); here[i] >= 0 {
			r := &n.addresses.at(here[i]).value
			*r = r.with(what(e.value))
		}
	}
	for i := range o.flows.n {
		e := o.flows.at(i)
		client, server := here[e.key.client()], here[e.key.server()]
		if client < 0 || server < 0 {
			n.lost += e.value.requests
			continue
		}
		p := pairOf(client, server)
		n.keep(p, n.flows.hash(p), o.origins[e.value.origin], &e.value)
	}
	for i := range o.pairs.n {
		e := o.pairs.at(i)
		if client, server := here[e.key.client()], here[e.key.server()]; client >= 0 && server >= 0 {
			p := pairOf(client, server)
			n.pair(p, n.pairs.hash(p), what(e.value))
		}
	}
	n.lost += o.lost
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
	n.flush()
	for i := range n.flows.n {
		e := n.flows.at(i)
		id, own, known := n.service(e.key)
		s := t.services[id]
		if !known && dns != nil {
			var v traffic.Verdict
			v, own, known = dns(n.summed(i))
			s = t.services[v.ID] // the lookup has been counted
		}
		switch {
		case !known:
			left += e.value.requests
		case s != nil: // AI
			found = append(found, settled{*n.summed(i), s, own})
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
func (n *nameless) service(p numbers) (id string, own, known bool) {
	n.flush()
	r := reached(0)
	if number := n.pairs.find(p); number >= 0 {
		r, own = n.pairs.at(number).value, true
	} else {
		r = n.addresses.at(p.server()).value
	}
	if r == 0 {
		return "", own, false
	}
	return n.services[r&^mixed-1], own, r&mixed == 0
}

// byLookup tells what lookups in captures and DNS logs say of a flow's server.
func (d *discovery) byLookup(f *namelessFlow) (v traffic.Verdict, own, known bool) {
	for _, at := range []time.Time{f.first, f.last} {
		if m, other := d.answers.name(f.pair.client, f.pair.server, at); m.Name != "" && !other {
			return d.knowledge.classifier.Host(m.Name), m.How != learned.ByServer, true
		}
		if d.names == nil {
			continue
		}
		if m := d.names.Name(f.pair.client, f.pair.server, at); m.Name != "" {
			return d.knowledge.classifier.Host(m.Name), m.How != learned.ByServer, true
		}
	}
	return traffic.Verdict{}, false, false
}
