package console

import (
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Limits bound how often somebody may ask. The zero value means the defaults.
type Limits struct {
	PerSecond float64 // by one identity, and by one address
	Burst     float64 // at once
	Failures  float64 // wrong tokens, links and logins by one address in a minute
}

func (l *Limits) defaults() {
	if l.PerSecond == 0 {
		l.PerSecond, l.Burst = 50, 200
	}
	if l.Failures == 0 {
		l.Failures = 30
	}
}

// maxBuckets bounds a limiter: it forgets who has not asked for longest.
const maxBuckets = 4096

// limiter gives everybody a bucket of tokens that fills by the second. Names
// are kept in two generations: when the young one is full it becomes the old
// one, and who has asked in neither is forgotten. Who asks is never forgotten
// by it, however many others there are. Safe for concurrent use.
type limiter struct {
	rate, burst float64

	mu         sync.Mutex
	young, old map[string]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(rate, burst float64) *limiter {
	return &limiter{rate: rate, burst: burst, young: make(map[string]*bucket)}
}

// take takes a token, or says how long it takes until there is one.
func (l *limiter) take(now time.Time, name string) (wait time.Duration) {
	_, wait = l.spend(now, name)
	return wait
}

// spend is take, and says how many tokens are left.
func (l *limiter) spend(now time.Time, name string) (left int, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucketLocked(now, name)
	if b.tokens >= 1 {
		b.tokens--
		return int(b.tokens), 0
	}
	return 0, l.until(b)
}

// tell says in h what the limit is, how many more requests there is room for at
// once, and when there is room for as many as ever (draft-ietf-httpapi-ratelimit-headers-10).
func (l *limiter) tell(h http.Header, left int) {
	full := func(n float64) int { return int(math.Ceil(n / l.rate)) }
	h.Set("RateLimit-Policy", fmt.Sprintf(`"identity";q=%.0f;w=%d`, l.burst, full(l.burst)))
	h.Set("RateLimit", fmt.Sprintf(`"identity";r=%d;t=%d`, left, full(l.burst-float64(left))))
}

// empty says how long it takes until there is a token, and takes none.
func (l *limiter) empty(now time.Time, name string) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.bucketLocked(now, name); b.tokens < 1 {
		return l.until(b)
	}
	return 0
}

func (l *limiter) until(b *bucket) time.Duration {
	return time.Duration((1 - b.tokens) / l.rate * float64(time.Second))
}

func (l *limiter) bucketLocked(now time.Time, name string) *bucket {
	b := l.young[name]
	if b == nil {
		if len(l.young) >= maxBuckets/2 {
			l.old, l.young = l.young, make(map[string]*bucket)
		}
		if b = l.old[name]; b == nil {
			b = &bucket{tokens: l.burst, at: now}
		}
		l.young[name] = b
	}
	if d := now.Sub(b.at); d > 0 {
		b.tokens = min(l.burst, b.tokens+d.Seconds()*l.rate)
		b.at = now
	}
	return b
}

// addressOf returns under which name the limits know a remote address: one of
// IPv6 by its network, of which a client has all addresses.
func addressOf(remote string) string {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	a := ap.Addr().Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
