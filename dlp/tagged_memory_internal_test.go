package dlp

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

// TestTaggedMemory: what was tagged in a sentence is known again, and nothing of others, from many
// goroutines at once and with more sentences than there are slots.
func TestTaggedMemory(t *testing.T) {
	m := newTaggedMemory()
	sentence := func(i int) uint64 { return m.hash(fmt.Appendf(nil, "sentence %d", i)) }
	tags := func(i int) packedSpans { return packedSpans(i * 77) }
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 1 << taggedMemoryBits {
				m.add(sentence(i*4+g), tags(i*4+g))
				if got, ok := m.of(sentence(i)); ok && got != tags(i) {
					t.Errorf("sentence %d has the tags %x, want %x", i, got, tags(i))
					return
				}
			}
		})
	}
	wg.Wait()
	kept := 0
	for i := range 4 << taggedMemoryBits {
		if got, ok := m.of(sentence(i)); ok {
			kept++
			if got != tags(i) {
				t.Fatalf("sentence %d has the tags %x, want %x", i, got, tags(i))
			}
		}
		if _, ok := m.of(m.hash(fmt.Appendf(nil, "another %d", i))); ok {
			t.Fatalf("sentence %d is known, which was never remembered", i)
		}
	}
	if kept < 1<<taggedMemoryBits/2 || kept > 1<<taggedMemoryBits {
		t.Errorf("%d sentences are known, want most of %d slots", kept, 1<<taggedMemoryBits)
	}
	if other := newTaggedMemory(); other.hash([]byte("sentence 1")) == sentence(1) {
		t.Error("two have the same key")
	}
}

// TestPackedSpans: spans are the same when they were packed, from the first byte of a sentence to
// its last; more than there is room for are not packed.
func TestPackedSpans(t *testing.T) {
	spans := []taggedSpan{
		{from: 0, to: 1, as: tagName, lone: true},
		{from: 17, to: 299, as: tagDevice},
		{from: 299, to: maxSentence, as: tagHealth, lone: true},
	}
	for n := range len(spans) + 1 {
		packed, ok := packed(spans[:n])
		if !ok {
			t.Fatalf("%d spans are not packed", n)
		}
		var got []taggedSpan
		for packed != 0 {
			var span taggedSpan
			span, packed = packed.next()
			got = append(got, span)
		}
		if !slices.Equal(got, spans[:n]) {
			t.Errorf("packed %v, got %v", spans[:n], got)
		}
	}
	if _, ok := packed(append(spans, spans[0])); ok {
		t.Errorf("%d spans are packed", len(spans)+1)
	}
}
