package dlp

import (
	"fmt"
	"sync"
	"testing"
)

// TestSentenceMemory: what was told of a sentence is known again, and nothing of others, from many
// goroutines at once and with more sentences than there are slots.
func TestSentenceMemory(t *testing.T) {
	m := newSentenceMemory()
	sentence := func(i int) uint64 { return m.hash(fmt.Appendf(nil, "sentence %d", i)) }
	told := func(i int) uint64 { return uint64(i * 77) }
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 1 << sentenceMemoryBits {
				m.add(sentence(i*4+g), told(i*4+g))
				if got, ok := m.of(sentence(i)); ok && got != told(i) {
					t.Errorf("sentence %d is told to be %x, want %x", i, got, told(i))
					return
				}
			}
		})
	}
	wg.Wait()
	kept := 0
	for i := range 4 << sentenceMemoryBits {
		if got, ok := m.of(sentence(i)); ok {
			kept++
			if got != told(i) {
				t.Fatalf("sentence %d is told to be %x, want %x", i, got, told(i))
			}
		}
		if _, ok := m.of(m.hash(fmt.Appendf(nil, "another %d", i))); ok {
			t.Fatalf("sentence %d is known, which was never remembered", i)
		}
	}
	if kept < 1<<sentenceMemoryBits/2 || kept > 1<<sentenceMemoryBits {
		t.Errorf("%d sentences are known, want most of %d slots", kept, 1<<sentenceMemoryBits)
	}
	if other := newSentenceMemory(); other.hash([]byte("sentence 1")) == sentence(1) {
		t.Error("two have the same key")
	}
}
