package sniffer

import (
	"unsafe"

	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/sniffer/keyed"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// name is a name that was seen, and what is known of it. It never changes.
type name struct {
	text    string // of most names in room: one cache line for all of it
	verdict *traffic.Verdict
	blind   *rules.Blind
	room    [32]byte
}

// notAI and hidesNothing are what most names mean.
var (
	notAI        traffic.Verdict
	hidesNothing rules.Blind
)

// names keeps the names seen, so that one costs an allocation and a look at the
// catalogue once. They are kept in two generations: a flood of made-up names only
// makes us forget those that nobody asked for meanwhile.
type names struct {
	secret     keyed.Secret
	young, old nameTable
	classify   func(host string) traffic.Verdict
	hides      *rules.BlindIndex
}

// maxNames and maxLong bound a generation: how many there are, and the bytes of
// those that are longer than nearly all, as anybody can make them up.
const (
	maxNames = 1 << 14
	maxLong  = 1 << 20
)

func newNames(c Config) names {
	return names{secret: keyed.NewSecret(), classify: c.Classify, hides: c.Blind}
}

func (t *names) of(text []byte) *name { return t.hashed(t.secret.Bytes(text), text) }

// hashed is of, for who knows the hash.
func (t *names) hashed(h uint64, text []byte) *name {
	if n := t.young.find(h, text); n != nil {
		return n
	}
	n := t.old.find(h, text)
	if n == nil {
		n = t.know(text)
	}
	if t.young.n >= maxNames || t.young.long >= maxLong {
		t.young, t.old = t.old, t.young
		t.young.clear()
	}
	t.young.add(h, n)
	return n
}

// near has names at hand for when they are asked for: a processor waits for many
// that lie far away at once, if there is nothing to decide in between. What it
// returns means nothing.
func (t *names) near(all []named) (sum uint64) {
	slots := t.young.slots
	mask := uint64(len(slots) - 1)
	for i := 0; len(slots) > 0 && i < len(all); i++ {
		sum += slots[all[i].hash&mask].hash
	}
	for i := 0; len(slots) > 0 && i < len(all); i++ {
		if n := slots[all[i].hash&mask].name; n != nil {
			sum += uint64(n.room[0])
		}
	}
	return sum
}

func (t *names) ofString(text string) *name {
	var room [256]byte
	return t.of(append(room[:0], text...))
}

// know makes a name of a text not seen before.
func (t *names) know(text []byte) *name {
	n := &name{verdict: &notAI, blind: &hidesNothing}
	if len(text) <= len(n.room) {
		n.text = unsafe.String(&n.room[0], copy(n.room[:], text)) // which is never written again
	} else {
		n.text = string(text)
	}
	if t.classify != nil {
		if v := t.classify(n.text); v.AI() {
			ai := v // what is not kept stays off the heap
			n.verdict = &ai
		}
	}
	if t.hides != nil {
		if b := t.hides.Host(n.text); b != hidesNothing {
			hides := b
			n.blind = &hides
		}
	}
	return n
}

// nameTable finds names by the hash of their text: open addressing, at most half
// full.
type nameTable struct {
	slots []nameSlot // their number is a power of two
	n     int
	long  int // bytes of names that have no room in themselves
}

type nameSlot struct {
	hash uint64
	name *name // nil: free
}

// firstNames is how many slots a table begins with.
const firstNames = 1 << 8

func (t *nameTable) find(hash uint64, text []byte) *name {
	mask := uint64(len(t.slots) - 1)
	for i := hash; len(t.slots) > 0; i++ {
		s := &t.slots[i&mask]
		if s.name == nil {
			break
		}
		if s.hash == hash && s.name.text == string(text) {
			return s.name
		}
	}
	return nil
}

// add puts in n, which is not there.
func (t *nameTable) add(hash uint64, n *name) {
	if 2*(t.n+1) > len(t.slots) {
		t.grow()
	}
	mask := uint64(len(t.slots) - 1)
	i := hash
	for t.slots[i&mask].name != nil {
		i++
	}
	t.slots[i&mask] = nameSlot{hash, n}
	if t.n++; len(n.text) > len(n.room) {
		t.long += len(n.text)
	}
}

func (t *nameTable) grow() {
	before := t.slots
	*t = nameTable{slots: make([]nameSlot, max(firstNames, 2*len(before)))}
	for _, s := range before {
		if s.name != nil {
			t.add(s.hash, s.name)
		}
	}
}

func (t *nameTable) clear() {
	clear(t.slots)
	t.n, t.long = 0, 0
}
