package learned

import (
	"testing"
	"unsafe"
)

// TestMemory holds what the package says about its memory.
func TestMemory(t *testing.T) {
	n := New(0)
	bytes := uintptr(len(n.pairs.sets))*unsafe.Sizeof(n.pairs.sets[0]) +
		uintptr(len(n.servers.sets))*unsafe.Sizeof(n.servers.sets[0]) +
		uintptr(len(n.configs.sets))*unsafe.Sizeof(n.configs.sets[0])
	t.Logf("%.1f MB; a pair takes %d bytes", float64(bytes)/1e6, unsafe.Sizeof(n.pairs.sets[0])/ways)
	if len(n.pairs.sets)*ways != DefaultEntries || bytes > 17_000_000 {
		t.Errorf("%d pairs in %d bytes", len(n.pairs.sets)*ways, bytes)
	}
	if s := unsafe.Sizeof(shard{}); s != 64 {
		t.Errorf("a shard has %d bytes, want a cache line", s)
	}
}
