package learned

import (
	"hash/maphash"
	"sync"
)

const (
	ways   = 8 // places for a key
	held   = 4 // names of a key
	shards = 64
)

// named is a name and when it was good.
type named struct {
	name        string
	from, until int64 // nanoseconds since 1970
}

func (n *named) good(at int64) bool { return n.from <= at && at < n.until }

// slot is what is known of one key; the names are the latest first.
type slot[K comparable] struct {
	key   K
	names [held]named
	more  [2]int64 // from and until of a name that had no place left
	used  uint64   // tick of the last use; 0 means the slot is free
}

// names are those of a key that are good, the latest first.
type names struct {
	list [held]string
	n    int
	more bool // there are others
}

func (n *names) has(name string) bool {
	for _, s := range n.list[:n.n] {
		if s == name {
			return true
		}
	}
	return false
}

// table is a bounded map from keys to names.
type table[K comparable] struct {
	seed   maphash.Seed
	mask   uint64
	sets   [][ways]slot[K]
	shards [shards]shard
}

// shard guards the sets whose number has its remainder.
type shard struct {
	mu   sync.Mutex
	tick uint64
	_    [48]byte // one cache line each
}

func newTable[K comparable](n int) *table[K] {
	sets := 1
	for sets*ways < n {
		sets *= 2
	}
	return &table[K]{seed: maphash.MakeSeed(), mask: uint64(sets - 1), sets: make([][ways]slot[K], sets)}
}

// lock returns the set of k, locked.
func (t *table[K]) lock(k K) (*[ways]slot[K], *shard) {
	i := maphash.Comparable(t.seed, k) & t.mask
	s := &t.shards[i%shards]
	s.mu.Lock()
	s.tick++
	return &t.sets[i], s
}

// get fills found with the names of k that are good at the time, and returns
// how many there are.
func (t *table[K]) get(k K, at int64, found *names) int {
	set, shard := t.lock(k)
	defer shard.mu.Unlock()
	for i := range set {
		s := &set[i]
		if s.used == 0 || s.key != k {
			continue
		}
		s.used = shard.tick
		for j := range s.names {
			if n := &s.names[j]; n.name != "" && n.good(at) {
				found.list[found.n] = n.name
				found.n++
			}
		}
		found.more = s.more[0] <= at && at < s.more[1]
		break
	}
	return found.n
}

// put notes a name of k.
func (t *table[K]) put(k K, name string, from, until int64) {
	set, shard := t.lock(k)
	defer shard.mu.Unlock()
	oldest := &set[0]
	for i := range set {
		s := &set[i]
		if s.used != 0 && s.key == k {
			s.used = shard.tick
			s.add(name, from, until)
			return
		}
		if s.used < oldest.used {
			oldest = s
		}
	}
	*oldest = slot[K]{key: k, used: shard.tick}
	oldest.names[0] = named{name, from, until}
}

// add puts a name in front of the others.
func (s *slot[K]) add(name string, from, until int64) {
	last := held - 1
	for i := range s.names {
		if n := &s.names[i]; n.name == name {
			if n.good(from) { // told again while it was good
				from, until = n.from, max(until, n.until)
			}
			last = i
			break
		} else if n.name == "" {
			last = i
			break
		}
	}
	if lost := &s.names[last]; lost.name != "" && lost.name != name && lost.good(from) {
		s.more = [2]int64{min(from, lost.from), max(s.more[1], lost.until)}
	}
	copy(s.names[1:last+1], s.names[:last])
	s.names[0] = named{name, from, until}
}

// digest makes a key of a public name. FNV-1a is enough: what collides with a
// public name is another public name that the same client was given.
func digest(s string) (k key) {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	for i := range 8 {
		k[i] = byte(h >> (8 * i))
	}
	return k
}
