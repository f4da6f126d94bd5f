//go:build !unix

package proxy

import (
	"errors"
	"net"
)

// leanWorks says whether sockets can be read without waiting.
const leanWorks = false

// peekConn is not made where leanWorks is false.
type peekConn struct {
	net.Conn
	peeking, heard bool
	mark           recordMark
}

func newPeekConn(c net.Conn, _ bool) *peekConn { return &peekConn{Conn: c} }

// Read implements net.Conn.
func (c *peekConn) Read(p []byte) (int, error) {
	if c.peeking {
		return 0, errors.ErrUnsupported
	}
	return c.Conn.Read(p)
}
