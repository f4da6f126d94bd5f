package logs

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// visitors are the connections of senders. Whoever has not said anything yet, nor
// opened TLS, waits in places of its own: of those the oldest gives way to a newer
// one, so that a crowd that is silent keeps nobody out who has something to say.
// Those who have said something stay, but that no one address may have most of
// the places.
type visitors struct {
	most int // of those who wait, and of those who have said something

	mu   sync.Mutex // guards all
	all  map[*visitor]struct{}
	from [2]map[netip.Prefix]int // how many there are of each address: waiting, settled
	n    [2]int
}

// visitor is one connection.
type visitor struct {
	net.Conn
	from    netip.Prefix
	since   time.Time
	heard   atomic.Int64 // when it last said something, in nanoseconds since 1970
	turned  atomic.Bool  // it was closed to make room
	settled int          // where it counts: 0 among those who wait, 1 among the others
}

// One address may have the waitingShare-th part of the places to wait, but a few
// in any case, and the settledShare-th of the others.
const (
	waitingShare = 8
	fewWaiting   = 8
	settledShare = 2
)

// idleVisitor is how long a connection has said nothing before it may give way
// to another of the same address.
const idleVisitor = time.Minute

func newVisitors(most int) *visitors {
	return &visitors{most: most, all: make(map[*visitor]struct{}), from: [2]map[netip.Prefix]int{{}, {}}}
}

// neighbourhood is what counts as one address: a host has a /64 of IPv6.
func neighbourhood(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// enter takes a new connection in. It returns another that was closed for it,
// nil for none.
func (v *visitors) enter(c net.Conn, a netip.Addr) (in, out *visitor) {
	in = &visitor{Conn: c, from: neighbourhood(a), since: time.Now()}
	in.heard.Store(in.since.UnixNano())
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case v.from[0][in.from] >= max(min(v.most, fewWaiting), v.most/waitingShare):
		out = v.oldest(0, in.from)
	case v.n[0] >= v.most:
		out = v.oldest(0, v.crowd(0))
	}
	v.turn(out)
	v.add(in)
	return in, out
}

// settle moves one among those who have said something. It returns another that
// was closed for it, and an error where there is no room.
func (v *visitors) settle(in *visitor) (out *visitor, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if in.settled == 1 || in.turned.Load() {
		return nil, nil
	}
	own := v.from[1][in.from]
	switch crowd := v.crowd(1); {
	case own >= max(1, v.most/settledShare):
		if out = v.oldest(1, in.from); time.Since(time.Unix(0, out.heard.Load())) < idleVisitor {
			return nil, errOwnCrowd
		}
	case v.n[1] >= v.most && v.from[1][crowd] > own+1:
		out = v.oldest(1, crowd)
	case v.n[1] >= v.most:
		return nil, errCrowd
	}
	v.turn(out)
	v.drop(in)
	in.settled = 1
	v.add(in)
	return out, nil
}

var (
	errCrowd    = errors.New("there are too many connections")
	errOwnCrowd = errors.New("there are too many connections from its address")
	errTurned   = errors.New("it was silent, and others came")
)

// leave lets a connection go.
func (v *visitors) leave(in *visitor) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.drop(in)
}

func (v *visitors) add(in *visitor) {
	v.all[in] = struct{}{}
	v.from[in.settled][in.from]++
	v.n[in.settled]++
}

func (v *visitors) drop(in *visitor) {
	if _, ok := v.all[in]; !ok {
		return
	}
	delete(v.all, in)
	v.n[in.settled]--
	if v.from[in.settled][in.from]--; v.from[in.settled][in.from] == 0 {
		delete(v.from[in.settled], in.from)
	}
}

// turn closes one, which may be nil.
func (v *visitors) turn(out *visitor) {
	if out != nil {
		out.turned.Store(true)
		out.Close()
		v.drop(out)
	}
}

// crowd returns the address that has the most.
func (v *visitors) crowd(settled int) (most netip.Prefix) {
	for from, n := range v.from[settled] {
		if n > v.from[settled][most] {
			most = from
		}
	}
	return most
}

// oldest returns who of an address has said nothing for the longest.
func (v *visitors) oldest(settled int, from netip.Prefix) (out *visitor) {
	for one := range v.all {
		if one.settled == settled && one.from == from && (out == nil || one.heard.Load() < out.heard.Load()) {
			out = one
		}
	}
	return out
}
