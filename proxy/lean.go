package proxy

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

const (
	leanBodyMax  = 64 << 10 // larger bodies gain little
	leanHeadMax  = 1 << 20  // of an answer, with the interim ones before it
	tlsTimeout   = 10 * time.Second
	idleUpstream = 90 * time.Second
)

// lean sends HTTP/1.1 requests whose body is known whole, the usual prompt, at
// half the CPU time of http.Transport: a request is written and its answer read
// by the goroutine that serves the client, with no other to hand it over to,
// and an idle connection has none at all. What it does not take, because it may
// wait for both sides at once (long and unfinished bodies, Expect, trailers,
// Upgrade), goes to the Transport: see exchange.send.
//
// On the wire nothing tells the two apart but the names of fields: those of a
// request that a front has read go out in their order and case. Names, addresses and certificates
// pass the same checks. Its methods are safe for concurrent use.
type lean struct {
	dialer *dialer
	tls    *tls.Config
	idle   *idlePool
}

func newLean(d *dialer, cfg *tls.Config) *lean {
	return &lean{dialer: d, tls: cfg, idle: newIdlePool(maxIdlePerHost, maxIdleConns, idleUpstream)}
}

// roundTrip sends wire, the bytes of r, and returns the answer, whose body is
// back. It takes wire over.
//
// A request is sent a second time only if the first connection had been used
// before and ended without a byte of an answer, and if besides none of the
// request was sent or the method is safe to repeat.
func (l *lean) roundTrip(r *http.Request, wire *wireRequest, back *leanBody) (*http.Response, error) {
	defer wire.free()
	to := leanTarget{r.URL.Scheme, r.URL.Host}
	if c := l.idle.take(to); c != nil {
		resp, err := c.roundTrip(r, wire, back)
		if err == nil || !c.mayRepeat(r, wire) {
			return resp, err
		}
	}
	c, err := l.dial(r.Context(), to)
	if err != nil {
		return nil, err
	}
	return c.roundTrip(r, wire, back)
}

// leanTarget is where a connection goes; those of one are alike.
type leanTarget struct{ scheme, host string }

// dial opens a connection, with TLS where the scheme wants it.
func (l *lean) dial(ctx context.Context, to leanTarget) (*leanConn, error) {
	std := "80"
	if to.scheme == "https" {
		std = "443"
	}
	addr := withPort(to.host, std)
	conn, err := l.dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	sock := newPeekConn(conn, to.scheme == "https")
	if to.scheme != "https" {
		return newLeanConn(l.idle, to, sock, sock), nil
	}
	cfg := l.tls.Clone()
	if cfg.ServerName, _, err = net.SplitHostPort(addr); err != nil {
		conn.Close()
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, tlsTimeout)
	defer cancel()
	t := tls.Client(sock, cfg)
	if err := t.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return newLeanConn(l.idle, to, sock, t), nil
}
