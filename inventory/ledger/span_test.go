package ledger_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// TestSpan computes the root of trees of which any run of leaves is only kept as
// a span.
func TestSpan(t *testing.T) {
	leaf := func(i int) ledger.Hash { return ledger.Leaf([]byte(fmt.Sprint(i))) }
	for n := 1; n <= 20; n++ {
		var want ledger.Tree
		for i := range n {
			want.Add(leaf(i))
		}
		for from := range n {
			for to := from + 1; to <= n; to++ {
				span := ledger.Span{From: int64(from)}
				for i := from; i < to; i++ {
					span.Add(leaf(i))
				}
				b, err := json.Marshal(&span)
				if err != nil {
					t.Fatal(err)
				}
				var read ledger.Span
				if err := json.Unmarshal(b, &read); err != nil {
					t.Fatal(err)
				}
				var got ledger.Tree
				for i := range from {
					got.Add(leaf(i))
				}
				if err := got.AddSpan(&read); err != nil {
					t.Fatalf("%d leaves, %d to %d: %v", n, from, to, err)
				}
				for i := to; i < n; i++ {
					got.Add(leaf(i))
				}
				if got.Root() != want.Root() || got.Len() != want.Len() {
					t.Errorf("%d leaves, %d to %d of them as a span: the root is another one", n, from, to)
				}
			}
		}
	}
}

// TestSpanLength shows that a long span is short.
func TestSpanLength(t *testing.T) {
	span := ledger.Span{From: 3}
	for range 100_000 {
		span.Add(ledger.Leaf(nil))
	}
	if n := len(span.Hashes); n > 2*17 {
		t.Errorf("%d hashes stand for 100000 leaves", n)
	}
}

// TestSpanRefused takes spans that a stranger wrote.
func TestSpanRefused(t *testing.T) {
	for name, s := range map[string]ledger.Span{
		"elsewhere":       {From: 1, N: 1, Hashes: make([]ledger.Hash, 1)},
		"before":          {From: -1, N: 1, Hashes: make([]ledger.Hash, 1)},
		"nothing":         {},
		"less than that":  {N: -1},
		"too few hashes":  {N: 3, Hashes: make([]ledger.Hash, 1)},
		"too many hashes": {N: 4, Hashes: make([]ledger.Hash, 2)},
		"beyond numbers":  {N: 1<<63 - 1, Hashes: make([]ledger.Hash, 63)},
	} {
		var tree ledger.Tree
		if err := tree.AddSpan(&s); err == nil || tree.Len() != 0 {
			t.Errorf("%s: error %v, %d leaves", name, err, tree.Len())
		}
	}
}
