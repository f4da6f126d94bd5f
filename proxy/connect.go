package proxy

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/elazarl/goproxy"

	"github.com/gnomon-proxy/gnomon/traffic"
)

const established = "HTTP/1.1 200 Connection established\r\n\r\n"

// newEngine returns the goproxy that requests pass. Of goproxy we use the
// parsing of CONNECT and the way of a request through its handlers; its
// signer, its transport, its tunnels and its WebSocket are ours instead.
func (s *Server) newEngine() *goproxy.ProxyHttpServer {
	e := goproxy.NewProxyHttpServer()
	e.Logger = engineLog{s}
	e.Tr = s.upstream.h1
	e.ConnectDial = nil // not that of the environment
	e.KeepAcceptEncoding = true
	e.KeepHeader = true // Proxy-Authorization is gone already: see stripHopByHop
	e.OnRequest().HandleConnectFunc(s.connect)
	e.OnRequest().DoFunc(s.onRequest)
	return e
}

// connect decides what becomes of a CONNECT, by its name alone.
func (s *Server) connect(target string, ctx *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
	sess := sessionOf(ctx.Req.Context())
	f := sess.flow()
	f.Time, f.Method, f.UserAgent = time.Now(), http.MethodConnect, ctx.Req.UserAgent()
	route := s.pipeline.Connect(&f)
	switch route.Way {
	case traffic.WayRefuse:
		return s.refuseConnect(ctx, &f, route), target
	case traffic.WayIntercept:
		if !s.pins.has(pinKey{f.Client, f.Host}) {
			return s.take(sess, route, s.intercept), target
		}
		if d := s.unreadable(&f); d.Action == traffic.ActionBlock {
			route.Decision = d
			return s.refuseConnect(ctx, &f, route), target
		}
		s.pins.passed(pinKey{f.Client, f.Host})
		s.stats.PinPassed.Add(1)
		return s.take(sess, route, func(c *connectConn) { s.tunnel(c, &f, traffic.ReasonPinned) }), target
	}
	return s.take(sess, route, func(c *connectConn) { s.tunnel(c, &f, traffic.ReasonTunnelled) }), target
}

// unreadable asks the policy about a host whose traffic can't be read.
func (s *Server) unreadable(f *traffic.Flow) traffic.Decision {
	d := s.pipeline.Begin(f, http.Header{}, nil).Decision
	if d.Action != traffic.ActionBlock && d.OnFailure == traffic.FailClosed {
		d.Action = traffic.ActionBlock
		d.Reason = "This program refuses the gateway's certificate, and the policy does not let traffic to this service pass unread."
	}
	return d
}

// refuseConnect answers 403. What a browser shows of it is the code only; curl
// and SDKs show the sentence.
func (s *Server) refuseConnect(ctx *goproxy.ProxyCtx, f *traffic.Flow, route traffic.Route) *goproxy.ConnectAction {
	s.pipeline.Tunnelled(f, route, traffic.ReasonBypassed, 0, 0)
	n := notice{Code: http.StatusForbidden, Kind: "policy", Reason: route.Decision.Reason, Rule: route.Decision.Rule, Host: f.Host, Who: f.User, Ask: s.askURL(route.Verdict.ID, route.Decision.Rule)}
	ctx.Resp = n.response(ctx.Req)
	ctx.Resp.Close = true
	return &goproxy.ConnectAction{Action: goproxy.ConnectReject}
}

// take hijacks the connection of a CONNECT and lets do have it, in a goroutine
// of its own so that what net/http holds for the connection is freed.
func (s *Server) take(sess *session, route traffic.Route, do func(*connectConn)) *goproxy.ConnectAction {
	return &goproxy.ConnectAction{Action: goproxy.ConnectHijack, Hijack: func(_ *http.Request, client net.Conn, _ *goproxy.ProxyCtx) {
		c := client.(*connectConn)
		c.session, c.route = *sess, route
		s.work.hand(func() { do(c) })
	}}
}

// hijackable gives goproxy a Hijack that keeps the bytes that the client sent
// together with CONNECT: goproxy throws the buffered reader away.
type hijackable struct{ http.ResponseWriter }

// Unwrap serves http.ResponseController.
func (h hijackable) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// Hijack implements http.Hijacker.
func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	a, ok := unwrap[*acceptedConn](c)
	if !ok {
		c.Close()
		return nil, nil, errors.New("hijacking: not a connection of ours")
	}
	_, early := release(c, rw.Reader)
	return &connectConn{acceptedConn: a, early: early}, rw, nil
}

// release takes a hijacked connection from under the head guard, with the bytes
// that net/http and the guard have read and not used.
func release(c net.Conn, r *bufio.Reader) (net.Conn, []byte) {
	b, _ := r.Peek(r.Buffered())
	b = bytes.Clone(b)
	if g, ok := c.(*headGuard); ok {
		below, held := g.detach()
		return below, append(b, held...)
	}
	return c, b
}

// dialTarget connects to the target of a CONNECT.
func (s *Server) dialTarget(ctx context.Context, c *connectConn) (net.Conn, error) {
	return s.dialer.DialContext(ctx, "tcp", net.JoinHostPort(c.host, fmt.Sprint(c.port)))
}

// answer writes a notice on a connection that net/http no longer serves.
func (c *connectConn) answer(n notice) {
	req := &http.Request{Method: http.MethodConnect, Header: http.Header{}}
	resp := n.response(req)
	resp.Close = true
	c.SetWriteDeadline(time.Now().Add(5 * time.Second))
	resp.Write(struct{ io.Writer }{c})
}

// engineLog passes goproxy's warnings on at debug level: they may name a URL,
// of which only the first word, their kind, is kept.
type engineLog struct{ s *Server }

// Printf implements goproxy.Logger.
func (l engineLog) Printf(format string, _ ...any) {
	l.s.log.Debug("goproxy: " + strings.TrimSpace(strings.ReplaceAll(format, "%", "")))
}
