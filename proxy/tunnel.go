package proxy

import (
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	// spliceAfter is when a direction is worth a kernel pipe: before, two
	// descriptors and 18 KB of kernel memory would go to a tunnel that idles.
	spliceAfter = 256 << 10
	spliceChunk = 4 << 20 // after so much the pipe goes back, as the tunnel may idle now
	copyBuffer  = 32 << 10
)

var buffers = sync.Pool{New: func() any { b := make([]byte, copyBuffer); return &b }}

// tunnel connects the client of a CONNECT with its target and copies until both
// have ended. Of the bytes only a client hello is looked at.
func (s *Server) tunnel(c *connectConn, f *traffic.Flow, why string) {
	defer c.Close()
	up, err := s.dialTarget(s.lives, c)
	if err != nil {
		fl := faultOf(err)
		s.stats.Upstream.add(fl.kind)
		c.answer(notice{Code: fl.code, Kind: fl.kind, Reason: fl.reason, Host: c.host})
		return
	}
	defer up.Close()
	target := up.(*net.TCPConn)
	if _, err := c.acceptedConn.Write([]byte(established)); err != nil {
		return
	}
	s.stats.Tunnels.Add(1)
	sent, received := s.splice(c, target, f)
	s.stats.Up.Add(sent)
	s.stats.Down.Add(received)
	s.pipeline.Tunnelled(f, c.route, why, sent, received)
}

// splice copies both ways until both directions have ended or one has failed.
func (s *Server) splice(c *connectConn, target *net.TCPConn, f *traffic.Flow) (up, down int64) {
	var wg sync.WaitGroup
	wg.Go(func() { down = oneWay(c.TCPConn, target) })
	up, ok := s.opening(c, target, f)
	if ok {
		up += oneWay(target, c.TCPConn)
	} else {
		abort(c.TCPConn, target)
	}
	wg.Wait()
	return up, down
}

// opening passes on the first bytes of the client, once they have been seen not
// to name an AI service behind the back of CONNECT.
func (s *Server) opening(c *connectConn, target *net.TCPConn, f *traffic.Flow) (n int64, ok bool) {
	if c.route.Verdict.AI() { // known for what it is
		b := c.early
		c.early = nil
		return forward(target, b)
	}
	first, err := c.peek()
	if err != nil {
		target.CloseWrite()
		return 0, true
	}
	if first != recordHandshake {
		b := c.early
		c.early = nil
		return forward(target, b)
	}
	name, hello := readHello(c)
	if name != "" && name != f.Host && s.hidden(f, name) {
		return 0, false
	}
	return forward(target, hello)
}

// hidden reports whether a client hello names an AI service although CONNECT
// named something else: such a connection is closed and recorded.
func (s *Server) hidden(f *traffic.Flow, name string) bool {
	real := *f
	real.Host = name
	x := s.pipeline.Begin(&real, http.Header{}, nil)
	if !x.Verdict.AI() {
		return false
	}
	s.stats.Mismatches.Add(1)
	s.log.Warn("client hello names an AI service behind another host", "connect", f.Host, "name", name)
	s.pipeline.Tunnelled(&real, traffic.Route{Way: traffic.WayRefuse, Verdict: x.Verdict, Decision: traffic.Decision{
		Action: traffic.ActionBlock, Reason: "The connection names another host than the one that it was opened to."}}, traffic.ReasonTunnelled, 0, 0)
	return true
}

func forward(dst *net.TCPConn, b []byte) (int64, bool) {
	if len(b) == 0 {
		return 0, true
	}
	n, err := dst.Write(b)
	return int64(n), err == nil
}

// abort ends both directions at once.
func abort(a, b *net.TCPConn) {
	a.SetDeadline(time.Unix(1, 0))
	b.SetDeadline(time.Unix(1, 0))
}

// oneWay copies until src ends, and passes the end on: the other direction may
// still have something to say.
func oneWay(dst, src *net.TCPConn) int64 {
	n, err := copyTCP(dst, src)
	if err != nil {
		abort(src, dst) // a broken direction takes the other with it
		return n
	}
	dst.CloseWrite()
	return n
}
