package proxy

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestBudget(t *testing.T) {
	b := newBudget(10)
	for _, tt := range []struct {
		name string
		take int64
		want bool
	}{
		{"part", 4, true},
		{"more than is left", 7, false},
		{"the rest", 6, true},
		{"nothing, when empty", 0, true},
		{"one, when empty", 1, false},
		{"negative", -1, false},
	} {
		if got := b.take(tt.take); got != tt.want {
			t.Errorf("%s: take(%d) = %v, want %v", tt.name, tt.take, got, tt.want)
		}
	}
	b.give(3)
	if !b.take(3) || b.take(1) {
		t.Error("what was given back can't be taken exactly once")
	}
	b.give(1 << 40)
	b.give(-5)
	if !b.take(10) || b.take(1) {
		t.Error("giving too much changed the total")
	}
}

func TestBudgetIsNeverOverdrawn(t *testing.T) {
	const total = 100
	b := newBudget(total)
	var out atomic.Int64
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			n := int64(w*7 + 1)
			for range 2000 {
				if b.take(n) {
					if now := out.Add(n); now > total {
						t.Errorf("%d bytes lent, total %d", now, total)
					}
					out.Add(-n)
					b.give(n)
				}
			}
		})
	}
	wg.Wait()
	if !b.take(total) {
		t.Error("not everything came back")
	}
}
