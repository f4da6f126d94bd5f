package main

import (
	"sync"
	"sync/atomic"
)

// once tells what stands in several inputs, or several times in one, so that it
// is counted as it is saved: once. All inputs share it; whichever of them is read
// first, the sums are the same, as what has one id says one thing.
type once struct {
	shards   [onceShards]onceShard
	repeated atomic.Int64 // were there before
	beyond   atomic.Bool  // there were more than are kept
}

type onceShard struct {
	mu   sync.Mutex
	keys []uint64 // an open table, a power of two long, at most three quarters full; 0 is free
	n    int
	_    [24]byte // a cache line each
}

const (
	onceShards = 64
	// maxOnce bounds the memory: 32 MB in all, for three million requests to AI.
	maxOnce = 3 << 20 / onceShards
)

// first reports whether id comes for the first time.
func (o *once) first(id flowID) bool {
	key := max(1, id.key())
	if o.shards[key%onceShards].first(key, &o.beyond) {
		return true
	}
	o.repeated.Add(1)
	return false
}

func (s *onceShard) first(key uint64, beyond *atomic.Bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if 4*(s.n+1) > 3*len(s.keys) && s.n < maxOnce {
		s.grow()
	}
	at := s.place(key)
	if s.keys[at] == key {
		return false
	}
	if s.n >= maxOnce {
		beyond.Store(true)
		return true
	}
	s.keys[at] = key
	s.n++
	return true
}

// place returns where key is, or belongs. Keys are hashes.
func (s *onceShard) place(key uint64) uint64 {
	mask := uint64(len(s.keys) - 1)
	at := key / onceShards & mask
	for s.keys[at] != 0 && s.keys[at] != key {
		at = (at + 1) & mask
	}
	return at
}

func (s *onceShard) grow() {
	old := s.keys
	s.keys = make([]uint64, max(16, 2*len(old)))
	for _, key := range old {
		if key != 0 {
			s.keys[s.place(key)] = key
		}
	}
}
