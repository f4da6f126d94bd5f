package proxy

import (
	"crypto/tls"
	"errors"
	"io"
	"net"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// maxHello bounds what a client can make us hold before we know its name: a
// client hello may span several TLS records (RFC 8446, section 5.1), and
// post-quantum key shares fill more than one packet.
const maxHello = 64 << 10

// readHello reads from c as much as it takes to know the name in a client
// hello, and returns that with all that was read. The name is "" when there is
// none, or no hello. crypto/tls does the parsing, as it will for the origin.
func readHello(c net.Conn) (name string, read []byte) {
	tap := &helloTap{Conn: c}
	tls.Server(tap, &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		name = traffic.CanonicalHost(h.ServerName)
		return nil, errHelloRead
	}}).Handshake()
	return name, tap.read
}

var errHelloRead = errors.New("the client hello has been read")

// helloTap keeps what is read of a connection and writes nothing to it.
type helloTap struct {
	net.Conn
	read []byte
}

// Read implements net.Conn.
func (t *helloTap) Read(p []byte) (int, error) {
	if len(t.read) >= maxHello {
		return 0, io.ErrShortBuffer
	}
	n, err := t.Conn.Read(p[:min(len(p), maxHello-len(t.read))])
	t.read = append(t.read, p[:n]...)
	return n, err
}

// Write implements net.Conn: the alert is not for the client.
func (t *helloTap) Write(p []byte) (int, error) { return len(p), nil }
