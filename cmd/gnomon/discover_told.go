package main

import "net/netip"

// tellTogether is how many lines are kept until what they say is looked up. Each
// needs three places far apart in memory; for many at once the processor fetches
// them side by side, for one after the other it waits for each.
const tellTogether = 64

// told is what a line says that a client reached at a server.
type told struct {
	client, server addressBits
	from, to       int // their numbers, -1 for one beyond the bounds
	anybody, http  bool
	port           uint16 // of HTTP
	what           reached
}

// next returns where to put what the next line says.
func (n *sites) next() *told {
	if n.told == nil {
		n.told = make([]told, 0, tellTogether)
	}
	if len(n.told) == cap(n.told) {
		n.flush()
	}
	n.told = n.told[:len(n.told)+1]
	return &n.told[len(n.told)-1]
}

// learn notes that a client reached a service ("" for no AI) at a server. Most
// lines say what another has said: then it is known of the server too.
func (n *sites) learn(client, server netip.Addr, id string) {
	t := n.next()
	t.client, t.server, t.anybody, t.what = bitsOf(client), bitsOf(server), !client.IsValid(), n.reached(id)
	t.http = false
}

// flush looks up what lines told.
func (n *sites) flush() {
	if len(n.told) == 0 {
		return
	}
	n.number()
	for i := range n.told {
		t := &n.told[i]
		if t.from >= 0 && t.to >= 0 && !t.http {
			n.hashes[i] = n.pairs.hash(pairOf(t.from, t.to))
			n.warmed ^= n.pairs.warm(n.hashes[i])
		}
	}
	for i := range n.told {
		if t := &n.told[i]; t.http {
			n.takeRequest(t)
		} else {
			n.take(t, n.hashes[i])
		}
	}
	n.told = n.told[:0]
}

// number finds the numbers of the addresses.
func (n *sites) number() {
	for i := range n.told {
		t := &n.told[i]
		client, server := n.addresses.hash(t.client), n.addresses.hash(t.server)
		n.hashes[2*i], n.hashes[2*i+1] = client, server
		n.warmed ^= n.addresses.warm(client) ^ n.addresses.warm(server)
	}
	for i := range n.told {
		t := &n.told[i]
		t.to, _ = n.addresses.addHashed(n.hashes[2*i+1], t.server, maxAddresses)
		if t.from = -1; !t.anybody && t.to >= 0 {
			t.from, _ = n.addresses.addHashed(n.hashes[2*i], t.client, maxAddresses)
		}
	}
}

// take keeps what a line says, h being the hash of client and server where both
// are known.
func (n *sites) take(t *told, h uint64) {
	both := t.from >= 0 && t.to >= 0
	if t.to >= 0 && (!both || n.pair(pairOf(t.from, t.to), h, t.what)) {
		r := &n.addresses.at(t.to).value
		*r = r.with(t.what)
	}
}
