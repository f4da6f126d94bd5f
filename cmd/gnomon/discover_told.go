package main

import "net/netip"

// tellTogether is how many lines are kept until what they say is looked up. Each
// needs four places far apart in memory; for many at once the processor fetches
// them side by side, for one after the other it waits for each.
const tellTogether = 64

// told is what a line says of a client and a server: a flow between them, or
// what the client reached there.
type told struct {
	client, server addressBits
	from, to       int // their numbers, -1 for one beyond the bounds
	flow, anybody  bool
	what           reached
	origin         string
	sum            sum
}

// next returns where to put what the next line says.
func (n *nameless) next() *told {
	if n.told == nil {
		n.told = make([]told, 0, tellTogether)
	}
	if len(n.told) == cap(n.told) {
		n.flush()
	}
	n.told = n.told[:len(n.told)+1]
	return &n.told[len(n.told)-1]
}

// flow keeps a flow between two addresses.
func (n *nameless) flow(server netip.Addr, origin string, s *seen) {
	t := n.next()
	t.client, t.server, t.flow, t.anybody, t.origin = bitsOf(s.client), bitsOf(server), true, false, origin
	o := &t.sum
	o.requests, o.up, o.down = s.requests, max(0, s.up), max(0, s.down)
	o.first, o.firstNsec = s.time.Unix(), uint32(s.time.Nanosecond())
	o.last, o.lastNsec = o.first, o.firstNsec
}

// learn notes that a client reached a service ("" for no AI) at a server. Most
// lines say what another has said: then it is known of the server too.
func (n *nameless) learn(client, server netip.Addr, id string) {
	t := n.next()
	t.client, t.server, t.flow, t.anybody, t.what = bitsOf(client), bitsOf(server), false, !client.IsValid(), n.reached(id)
}

// flush looks up what lines told.
func (n *nameless) flush() {
	if len(n.told) == 0 {
		return
	}
	n.number()
	for i := range n.told {
		t := &n.told[i]
		switch p := pairOf(t.from, t.to); {
		case t.from < 0 || t.to < 0:
		case t.flow:
			n.hashes[i] = n.flows.hash(p)
			n.warmed ^= n.flows.warm(n.hashes[i])
		default:
			n.hashes[i] = n.pairs.hash(p)
			n.warmed ^= n.pairs.warm(n.hashes[i])
		}
	}
	for i := range n.told {
		n.take(&n.told[i], n.hashes[i])
	}
	n.told = n.told[:0]
}

// number finds the numbers of the addresses.
func (n *nameless) number() {
	for i := range n.told {
		t := &n.told[i]
		client, server := n.addresses.hash(t.client), n.addresses.hash(t.server)
		n.hashes[2*i], n.hashes[2*i+1] = client, server
		n.warmed ^= n.addresses.warm(client) ^ n.addresses.warm(server)
	}
	for i := range n.told {
		t, limit := &n.told[i], maxAddresses
		if t.flow && n.flows.n >= maxNameless { // those of new pairs are not needed
			limit = 0
		}
		t.to, _ = n.addresses.addHashed(n.hashes[2*i+1], t.server, limit)
		if t.from = -1; !t.anybody && t.to >= 0 {
			t.from, _ = n.addresses.addHashed(n.hashes[2*i], t.client, limit)
		}
	}
}

// take keeps what a line says, h being the hash of client and server where both
// are known.
func (n *nameless) take(t *told, h uint64) {
	p, both := pairOf(t.from, t.to), t.from >= 0 && t.to >= 0
	switch {
	case t.flow && both:
		n.keep(p, h, t.origin, &t.sum)
	case t.flow:
		n.lost += t.sum.requests
	case t.to >= 0 && (!both || n.pair(p, h, t.what)):
		r := &n.addresses.at(t.to).value
		*r = r.with(t.what)
	}
}
