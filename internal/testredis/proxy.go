package testredis

import (
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy passes TCP connections on to a server, as well or badly as it is told.
type Proxy struct {
	Addr string

	to string
	ln net.Listener

	mu    sync.Mutex
	fault Fault
	again chan struct{} // closed when the fault changes
	conns map[net.Conn]bool
	wg    sync.WaitGroup
}

// Fault is what a Proxy does to bytes.
type Fault struct {
	Down   bool          // connections are refused and cut
	Deaf   bool          // bytes to the server wait
	Mute   bool          // bytes from the server wait
	Delay  time.Duration // of each piece, both ways
	Severs bool          // answers are dropped and the connection is cut: what was asked for is done all the same
}

// NewProxy starts a Proxy in front of a server.
func NewProxy(t testing.TB, to string) *Proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: ln.Addr().String(), to: to, ln: ln, again: make(chan struct{}), conns: make(map[net.Conn]bool)}
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		ln.Close()
		p.Set(Fault{Down: true})
		p.wg.Wait()
	})
	return p
}

// Set changes what happens to all bytes from now on, also those that wait.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
	close(p.again)
	p.again = make(chan struct{})
	if f.Down {
		for c := range p.conns {
			c.Close()
		}
	}
}

// Cut ends all connections; new ones are taken.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *Proxy) accept() {
	for {
		c, err := p.ln.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.serve(c) })
	}
}

func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.DialTimeout("tcp", p.to, 10*time.Second)
	if err != nil {
		return
	}
	defer server.Close()
	if !p.add(client, server) {
		return
	}
	defer p.remove(client, server)
	var wg sync.WaitGroup
	wg.Go(func() { p.pass(server, client, func(f Fault) bool { return f.Deaf }, false) })
	wg.Go(func() { p.pass(client, server, func(f Fault) bool { return f.Mute }, true) })
	wg.Wait()
}

func (p *Proxy) add(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault.Down {
		return false
	}
	for _, c := range conns {
		p.conns[c] = true
	}
	return true
}

func (p *Proxy) remove(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		delete(p.conns, c)
	}
}

func (p *Proxy) now() (Fault, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault, p.again
}

// pass copies one way until either end is closed. What waited when the fault
// ends is passed on late: it may be what a client gave up long ago.
func (p *Proxy) pass(to, from net.Conn, waits func(Fault) bool, answers bool) {
	defer to.Close()
	if answers {
		defer from.Close()
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		for {
			f, again := p.now()
			if f.Down || f.Severs && answers && n > 0 {
				return
			}
			if !waits(f) {
				time.Sleep(f.Delay)
				break
			}
			<-again
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
