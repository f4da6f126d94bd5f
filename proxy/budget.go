package proxy

import (
	"net/netip"
	"sync"
	"time"
)

const (
	// freeLoan is what each body has without asking, so that the shortest prompts
	// are scanned whatever else goes on: connections are bounded, and net/http
	// holds as much for each of them.
	freeLoan = firstHold

	// smallLoan is what a body of 64 KiB comes to with what it is decoded into.
	smallLoan  = 256 << 10
	minReserve = 1 << 20

	// lendWait is how long a body waits for memory, in all, and lendStep how
	// often it looks: waking all who wait whenever a byte comes back would be a
	// stampede.
	lendWait = time.Second
	lendStep = 20 * time.Millisecond
)

// budget is the memory that all bodies and messages share which are held to be
// scanned. What does not get any passes or not as the policy's on_failure says,
// so nobody may be able to use it up for others:
//
//   - All loans together never exceed proxy.scan_memory and the reserve, which
//     is a sixteenth on top of it.
//   - A small loan lies in the reserve while there is room, so that long bodies
//     never keep short prompts from being scanned.
//   - One client has at most a quarter of either, yet as much as one body of
//     proxy.max_scan_bytes takes with what it is decoded into.
//   - The first freeLoan bytes of a body are not counted.
//   - A body that finds no memory waits for lendWait at most.
//
// That a loan ends is for the borrower to see to: see body.hold. The methods
// are safe for concurrent use.
type budget struct {
	mu      sync.Mutex
	pool    area
	reserve area
}

// area is a part of a budget; the lock of the budget guards it.
type area struct {
	total, share int64 // share: of one client
	used         int64
	by           map[netip.Addr]int64
}

// newBudget returns a budget of total bytes for bodies of up to most bytes.
func newBudget(total, most int64) *budget {
	spare := max(total/16, minReserve)
	return &budget{
		pool:    newArea(total, min(max(total/4, 2*(most+1)), total)), // hold reads a byte more than most
		reserve: newArea(spare, max(spare/4, smallLoan)),
	}
}

func newArea(total, share int64) area {
	return area{total: total, share: share, by: make(map[netip.Addr]int64)}
}

func (a *area) lend(client netip.Addr, n int64) bool {
	if n > a.total-a.used || n > a.share-a.by[client] {
		return false
	}
	a.used += n
	a.by[client] += n
	return true
}

func (a *area) takeBack(client netip.Addr, n int64) {
	a.used -= n
	if a.by[client] -= n; a.by[client] == 0 {
		delete(a.by, client)
	}
}

// lent returns how much is lent.
func (b *budget) lent() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pool.used + b.reserve.used
}

// loan returns an empty loan for a client. A nil budget lends without end.
func (b *budget) loan(client netip.Addr) loan {
	if client.Is6() { // a network has as many addresses as it likes
		if p, err := client.Prefix(64); err == nil {
			client = p.Addr()
		}
	}
	return loan{of: b, client: client}
}

// loan is what one body has borrowed: all in the reserve or all in the pool. It
// belongs to one goroutine at a time.
type loan struct {
	of     *budget
	client netip.Addr
	n      int64
	free   int64 // of freeLoan
	small  bool  // in the reserve
	waited time.Duration
}

// take borrows n bytes more and reports whether they were there; if not,
// nothing is borrowed.
func (l *loan) take(n int64) bool {
	if l.of == nil || n == 0 {
		return true
	}
	if l.n == 0 && l.free+n <= freeLoan {
		l.free += n
		return true
	}
	for !l.try(n) {
		if l.waited >= lendWait || l.n+n > l.of.pool.share { // or no wait will do
			return false
		}
		l.waited += lendStep
		time.Sleep(lendStep)
	}
	return true
}

// try is take without waiting. A loan that is small no more moves to the pool.
func (l *loan) try(n int64) bool {
	b := l.of
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case (l.small || l.n == 0) && l.n+n <= smallLoan && b.reserve.lend(l.client, n):
		l.small = true
	case l.small:
		if !b.pool.lend(l.client, l.n+n) {
			return false
		}
		b.reserve.takeBack(l.client, l.n)
		l.small = false
	case !b.pool.lend(l.client, n):
		return false
	}
	l.n += n
	return true
}

// give returns n bytes of the loan.
func (l *loan) give(n int64) {
	l.free -= min(l.free, max(0, n-l.n))
	if n = min(n, l.n); n <= 0 {
		return
	}
	b := l.of
	b.mu.Lock()
	defer b.mu.Unlock()
	if l.small {
		b.reserve.takeBack(l.client, n)
	} else {
		b.pool.takeBack(l.client, n)
	}
	if l.n -= n; l.n == 0 {
		l.small = false
	}
}

// end returns the whole loan. To end it again does nothing.
func (l *loan) end() { l.give(l.n + l.free) }
