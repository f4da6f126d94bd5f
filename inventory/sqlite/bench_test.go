package sqlite_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// BenchmarkMerge merges batches as the inventory does. CPU time is given too:
// it holds on a machine that does other things beside.
func BenchmarkMerge(b *testing.B) {
	s := open(b, b.TempDir())
	const batch = 1000
	events := storetest.Events(1, batch)
	if err := s.Merge(b.Context(), events); err != nil {
		b.Fatal(err)
	}
	n := 0
	before := cpu(b)
	b.ReportAllocs()
	for b.Loop() {
		now := time.Now()
		for i := range events {
			events[i].ID, events[i].Fresh = traffic.NewID(now), true
		}
		if err := s.Merge(b.Context(), events); err != nil {
			b.Fatal(err)
		}
		n += batch
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "sightings/s")
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(n), "cpu-us/sighting")
}

func cpu(b testing.TB) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkServices lists a register of 400 services with 200,000 facets.
func BenchmarkServices(b *testing.B) {
	s := large(b)
	for b.Loop() {
		list, err := s.Services(b.Context())
		if err != nil || len(list) != 400 {
			b.Fatal(len(list), err)
		}
	}
}

func large(b *testing.B) *sqlite.Store {
	b.Helper()
	s := open(b, b.TempDir())
	for service := range 400 {
		events := storetest.Events(1, 500)
		for i := range events {
			events[i].ServiceID = "service-" + string(rune('a'+service%26)) + "-" + traffic.NewID(time.UnixMilli(int64(service)))[:12]
			events[i].User = "u-" + traffic.NewID(time.UnixMilli(int64(i)))[:12]
			events[i].Action = "allow"
		}
		if err := s.Merge(b.Context(), events); err != nil {
			b.Fatal(err)
		}
	}
	return s
}
