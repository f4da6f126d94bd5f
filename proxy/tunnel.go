package proxy

import (
	"net"
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
// have ended. The bytes are not looked at.
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
	sent, received := splice(c, target)
	s.stats.Up.Add(sent)
	s.stats.Down.Add(received)
	s.pipeline.Tunnelled(f, c.route, why, sent, received)
}

// splice copies both ways until both directions have ended or one has failed.
func splice(c *connectConn, target *net.TCPConn) (up, down int64) {
	if len(c.early) > 0 {
		n, err := target.Write(c.early)
		up, c.early = int64(n), nil
		if err != nil {
			return up, 0
		}
	}
	client := c.TCPConn
	var wg sync.WaitGroup
	wg.Go(func() { down = oneWay(client, target) })
	up += oneWay(target, client)
	wg.Wait()
	return up, down
}

// oneWay copies until src ends, and passes the end on: the other direction may
// still have something to say.
func oneWay(dst, src *net.TCPConn) int64 {
	n, err := copyTCP(dst, src)
	if err != nil {
		src.SetDeadline(time.Unix(1, 0)) // a broken direction takes the other with it
		dst.SetDeadline(time.Unix(1, 0))
		return n
	}
	dst.CloseWrite()
	return n
}
