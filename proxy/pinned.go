package proxy

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const (
	pinLife = 24 * time.Hour
	maxPins = 4096
	// silentCloses of one client are taken for a pinned certificate: one may be
	// a person who stopped loading.
	silentCloses = 2
)

// Pin is a client that refuses our certificate for a host.
type Pin struct {
	Client  netip.Addr
	Host    string
	Reason  string // the alert that it sent, or "closed"
	Since   time.Time
	Expires time.Time
	Passed  int64 // connections spliced since
}

type pinKey struct {
	client netip.Addr
	host   string
}

// pins remembers which clients refuse our certificate. An entry expires by
// itself, so that a client whose trust store was put right is inspected again.
type pins struct {
	now func() time.Time

	mu     sync.Mutex
	noted  map[pinKey]*Pin
	closed map[pinKey]int // silent closes so far
}

func newPins() *pins {
	return &pins{now: time.Now, noted: make(map[pinKey]*Pin), closed: make(map[pinKey]int)}
}

// note enters a client that said with an alert that it refuses our certificate.
func (p *pins) note(k pinKey, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.noteLocked(k, reason)
}

// noteClosed enters a client that hung up on our certificate, the second time,
// and reports whether it did.
func (p *pins) noteClosed(k pinKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed[k]++; p.closed[k] < silentCloses {
		if len(p.closed) > maxPins {
			clear(p.closed) // hostile or huge: start over rather than grow
		}
		return false
	}
	delete(p.closed, k)
	p.noteLocked(k, "closed")
	return true
}

// accepted forgets the silent closes of a client that took our certificate.
func (p *pins) accepted(k pinKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.closed, k)
}

// has reports whether the client refuses our certificate for the host.
func (p *pins) has(k pinKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	pin, ok := p.noted[k]
	if ok && p.now().After(pin.Expires) {
		delete(p.noted, k)
		return false
	}
	return ok
}

func (p *pins) passed(k pinKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if pin, ok := p.noted[k]; ok {
		pin.Passed++
	}
}

func (p *pins) forget(k pinKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.noted, k)
}

func (p *pins) list() []Pin {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Pin, 0, len(p.noted))
	for _, pin := range p.noted {
		if !p.now().After(pin.Expires) {
			out = append(out, *pin)
		}
	}
	slices.SortFunc(out, func(a, b Pin) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), a.Client.Compare(b.Client))
	})
	return out
}

func (p *pins) noteLocked(k pinKey, reason string) {
	now := p.now()
	if _, known := p.noted[k]; !known && len(p.noted) >= maxPins {
		p.evictLocked(now)
	}
	p.noted[k] = &Pin{Client: k.client, Host: k.host, Reason: reason, Since: now, Expires: now.Add(pinLife)}
}

// evictLocked makes room: what has expired goes, else the oldest entry.
func (p *pins) evictLocked(now time.Time) {
	var oldest *Pin
	for k, pin := range p.noted {
		if now.After(pin.Expires) {
			delete(p.noted, k)
		} else if oldest == nil || pin.Since.Before(oldest.Since) {
			oldest = pin
		}
	}
	if len(p.noted) >= maxPins {
		delete(p.noted, pinKey{oldest.Client, oldest.Host})
	}
}
