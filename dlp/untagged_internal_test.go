package dlp

import (
	"fmt"
	"sync"
	"testing"
)

// TestUntagged: a sentence that was remembered is known again, others are not, from many
// goroutines at once and with more sentences than there are slots.
func TestUntagged(t *testing.T) {
	u := newUntagged()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 1 << untaggedBits {
				h := u.hash(fmt.Appendf(nil, "sentence %d", i*4+g))
				u.add(h)
			}
		})
	}
	wg.Wait()
	kept := 0
	for i := range 4 << untaggedBits {
		if u.has(u.hash(fmt.Appendf(nil, "sentence %d", i))) {
			kept++
		}
		if u.has(u.hash(fmt.Appendf(nil, "another %d", i))) {
			t.Fatalf("sentence %d is known, which was never remembered", i)
		}
	}
	if kept < 1<<untaggedBits/2 || kept > 1<<untaggedBits {
		t.Errorf("%d sentences are known, want most of %d slots", kept, 1<<untaggedBits)
	}
	if other := newUntagged(); other.hash([]byte("sentence 1")) == u.hash([]byte("sentence 1")) {
		t.Error("two have the same key")
	}
}
