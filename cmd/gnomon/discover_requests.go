package main

import (
	"net/netip"

	"github.com/gnomon-proxy/gnomon/sniffer/keyed"
	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// What lines of HTTP with the address of the server say of flows to it. The host
// that a client names at a port is what its flows to that port are: no other
// client's TLS makes them something else. To other clients' flows such a line
// gives no name: it may be a proxy's, whose server is not what the client
// connected to, or the server a proxy itself. Where it contradicts the others it
// leaves a doubt, and a proxy, at which there are many hosts, names nothing.

// portNumbers are the numbers of a client and a server, of 18 bits each, and a
// port: 0 stands for all.
type portNumbers uint64

func portOf(client, server int, port uint16) portNumbers {
	return portNumbers(client)<<40 | portNumbers(server)<<16 | portNumbers(port)
}

func (p portNumbers) hash(s *keyed.Secret) uint64 { return s.Words(uint64(p), 1) }

func (p portNumbers) client() int  { return int(p >> 40) }
func (p portNumbers) server() int  { return int(p >> 16 & (1<<24 - 1)) }
func (p portNumbers) port() uint16 { return uint16(p) }

// learnRequest notes that a client asked a server for a service ("" for no AI)
// by HTTP.
func (n *sites) learnRequest(rec *logs.Record, id string) {
	t := n.next()
	t.client, t.server, t.anybody = bitsOf(rec.Client), bitsOf(rec.Server.Addr()), !rec.Client.IsValid()
	t.http, t.port, t.what = true, rec.Server.Port(), n.reached(id)|asked
	if rec.Up > 0 {
		t.what |= upTold
	}
	if rec.Down > 0 {
		t.what |= downTold
	}
}

// takeRequest keeps what a line of HTTP says.
func (n *sites) takeRequest(t *told) {
	if t.to < 0 {
		return
	}
	if t.from >= 0 && !n.addRequest(portOf(t.from, t.to, t.port), t.what) {
		return // it is known at all ports and of the server, too
	}
	if t.from >= 0 {
		n.addRequest(portOf(t.from, t.to, 0), t.what)
	}
	r := &n.addresses.at(t.to).value
	*r = r.with(t.what &^ (upTold | downTold))
}

// addRequest reports whether that may be news.
func (n *sites) addRequest(p portNumbers, what reached) bool {
	number, _ := n.ports.add(p, maxPairs)
	if number < 0 {
		return true
	}
	r := &n.ports.at(number).value
	before := *r
	*r = r.with(what)
	return *r != before
}

// request returns what a client asked a server for at a port, 0 for nothing.
func (n *sites) request(client, server int, port uint16) reached {
	if n.ports.n == 0 {
		return 0
	}
	if number := n.ports.find(portOf(client, server, port)); number >= 0 {
		return n.ports.at(number).value
	}
	return 0
}

// requested returns what a client asked a server for at the very port by HTTP.
func (n *sites) requested(client netip.Addr, server netip.AddrPort) (f reachedThing, r reached) {
	if n.ports.n == 0 {
		return f, 0
	}
	from, to := n.addresses.find(bitsOf(client)), n.addresses.find(bitsOf(server.Addr()))
	if from < 0 || to < 0 {
		return f, 0
	}
	r = n.request(from, to, server.Port())
	return n.found(r, true), r
}

// mergePorts adds what lines of HTTP told o, where here has o's numbers in n.
func (n *sites) mergePorts(o *sites, here []int, what func(reached) reached) {
	for i := range o.ports.n {
		e := o.ports.at(i)
		if client, server := here[e.key.client()], here[e.key.server()]; client >= 0 && server >= 0 {
			n.addRequest(portOf(client, server, e.key.port()), what(e.value))
		}
	}
}
