package console

import "sync"

// begun are pieces of work that take longer than a request, of those that were
// asked for since the start: packs, verifications. The zero value is ready for
// use.
type begun[T any] struct {
	mu   sync.Mutex
	list []*T // oldest first
	busy sync.WaitGroup
	over bool // no more can start
}

// start adds one, and reports whether it may begin: ended must be called for it
// then. Beyond most of them it returns those that are forgotten, the oldest: one
// at most is under way, and it is the newest.
func (b *begun[T]) start(one *T, most int) (gone []*T, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return nil, false
	}
	if n := len(b.list) + 1 - most; n > 0 {
		gone, b.list = b.list[:n:n], b.list[n:]
	}
	b.list = append(b.list, one)
	b.busy.Add(1)
	return gone, true
}

// change changes what is in the list.
func (b *begun[T]) change(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

// ended says that one does nothing more.
func (b *begun[T]) ended() { b.busy.Done() }

// all returns copies, never nil.
func (b *begun[T]) all() []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]T, 0, len(b.list))
	for _, one := range b.list {
		out = append(out, *one)
	}
	return out
}

// find returns a copy of one.
func (b *begun[T]) find(is func(*T) bool) (one T, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.list {
		if is(one) {
			return *one, true
		}
	}
	return one, false
}

// close waits for the one under way, whose time must have ended, and returns all,
// which are forgotten.
func (b *begun[T]) close() []*T {
	b.change(func() { b.over = true })
	b.busy.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.list
	b.list = nil
	return list
}
