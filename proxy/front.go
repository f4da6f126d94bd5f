package proxy

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"sync/atomic"
	"time"
)

const (
	frontRead     = 4 << 10   // first buffer of a connection
	frontHead     = 16 << 10  // heads that are longer go to net/http
	frontKeep     = 1 << 10   // targets and agents that are longer are not remembered
	frontDrain    = 256 << 10 // of a body that nobody wants, before the next request
	frontLinger   = 500 * time.Millisecond
	frontPatience = 5 * time.Second // by which idle connections may end early: so most requests need no new deadline
)

// front serves the HTTP/1.1 requests of one intercepted connection, at a
// fraction of what net/http's server takes: one goroutine, one parse of a head,
// by the rules of the head guard, and answers in as few writes as can be. It
// takes what clients usually send: a method, a path, a body of known length or
// none. At the first byte of anything else (chunked bodies, Expect, Upgrade,
// absolute targets, HTTP/1.0, long heads, and all that is malformed) the
// connection goes over to net/http behind the head guard, with the bytes that
// came, for good: see order.
//
// It does not pass goproxy, whose handler would copy both heads once more: see
// exchange.decide for the way that is common to both.
type front struct {
	server *Server
	sess   *session
	conn   net.Conn           // decrypted
	ctx    context.Context    // ends when the client is gone
	gone   context.CancelFunc // ends it

	in    []byte // what was read; the bytes from at on are not used yet
	at    int
	until time.Time // the read deadline of conn

	part     partHead
	order    order  // the request under way
	fields   fields // its head
	answered fields // the head of its answer
	// What the last request named, each on its own and not a part of that head:
	target string
	url    url.URL // of target, as a client's request has it
	host   string
	agent  string
	body   frontBody
	watch  hangUp
	first  bool         // no request has come yet
	phase  atomic.Int32 // see fronts
}

// serveFront serves a connection until it ends or goes over to net/http.
func (s *Server) serveFront(conn net.Conn, sess *session) {
	f := &front{server: s, sess: sess, conn: conn, first: true}
	f.ctx, f.gone = context.WithCancel(s.lives)
	defer f.gone()
	f.watch.init(f)
	f.body.f = f
	if !s.fronts.add(f) {
		conn.Close()
		return
	}
	if f.serve() {
		s.fronts.remove(f)
		conn.SetReadDeadline(time.Time{})
		s.decrypted.give(newHeadGuard(&earlyConn{Conn: conn, early: f.in[f.at:]}))
		return
	}
	s.fronts.remove(f)
	conn.Close()
}

// serve serves one request after the other. It reports whether what comes next
// is for net/http.
func (f *front) serve() (foreign bool) {
	defer func() {
		if r := recover(); r != nil {
			// The value of a panic may quote the request: only its type and place go to the log.
			f.server.log.Error("fault while serving", "host", f.sess.host, "panic", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			f.watch.disarm()
			foreign = false
		}
	}()
	for {
		switch f.next() {
		case nextForeign:
			return true
		case nextEnd:
			return false
		}
		if !f.one() {
			return false
		}
	}
}

// one serves the request that next has read and reports whether another may
// follow.
func (f *front) one() bool {
	s := f.server
	s.stats.Requests.Add(1)
	r := f.order.request(f)
	e := &exchange{server: s, flow: f.sess.flow(), client: f, front: f}
	whole := f.exchange(e, r)
	good := f.body.end(!e.broken.Load()) && whole
	f.watch.disarm()
	if e.shared { // a transport may hold the request still
		f.fields.forget()
	}
	f.rest()
	return good && f.phase.CompareAndSwap(phaseBusy, phaseIdle)
}

// rest lets go of what the request leaves behind, save for what is short and
// most likely the same in the next.
func (f *front) rest() {
	f.fields.rest()
	f.answered.rest()
	f.order = order{}
	if len(f.target) > frontKeep {
		f.target, f.url = "", url.URL{}
	}
	if len(f.agent) > frontKeep {
		f.agent = ""
	}
}

// exchange has the request decided upon, sent and answered. It reports whether
// the connection can go on.
func (f *front) exchange(e *exchange, r *http.Request) bool {
	defer e.finish() // whatever panics
	if !f.body.begin(f.order.length) {
		f.watch.arm()
	}
	resp := e.decide(r)
	if resp == nil {
		resp, _ = e.RoundTrip(r, nil) // errors are answers by now
	}
	return f.answer(e, r, resp)
}

// SetReadDeadline implements client. The connection takes no request after it.
func (f *front) SetReadDeadline(t time.Time) error {
	f.body.spoilt.Store(true)
	return f.conn.SetReadDeadline(t)
}

// deadline has the next reads fail at t, or up to slack earlier.
func (f *front) deadline(t time.Time, slack time.Duration) {
	if t.IsZero() != f.until.IsZero() || t.Before(f.until) || t.Sub(f.until) > slack {
		f.until = t
		f.conn.SetReadDeadline(t)
	}
}
