package proxy

import (
	"crypto/subtle"
	"net/netip"
	"sync"
	"time"
)

// token returns what a form must send back: it holds for the person and the day,
// and no other site can know it. Gateways with one key take each other's.
func (p *ownPages) token(who Asker, now time.Time) string {
	return p.key.Hash("own-form", []byte(now.UTC().Format(time.DateOnly)+"\x00"+who.Client.String()+"\x00"+who.User))
}

// good reports whether a token was given to a person today or yesterday.
func (p *ownPages) good(token string, who Asker, now time.Time) bool {
	today := subtle.ConstantTimeCompare([]byte(token), []byte(p.token(who, now)))
	yesterday := subtle.ConstantTimeCompare([]byte(token), []byte(p.token(who, now.AddDate(0, 0, -1))))
	return today|yesterday == 1
}

const (
	ownBurst  = 30              // looks at once
	ownRefill = 3 * time.Second // until there is one more
	ownAskers = 10_000          // that are remembered
)

// ownRate bounds how often a person looks.
type ownRate struct {
	mu   sync.Mutex
	full map[ownAsker]time.Time // when each has all looks again
}

// ownAsker is by whom looks are counted: users by name, others by address.
type ownAsker struct {
	user   string
	client netip.Addr
}

func newOwnRate() *ownRate { return &ownRate{full: make(map[ownAsker]time.Time)} }

// allow takes the cost of a look from what a person has left.
func (o *ownRate) allow(who Asker, cost int, now time.Time) bool {
	key := ownAsker{user: who.User}
	if who.User == "" {
		key.client = who.Client
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	full := o.full[key]
	if full.Before(now) {
		full = now
	}
	full = full.Add(time.Duration(cost) * ownRefill)
	if full.Sub(now) > ownBurst*ownRefill {
		return false
	}
	if len(o.full) >= ownAskers {
		clear(o.full) // at worst somebody looks more often
	}
	o.full[key] = full
	return true
}
