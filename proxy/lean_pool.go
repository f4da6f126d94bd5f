package proxy

import (
	"container/list"
	"slices"
	"sync"
	"time"
)

// maxIdleConns bounds the idle connections to all services together.
const maxIdleConns = 4096

// idlePool keeps connections that wait for a next request. The one that idles
// for the shortest time is taken first, so that the others can grow old and
// end. A timer, not a goroutine each, ends them.
type idlePool struct {
	perHost, most int
	timeout       time.Duration

	mu     sync.Mutex
	hosts  map[leanTarget][]*leanConn // oldest first
	ages   *list.List                 // of *leanConn, oldest first
	timer  *time.Timer                // runs while there are any
	closed bool
}

func newIdlePool(perHost, most int, timeout time.Duration) *idlePool {
	return &idlePool{perHost: perHost, most: most, timeout: timeout, hosts: make(map[leanTarget][]*leanConn), ages: list.New()}
}

// take returns an idle connection that still stands, nil when there is none.
func (p *idlePool) take(to leanTarget) *leanConn {
	for {
		c := p.pop(to)
		if c == nil || c.stands() {
			return c
		}
		c.close()
	}
}

func (p *idlePool) pop(to leanTarget) *leanConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	conns := p.hosts[to]
	if len(conns) == 0 {
		return nil
	}
	c := conns[len(conns)-1]
	p.removeLocked(c)
	return c
}

// put keeps c for later. Where there are enough, the oldest has to go.
func (p *idlePool) put(c *leanConn) {
	if over := p.add(c); over != nil {
		over.close()
	}
}

func (p *idlePool) add(c *leanConn) (over *leanConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return c
	}
	if conns := p.hosts[c.to]; len(conns) >= p.perHost {
		over = conns[0]
	} else if p.ages.Len() >= p.most {
		over = p.ages.Front().Value.(*leanConn)
	}
	if over != nil {
		p.removeLocked(over)
	}
	c.since = time.Now()
	p.hosts[c.to] = append(p.hosts[c.to], c)
	c.age = p.ages.PushBack(c)
	if p.timer == nil {
		p.timer = time.AfterFunc(p.timeout, p.expire)
	}
	return over
}

func (p *idlePool) removeLocked(c *leanConn) {
	p.ages.Remove(c.age)
	conns := p.hosts[c.to]
	i := slices.Index(conns, c) // the first or the last
	if conns[len(conns)-1] == c {
		i = len(conns) - 1
	}
	if conns = slices.Delete(conns, i, i+1); len(conns) == 0 {
		delete(p.hosts, c.to)
	} else {
		p.hosts[c.to] = conns
	}
}

// expire ends the connections that have idled for long enough.
func (p *idlePool) expire() {
	for _, c := range p.expired() {
		c.close()
	}
}

func (p *idlePool) expired() (out []*leanConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer = nil
	if p.closed {
		return nil
	}
	for e := p.ages.Front(); e != nil; e = p.ages.Front() {
		c := e.Value.(*leanConn)
		if left := p.timeout - time.Since(c.since); left > 0 {
			p.timer = time.AfterFunc(left, p.expire)
			break
		}
		p.removeLocked(c)
		out = append(out, c)
	}
	return out
}

// close ends what idles, and what would from now on.
func (p *idlePool) close() {
	p.mu.Lock()
	p.closed = true
	if p.timer != nil {
		p.timer.Stop()
	}
	ages := p.ages
	p.ages, p.hosts = list.New(), nil
	p.mu.Unlock()
	for e := ages.Front(); e != nil; e = e.Next() {
		e.Value.(*leanConn).close()
	}
}

func (p *idlePool) len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ages.Len()
}
