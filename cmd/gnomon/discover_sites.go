package main

import (
	"net/netip"

	"github.com/gnomon-proxy/gnomon/sniffer/keyed"
)

// sites is what stands at addresses, as requests in logs tell: flows of which a
// log tells the address alone (NetFlow, VPC flow logs, Zeek's conn.log) get their
// names from it. Its bounds keep the memory constant. Addresses and services are
// numbers in it: a line then looks at little memory.
type sites struct {
	addresses book[addressBits, reached] // by whomever a server was reached
	pairs     book[numbers, reached]     // what a client reached at a server, over TLS and QUIC
	ports     book[portNumbers, reached] // and by HTTP
	services  []string                   // their ids, "" for no AI
	known     map[string]reached         // where in services they are
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

// reached says what is at a server: the place of a service in services, from 1,
// and flags. 0 is not known.
type reached uint32

const (
	mixed    reached = 1 << (31 - iota) // other things are there too
	asked                               // no line but those of HTTP says so
	upTold                              // such a line told bytes itself
	downTold                            // in this direction
	place    reached = downTold - 1
)

// with adds what another line tells.
func (r reached) with(o reached) reached {
	switch {
	case r == 0:
		return o
	case o == 0 || r == o:
		return r
	}
	sum := r | o&^place
	if r&place != o&place {
		sum |= mixed
	}
	return sum&^asked | r&o&asked
}

const (
	maxPairs     = 200_000
	maxAddresses = 1 << 18
)

func newSites() *sites {
	return &sites{
		addresses: newBook[addressBits, reached](), pairs: newBook[numbers, reached](),
		ports: newBook[portNumbers, reached](), services: []string{""}, known: make(map[string]reached),
	}
}

// pair notes what a client reached, h being the hash of both, and reports whether
// that may be news.
func (n *sites) pair(p numbers, h uint64, what reached) bool {
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

// reached returns what stands for a service.
func (n *sites) reached(id string) reached {
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
func (n *sites) merge(o *sites) {
	n.flush()
	o.flush()
	if n.addresses.n == 0 {
		*n = *o
		return
	}
	here := make([]int, o.addresses.n) // what o's numbers are here, -1 for none
	what := func(r reached) reached {
		if r == 0 {
			return 0
		}
		return n.reached(o.services[r&place-1]) | r&^place
	}
	for i := range here {
		e := o.addresses.at(i)
		if here[i], _ = n.addresses.add(e.key, maxAddresses); here[i] >= 0 {
			r := &n.addresses.at(here[i]).value
			*r = r.with(what(e.value))
		}
	}
	for i := range o.pairs.n {
		e := o.pairs.at(i)
		if client, server := here[e.key.client()], here[e.key.server()]; client >= 0 && server >= 0 {
			p := pairOf(client, server)
			n.pair(p, n.pairs.hash(p), what(e.value))
		}
	}
	n.mergePorts(o, here, what)
}

// reachedThing is what is known of a server, as far as that is one thing: the id of a
// service, "" for no AI. own says that a request of the client itself told it,
// doubt that it is several things.
type reachedThing struct {
	id                string
	own, known, doubt bool
}

// what returns what a client reached at a server. Its own word comes first: by
// HTTP at that very port, over TLS, by HTTP at any port. What others reached there
// counts only where the client said nothing.
func (n *sites) what(client netip.Addr, server netip.AddrPort) reachedThing {
	to := n.addresses.find(bitsOf(server.Addr()))
	if to < 0 {
		return reachedThing{}
	}
	if from := n.addresses.find(bitsOf(client)); from >= 0 {
		if r := n.own(from, to, server.Port()); r != 0 {
			return n.found(r, true)
		}
	}
	return n.found(n.addresses.at(to).value, false)
}

// own returns what a client itself said, 0 for nothing.
func (n *sites) own(from, to int, port uint16) reached {
	if r := n.request(from, to, port); r != 0 {
		return r
	}
	if number := n.pairs.find(pairOf(from, to)); number >= 0 {
		return n.pairs.at(number).value
	}
	return n.request(from, to, 0)
}

func (n *sites) found(r reached, own bool) reachedThing {
	switch {
	case r&mixed != 0:
		return reachedThing{own: own, doubt: true}
	case r == 0 || r&asked != 0 && !own:
		return reachedThing{own: own}
	}
	return reachedThing{id: n.services[r&place-1], own: own, known: true}
}
