package stream

import (
	"encoding/binary"

	"github.com/gnomon-proxy/gnomon/sniffer/keyed"
)

// index finds flows by their key: open addressing, at most half full, under a
// hash that nobody can aim at. The keys themselves are in the flows.
type index struct {
	secret keyed.Secret
	slots  []place // their number is a power of two
	n      int
}

// place is a flow plus one, 0 where there is none, and a part of its key's hash.
type place struct {
	hash uint32
	flow int32
}

// firstPlaces is how many there are at the beginning.
const firstPlaces = 1 << 8

func newIndex() index { return index{secret: keyed.NewSecret(), slots: make([]place, firstPlaces)} }

func (x *index) hash(k *key) uint32 {
	le := binary.LittleEndian
	a := x.secret.Words(le.Uint64(k.a[:8]), le.Uint64(k.a[8:]))
	b := x.secret.Words(le.Uint64(k.b[:8]), le.Uint64(k.b[8:]))
	return uint32(x.secret.Words(a+(uint64(k.aPort)<<32|uint64(k.bPort)<<16|uint64(k.proto)), b))
}

// add puts in a flow, which is not there.
func (x *index) add(hash uint32, flow int32) {
	if x.n++; 2*x.n > len(x.slots) {
		before := x.slots
		x.slots = make([]place, 2*len(before))
		for _, p := range before {
			if p.flow != 0 {
				x.put(p)
			}
		}
	}
	x.put(place{hash, flow + 1})
}

func (x *index) put(p place) {
	mask := uint32(len(x.slots) - 1)
	i := p.hash & mask
	for x.slots[i].flow != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = p
}

// remove takes out a flow, which is there, and moves those that were put behind
// it for want of room.
func (x *index) remove(hash uint32, flow int32) {
	mask := uint32(len(x.slots) - 1)
	i := hash & mask
	for x.slots[i].flow != flow+1 {
		i = (i + 1) & mask
	}
	for j := (i + 1) & mask; x.slots[j].flow != 0; j = (j + 1) & mask {
		if home := x.slots[j].hash & mask; (j-home)&mask >= (j-i)&mask {
			x.slots[i] = x.slots[j]
			i = j
		}
	}
	x.slots[i] = place{}
	x.n--
}

// find returns the flow with key k.
func (t *Table[T]) find(k *key, hash uint32) (flow int32, ok bool) {
	x := &t.index
	mask := uint32(len(x.slots) - 1)
	for i := hash & mask; x.slots[i].flow != 0; i = (i + 1) & mask {
		if p := x.slots[i]; p.hash == hash && t.at(p.flow-1).key == *k {
			return p.flow - 1, true
		}
	}
	return 0, false
}
