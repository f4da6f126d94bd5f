package proxy

import (
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// acceptedConn is a connection of a client. Closing it gives its place back.
type acceptedConn struct {
	*net.TCPConn
	once    sync.Once
	release func(*acceptedConn)
}

// Close implements net.Conn.
func (c *acceptedConn) Close() error {
	err := c.TCPConn.Close()
	c.once.Do(func() { c.release(c) })
	return err
}

// identity is who uses a connection.
type identity struct {
	client netip.AddrPort // unmapped
	user   string
	groups []string
}

// session is what is known of the requests on a connection: whose they are,
// and, after CONNECT, where they must go.
type session struct {
	identity
	host   string // canonical; "" when each request names its own
	port   uint16
	scheme string
	guard  *headGuard // of an intercepted HTTP/1.1 connection
}

// authority returns the target of CONNECT as a URL has it.
func (s *session) authority() string {
	if s.port == 443 && s.scheme == "https" || s.port == 80 && s.scheme == "http" {
		if strings.Contains(s.host, ":") {
			return "[" + s.host + "]"
		}
		return s.host
	}
	return net.JoinHostPort(s.host, strconv.Itoa(int(s.port)))
}

// flow begins the record of one attempt.
func (s *session) flow() traffic.Flow {
	return traffic.Flow{
		Sensor: traffic.SensorProxy, Client: s.client.Addr(), ClientPort: s.client.Port(),
		User: s.user, Groups: s.groups, Host: s.host,
	}
}

// connectConn is a connection after its CONNECT: first come the bytes that the
// client had sent along with it, then the socket.
type connectConn struct {
	*acceptedConn
	early []byte
	session
	route traffic.Route

	helloName string // SNI of the client hello
	presented bool   // our certificate was chosen for it
	mismatch  bool   // its names disagreed
	alert     alertWatch
}

// Read implements net.Conn.
func (c *connectConn) Read(p []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(p, c.early)
		if c.early = c.early[n:]; len(c.early) == 0 {
			c.early = nil
		}
		c.alert.see(p[:n])
		return n, nil
	}
	n, err := c.acceptedConn.Read(p)
	c.alert.see(p[:n])
	return n, err
}

// ReadFrom hides the one of the socket, which would bypass nothing here but
// tempt io.Copy into splicing from a TLS connection.
func (c *connectConn) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{c.acceptedConn}, r)
}

// WriteTo hides the one of the socket, which would lose the early bytes.
func (c *connectConn) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{c})
}

// netConner is what wraps a connection: *tls.Conn, the head guard.
type netConner interface{ NetConn() net.Conn }

// unwrap returns the first connection of type T under c.
func unwrap[T net.Conn](c net.Conn) (t T, ok bool) {
	for {
		if t, ok = c.(T); ok {
			return t, true
		}
		w, wraps := c.(netConner)
		if !wraps {
			return t, false
		}
		c = w.NetConn()
	}
}

var _ netConner = (*tls.Conn)(nil)

// clientOf returns the address of a connection's client.
func clientOf(c net.Conn) netip.AddrPort {
	a, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := a.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
