package inventory_test

import (
	"context"
	"fmt"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// BenchmarkRecord records 3,000 sightings a second, of one user and of many, and
// gives the CPU time of the process: what making the sightings takes is part of
// it.
func BenchmarkRecord(b *testing.B) {
	for _, users := range []int{1, 1000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) { benchmarkRecord(b, users) })
	}
}

func benchmarkRecord(b *testing.B, users int) {
	dir := b.TempDir()
	v := newInventory(b, inventory.Config{Dir: dir, Store: openStore(b, dir)})
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- v.Run(ctx) }()

	const perTick, every = 300, 100 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	templates := make([]*traffic.Sighting, 3*users)
	for i := range templates {
		s, user := sighting(), i/3
		s.User, s.Client = fmt.Sprintf("user-%d@example.org", user), netip.AddrFrom4([4]byte{10, 0, byte(user >> 8), byte(user)})
		s.Model = []string{"gpt-5", "gpt-5-mini", "gpt-5-nano"}[i%3]
		if i%10 != 0 {
			s.Findings, s.Classes, s.Decision = nil, nil, traffic.Decision{Action: traffic.ActionAllow}
		}
		templates[i] = s
	}
	n, before := 0, cpu(b)
	for b.Loop() { // one is a tick
		<-tick.C
		for range perTick {
			s := *templates[n*7919%len(templates)]
			s.Time = time.Now()
			s.ID = traffic.NewID(s.Time)
			v.Record(&s)
			n++
		}
	}
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	if got := v.Durable(); got != int64(n) {
		b.Fatalf("durable = %d, want %d", got, n)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "sightings/s")
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(n), "cpu-us/sighting")
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
