package stream

import (
	"math/rand/v2"
	"testing"
)

// TestIndex holds the index against a map, with hashes that often collide, also
// across the end of the slots.
func TestIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x := newIndex()
	at := map[int32]uint32{}
	for range 200_000 {
		flow := int32(r.IntN(300))
		hash, there := at[flow]
		if there {
			x.remove(hash, flow)
			delete(at, flow)
		} else if len(at) < 200 {
			at[flow] = uint32(r.IntN(40)) - 20
			x.add(at[flow], flow)
		}
		if x.n != len(at) || 2*x.n > len(x.slots) {
			t.Fatalf("%d flows in %d slots, want %d flows", x.n, len(x.slots), len(at))
		}
		for flow, hash := range at {
			i := hash & uint32(len(x.slots)-1)
			for x.slots[i].flow != 0 && x.slots[i] != (place{hash, flow + 1}) {
				i = (i + 1) & uint32(len(x.slots)-1)
			}
			if x.slots[i].flow == 0 {
				t.Fatalf("flow %d is not found", flow)
			}
			if r.IntN(4) > 0 {
				break // one or two of them, each time others
			}
		}
	}
}
