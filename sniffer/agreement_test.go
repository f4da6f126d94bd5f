package sniffer_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// agreement sums up how much of what tshark sees we see, and the reverse.
type agreement struct {
	mu    sync.Mutex
	kinds map[string]*[3]int // seen by both, by us, by tshark
}

func (a *agreement) add(got, want map[string]int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kinds == nil {
		a.kinds = map[string]*[3]int{}
	}
	for k := range union(got, want) {
		kind, _, _ := strings.Cut(k, "\t")
		n := a.kinds[kind]
		if n == nil {
			n = new([3]int)
			a.kinds[kind] = n
		}
		n[0] += min(got[k], want[k])
		n[1] += got[k]
		n[2] += want[k]
	}
}

func (a *agreement) log(t *testing.T) {
	for _, kind := range slices.Sorted(maps.Keys(a.kinds)) {
		n := a.kinds[kind]
		t.Logf("%-5s  of tshark's %5d we see %.4f; of our %5d tshark sees %.4f", kind, n[2], ratio(n[0], n[2]), n[1], ratio(n[0], n[1]))
	}
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}
