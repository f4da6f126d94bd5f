package proxy

import (
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// idleConn is one for a pool, and its other end: reading there fails once it is
// closed.
func idleConn(p *idlePool, host string) (*leanConn, net.Conn) {
	near, far := net.Pipe()
	sock := newPeekConn(near, false)
	return newLeanConn(p, leanTarget{"https", host}, sock, sock), far
}

func open(far net.Conn) bool {
	far.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := far.Read(make([]byte, 1))
	timeout, ok := err.(net.Error)
	return ok && timeout.Timeout()
}

func TestIdlePoolBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newIdlePool(2, 3, time.Minute)
		var far [6]net.Conn
		var conns [6]*leanConn
		for i, host := range []string{"a", "b", "a", "a", "c", "d"} {
			conns[i], far[i] = idleConn(p, host)
			p.put(conns[i])
		}
		// a: the first made way for the third; b, as the oldest, for c; then the
		// second of a for d.
		for i, want := range []bool{false, false, false, true, true, true} {
			if got := open(far[i]); got != want {
				t.Errorf("connection %d open: %v, want %v", i, got, want)
			}
		}
		if n := p.len(); n != 3 {
			t.Errorf("%d idle connections, want 3", n)
		}
		if got := p.pop(leanTarget{"http", "a"}); got != nil {
			t.Error("a plain connection out of those with TLS")
		}
		if got := p.pop(leanTarget{"https", "a"}); got != conns[3] {
			t.Error("not the one that was left of a")
		}
		p.close()
		p.put(conns[3])
		for i := range far {
			if open(far[i]) {
				t.Errorf("connection %d is open after the end", i)
			}
		}
	})
}

func TestIdlePoolOrder(t *testing.T) {
	p := newIdlePool(8, 8, time.Minute)
	defer p.close()
	first, _ := idleConn(p, "a")
	second, _ := idleConn(p, "a")
	p.put(first)
	p.put(second)
	if got := p.pop(leanTarget{"https", "a"}); got != second {
		t.Error("not the last one first")
	}
}

func TestIdlePoolTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newIdlePool(8, 8, time.Minute)
		defer p.close()
		for range 2 { // the timer starts anew after all are gone
			first, farFirst := idleConn(p, "a")
			second, farSecond := idleConn(p, "a")
			p.put(first)
			time.Sleep(30 * time.Second)
			p.put(second)
			time.Sleep(30*time.Second + time.Millisecond)
			synctest.Wait()
			if open(farFirst) || !open(farSecond) {
				t.Error("after a minute: not the first one ended")
			}
			time.Sleep(30 * time.Second)
			synctest.Wait()
			if open(farSecond) || p.len() != 0 {
				t.Error("the second one idles on")
			}
		}
	})
}
