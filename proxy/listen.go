package proxy

import (
	"errors"
	"net"
	"sync"
)

// clientListener accepts clients, at most a fixed number at one time, and puts
// the head guard in front of each. http.Server.Serve waits and goes on when
// descriptors run out (EMFILE), so it need not.
type clientListener struct {
	*net.TCPListener
	most  int
	stats *Stats

	mu     sync.Mutex
	open   map[*acceptedConn]struct{}
	closed bool
}

func newClientListener(ln *net.TCPListener, most int, stats *Stats) *clientListener {
	return &clientListener{TCPListener: ln, most: most, stats: stats, open: make(map[*acceptedConn]struct{})}
}

// Accept implements net.Listener.
func (l *clientListener) Accept() (net.Conn, error) {
	for {
		c, err := l.AcceptTCP()
		if err != nil {
			return nil, err
		}
		if a := l.admit(c); a != nil {
			return newHeadGuard(a), nil
		}
		c.Close()
	}
}

func (l *clientListener) admit(c *net.TCPConn) *acceptedConn {
	a := &acceptedConn{TCPConn: c, release: l.release}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.open) >= l.most {
		l.stats.Turned.Add(1)
		return nil
	}
	l.open[a] = struct{}{}
	l.stats.Connections.Add(1)
	l.stats.Active.Add(1)
	return a
}

func (l *clientListener) release(a *acceptedConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, a)
	l.stats.Active.Add(-1)
}

// closeAll ends every connection that is still open, whoever serves it.
func (l *clientListener) closeAll() {
	l.mu.Lock()
	l.closed = true
	open := make([]*acceptedConn, 0, len(l.open))
	for a := range l.open {
		open = append(open, a)
	}
	l.mu.Unlock()
	for _, a := range open {
		a.Close()
	}
}

// handOver is a listener of connections that were accepted elsewhere:
// intercepted ones reach their http.Server through it.
type handOver struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
	addr  net.Addr
}

func newHandOver(addr net.Addr) *handOver {
	return &handOver{conns: make(chan net.Conn), done: make(chan struct{}), addr: addr}
}

// give hands c over; it is closed when nobody takes it any more.
func (h *handOver) give(c net.Conn) {
	select {
	case h.conns <- c:
	case <-h.done:
		c.Close()
	}
}

// Accept implements net.Listener.
func (h *handOver) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.done:
		return nil, errHandOverClosed
	}
}

// Close implements net.Listener.
func (h *handOver) Close() error {
	h.once.Do(func() { close(h.done) })
	return nil
}

// Addr implements net.Listener.
func (h *handOver) Addr() net.Addr { return h.addr }

var errHandOverClosed = errors.New("proxy: no connections are taken any more")
