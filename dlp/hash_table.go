package dlp

// hashTable finds values that are not zero by 32-bit hashes, in the slot of a hash or the next
// free one: one load for most of what it has and has not.
type hashTable[V comparable] struct {
	slots []hashSlot[V] // a power of two, at least twice as many as there are values
}

type hashSlot[V comparable] struct {
	hash  uint32
	value V
}

func newHashTable[V comparable](values map[uint32]V) hashTable[V] {
	size := 1
	for size <= 2*len(values) {
		size *= 2
	}
	t := hashTable[V]{make([]hashSlot[V], size)}
	for hash, value := range values {
		t.slots[t.find(hash)] = hashSlot[V]{hash, value}
	}
	return t
}

// find returns the slot of a hash, or the free one where it may go.
func (t hashTable[V]) find(hash uint32) int {
	var none V
	mask := len(t.slots) - 1
	at := int(hash*headFactor>>8) & mask
	for t.slots[at].value != none && t.slots[at].hash != hash {
		at = (at + 1) & mask
	}
	return at
}

// of returns the value of a hash, or zero.
func (t hashTable[V]) of(hash uint32) V { return t.slots[t.find(hash)].value }
