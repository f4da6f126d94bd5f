package dlp

import (
	"slices"
	"testing"
)

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
