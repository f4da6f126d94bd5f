//go:build unix

package proxy

import (
	"io"
	"net"
	"os"
	"syscall"
)

// leanWorks says whether sockets can be read without waiting.
const leanWorks = true

// peekConn is a socket that can be read without waiting: while peeking is set,
// Read fails with os.ErrDeadlineExceeded where it would wait. TLS takes that
// for a passing error, so what a service sent behind its answer (a close,
// bytes that nobody asked for) is found out before the next
// request.
type peekConn struct {
	net.Conn
	raw     syscall.RawConn
	peeking bool
	heard   bool // something came while peeking
	secure  bool // it carries TLS
	mark    recordMark

	once func(fd uintptr) bool // made once: a closure each time would be an allocation
	p    []byte
	n    int
	err  error
}

func newPeekConn(c net.Conn, secure bool) *peekConn {
	p := &peekConn{Conn: c, secure: secure}
	if s, ok := c.(syscall.Conn); ok {
		p.raw, _ = s.SyscallConn()
	}
	p.once = func(fd uintptr) bool {
		p.n, p.err = syscall.Read(int(fd), p.p)
		return true
	}
	return p
}

// Read implements net.Conn.
func (c *peekConn) Read(p []byte) (int, error) {
	if !c.peeking {
		n, err := c.Conn.Read(p)
		if c.secure {
			c.mark.pass(p[:n])
		}
		return n, err
	}
	if c.raw == nil {
		return 0, io.EOF // can't tell
	}
	c.p = p
	err := c.raw.Read(c.once)
	c.p = nil
	switch {
	case err != nil:
		return 0, err
	case c.err == syscall.EAGAIN, c.err == syscall.EINTR:
		return 0, os.ErrDeadlineExceeded
	case c.err != nil:
		return 0, c.err
	case c.n == 0:
		return 0, io.EOF
	}
	c.heard = true // whatever it is, the connection has had its day
	return c.n, nil
}
