package proxy

import (
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func addr(i byte) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, i}) }

const mib = 1 << 20

func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // failing waits
		b := newBudget(64*mib, 4*mib)
		hog := b.loan(addr(1))
		for _, tt := range []struct {
			name string
			take int64
			want bool
		}{
			{"a small body", 100 << 10, true},
			{"which grows", 8 * mib, true},
			{"beyond a quarter", 9 * mib, false},
			{"up to a quarter", 8*mib - 100<<10, true},
			{"a byte more", 1, false},
			{"nothing", 0, true},
		} {
			if got := hog.take(tt.take); got != tt.want {
				t.Errorf("%s: take(%d) = %v, want %v", tt.name, tt.take, got, tt.want)
			}
		}
		if n := b.lent(); n != 16*mib || b.reserve.used != 0 {
			t.Errorf("%d bytes lent, %d of the reserve, want all in the pool", n, b.reserve.used)
		}
		second := b.loan(addr(1))
		if !second.take(smallLoan) || second.take(1) {
			t.Error("a client with its share used up gets small loans only")
		}
		for i := range byte(3) {
			if l := b.loan(addr(2 + i)); !l.take(16 * mib) {
				t.Error("a client did not get its share")
			}
		}
		fifth := b.loan(addr(9))
		if fifth.take(mib) || !fifth.take(64<<10) {
			t.Error("with the pool used up there are small loans only")
		}
		hog.give(2 * mib)
		if !fifth.take(mib) || fifth.small {
			t.Error("what was given back can't be taken")
		}
		hog.give(1 << 40)
		hog.end()
		second.end()
		fifth.end()
		if n := b.lent(); n != 48*mib || len(b.pool.by) != 3 || len(b.reserve.by) != 0 {
			t.Errorf("%d bytes lent to %d and %d clients at the end", n, len(b.pool.by), len(b.reserve.by))
		}
	})
}

// TestBudgetOfOneBody has a budget that just holds one.
func TestBudgetOfOneBody(t *testing.T) {
	b := newBudget(mib, mib)
	if l := b.loan(addr(1)); !l.take(mib) {
		t.Error("no body of the limit fits")
	}
}

func TestBudgetSharesByNetwork(t *testing.T) {
	b := newBudget(64*mib, mib)
	one, two := b.loan(netip.MustParseAddr("2001:db8::1")), b.loan(netip.MustParseAddr("2001:db8::2"))
	if !one.take(16*mib) || two.try(mib) {
		t.Error("two addresses of one network have two shares")
	}
}

func TestBudgetWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(4*mib, 2*mib)
		first, second := b.loan(addr(1)), b.loan(addr(2))
		if !first.take(4 * mib) {
			t.Fatal("nothing lent")
		}
		began := time.Now()
		time.AfterFunc(lendWait/2, first.end)
		if !second.take(mib) {
			t.Error("did not wait for what was given back")
		}
		if !second.take(3*mib) || time.Since(began) > lendWait {
			t.Error("waited for too long")
		}
		third := b.loan(addr(3))
		began = time.Now()
		for range 3 {
			if third.take(mib) {
				t.Error("lent more than there is")
			}
		}
		if d := time.Since(began); d != lendWait {
			t.Errorf("waited %v in all, want %v", d, lendWait)
		}
		second.end()
	})
}

func TestBudgetIsNeverOverdrawn(t *testing.T) {
	b := newBudget(4*mib, mib)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			l := b.loan(addr(byte(w % 3)))
			for i := range 2000 {
				if l.try(int64((w*7 + i) % 300 << 10)); i%5 == 0 {
					l.end()
				}
				b.mu.Lock()
				if b.pool.used > b.pool.total || b.reserve.used > b.reserve.total {
					t.Errorf("lent %d and %d", b.pool.used, b.reserve.used)
				}
				b.mu.Unlock()
			}
			l.end()
		})
	}
	wg.Wait()
	if b.lent() != 0 || len(b.pool.by)+len(b.reserve.by) != 0 {
		t.Errorf("%d bytes did not come back", b.lent())
	}
}
