package proxy

import "sync/atomic"

// budget is an amount of memory, in bytes, that all requests under way share.
// It never lends more than it was made with. Its methods are safe for
// concurrent use and never block.
type budget struct {
	total int64
	used  atomic.Int64
}

func newBudget(n int64) *budget { return &budget{total: max(n, 0)} }

// take borrows n bytes and reports whether they were there; if not, nothing is
// borrowed.
func (b *budget) take(n int64) bool {
	if n < 0 {
		return false
	}
	for {
		used := b.used.Load()
		if n > b.total-used {
			return false
		}
		if b.used.CompareAndSwap(used, used+n) {
			return true
		}
	}
}

// give returns n bytes that take has lent. Giving more than was lent is a fault
// of ours; it makes nothing out of nothing.
func (b *budget) give(n int64) {
	if n < 0 {
		return
	}
	for {
		used := b.used.Load()
		if b.used.CompareAndSwap(used, max(used-n, 0)) {
			return
		}
	}
}
