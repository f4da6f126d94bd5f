package sniffer

import (
	"net/netip"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/keyed"
)

// lookups tells the messages of one lookup apart from the next one. They are
// remembered in two generations, so that forgetting costs nothing and memory is
// bounded.
type lookups struct {
	secret     keyed.Secret
	young, old map[lookup]int64
}

// lookup is who asked for what. Of the name it has a hash under a secret: names are
// as long as somebody makes them.
type lookup struct {
	client [16]byte
	name   uint64
}

const (
	maxLookups = 1 << 15 // a generation

	// within is how long the messages of one lookup may be apart: a stub resolver
	// asks for A, AAAA and HTTPS at once and repeats itself after 5 s (resolv.conf(5)).
	within = int64(10 * time.Second)

	// answered is how long after its query a reply may come. No resolver waits
	// longer.
	answered = int64(time.Minute)
)

func newLookups() lookups {
	return lookups{secret: keyed.NewSecret(), young: make(map[lookup]int64), old: make(map[lookup]int64)}
}

// first reports whether the message is the first that is seen of its lookup.
func (l *lookups) first(client netip.Addr, n *name, reply bool, at time.Time) bool {
	var room [256]byte
	k, now := lookup{client.As16(), l.secret.Bytes(append(room[:0], n.text...))}, at.UnixNano()
	t, ok := l.young[k]
	if !ok {
		t, ok = l.old[k]
	}
	wait := within
	if reply {
		wait = answered
	}
	if d := now - t; ok && -wait <= d && d <= wait { // files merged from two taps are not quite in order
		return false
	}
	if len(l.young) >= maxLookups {
		clear(l.old)
		l.young, l.old = l.old, l.young
	}
	l.young[k] = now
	return true
}
