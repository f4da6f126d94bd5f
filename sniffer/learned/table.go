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
}

// set is the places of the keys of one hash. What a search looks at first, a
// part of each key's hash and its last use, lies in one cache line.
type set[K comparable] struct {
	tags  [ways]uint32 // 0 where the slot is free
	used  [ways]uint32 // ticks, which may wrap
	slots [ways]slot[K]
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
	sets   []*set[K] // nil: nothing was put there yet
	shards [shards]shard
}

// shard guards the sets whose number has its remainder.
type shard struct {
	mu   sync.Mutex
	tick uint32
	_    [52]byte // one cache line each
}

func newTable[K comparable](n int) *table[K] {
	sets := 1
	for sets*ways < n {
		sets *= 2
	}
	return &table[K]{seed: maphash.MakeSeed(), mask: uint64(sets - 1), sets: make([]*set[K], sets)}
}

// find locks the set of k, finds k's place in it, -1 for none, and makes it the
// last one used. The caller unlocks the shard.
func (t *table[K]) find(k K) (home **set[K], at int, tag uint32, guard *shard) {
	h := maphash.Comparable(t.seed, k)
	guard = &t.shards[h&t.mask%shards]
	home, tag = &t.sets[h&t.mask], uint32(h>>32)|1
	guard.mu.Lock()
	guard.tick++
	if s := *home; s != nil {
		for i := range s.tags {
			if s.tags[i] == tag && s.slots[i].key == k {
				s.used[i] = guard.tick
				return home, i, tag, guard
			}
		}
	}
	return home, -1, tag, guard
}

// get fills found with the names of k that are good at the time, and returns
// how many there are.
func (t *table[K]) get(k K, when int64, found *names) int {
	home, at, _, guard := t.find(k)
	defer guard.mu.Unlock()
	if at < 0 {
		return 0
	}
	s := &(*home).slots[at]
	for j := range s.names {
		if n := &s.names[j]; n.name != "" && n.good(when) {
			found.list[found.n] = n.name
			found.n++
		}
	}
	found.more = s.more[0] <= when && when < s.more[1]
	return found.n
}

// put notes a name of k.
func (t *table[K]) put(k K, name string, from, until int64) {
	home, at, tag, guard := t.find(k)
	defer guard.mu.Unlock()
	if at >= 0 {
		(*home).slots[at].add(name, from, until)
		return
	}
	if *home == nil {
		*home = new(set[K])
	}
	s := *home
	at = s.oldest(guard.tick)
	s.tags[at], s.used[at] = tag, guard.tick
	s.slots[at] = slot[K]{key: k}
	s.slots[at].names[0] = named{name, from, until}
}

// oldest returns a free place, else the one unused for the longest.
func (s *set[K]) oldest(tick uint32) (at int) {
	for i := range s.tags {
		if s.tags[i] == 0 {
			return i
		}
		if tick-s.used[i] > tick-s.used[at] {
			at = i
		}
	}
	return at
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
