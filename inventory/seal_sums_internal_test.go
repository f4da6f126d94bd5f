package inventory

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestSealedSumsBounded: a seal of very many services or days holds sums of buckets
// of them, which are those of its services; of too many days it holds none.
func TestSealedSumsBounded(t *testing.T) {
	for _, tt := range []struct {
		days, services, rows int
		ok                   bool
	}{{3, 10, 30, true}, {3, 600, 3 * sumBuckets, true}, {200, 100, 200, true}, {maxSealedSums + 1, 1, 0, false}} {
		d := newDaySums(func(id string) string { return id })
		begin := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		for day := range tt.days {
			for s := range tt.services {
				d.add(&Event{Time: begin.AddDate(0, 0, day), ServiceID: fmt.Sprint("s-", s), Requests: int64(s), Up: 2, Action: traffic.ActionBlock, Model: fmt.Sprint("m-", s%3)})
			}
		}
		list, ok := d.sealed()
		if ok != tt.ok || len(list) != tt.rows {
			t.Errorf("%d days of %d services: %d rows, %v", tt.days, tt.services, len(list), ok)
		}
		if !ok {
			continue
		}
		back := newDaySums(func(id string) string { return id })
		if !back.unseal(list) {
			t.Fatal("the sums can't be read again")
		}
		whole, again := newDaySums(nil), newDaySums(nil)
		whole.of, again.of = bucketed(d.of, 1), bucketed(back.of, 1)
		for k, s := range whole.of {
			if o := again.of[k]; o == nil || o.figures != s.figures || o.names != s.names || o.use != s.use || o.kinds["action=block"] != s.kinds["action=block"] {
				t.Errorf("%v: %+v, want %+v", k, o, s)
			}
		}
		for _, n := range back.buckets() {
			if (n == math.MaxInt) != (tt.services == 10) {
				t.Errorf("%d services are in %d buckets", tt.services, n)
			}
		}
	}
}
