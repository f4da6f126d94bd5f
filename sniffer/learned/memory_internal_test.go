package learned

import (
	"testing"
	"unsafe"
)

// TestMemory holds what the package says about its memory.
func TestMemory(t *testing.T) {
	n := New(0)
	const place = unsafe.Sizeof(uintptr(0))
	ofPair, ofKey := unsafe.Sizeof(set[pair]{}), unsafe.Sizeof(set[key]{})
	bytes := uintptr(len(n.pairs.sets)+len(n.configs.sets))*(place+ofPair) + uintptr(len(n.servers.sets))*(place+ofKey)
	t.Logf("%.1f MB; a pair takes %d bytes", float64(bytes)/1e6, ofPair/ways)
	if len(n.pairs.sets)*ways != DefaultEntries || bytes > 17_000_000 {
		t.Errorf("%d pairs in %d bytes", len(n.pairs.sets)*ways, bytes)
	}
	if s := unsafe.Sizeof(shard{}); s != 64 {
		t.Errorf("a shard has %d bytes, want a cache line", s)
	}
}
