package proxy

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Stats counts what the proxy did. All values only grow, save Active. No label
// names a user or a host.
type Stats struct {
	Connections atomic.Int64 // accepted from clients
	Active      atomic.Int64 // client connections open now, tunnels included
	Turned      atomic.Int64 // connections closed at once because MaxConns were open

	Handshakes atomic.Int64 // TLS handshakes done with clients
	Resumed    atomic.Int64 // of these, resumed sessions
	Minted     atomic.Int64 // certificates made
	Failed     Counts       // TLS handshakes with clients that failed, by reason

	Tunnels    atomic.Int64 // connections spliced
	Requests   atomic.Int64 // requests served, inside intercepted connections and absolute-form
	Mismatches atomic.Int64 // CONNECT, SNI, Host and URI that disagree
	NotTLS     atomic.Int64 // intercepted connections closed because they spoke something else
	Denied     Counts       // requests turned away by the rules of access: client, auth, port
	Dials      Counts       // destinations refused by the guard against private addresses, by kind of address
	Upstream   Counts       // requests that got no answer from upstream, by kind of error

	PinNoted  atomic.Int64 // clients seen to refuse our certificate
	PinPassed atomic.Int64 // connections of such clients that were spliced

	WebSockets atomic.Int64 // connections relayed
	Frames     atomic.Int64 // of connections that have ended, both ways
	Messages   atomic.Int64 // WebSocket texts inspected
	Dropped    atomic.Int64 // WebSocket texts not passed on

	Up, Down atomic.Int64 // bytes of bodies, messages and tunnels
}

// Counts counts by a label out of a small fixed set.
type Counts struct {
	mu sync.Mutex
	m  map[string]int64
}

// All returns a copy of the counts.
func (c *Counts) All() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		return map[string]int64{}
	}
	return maps.Clone(c.m)
}

func (c *Counts) add(label string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = make(map[string]int64)
	}
	c.m[label]++
}
