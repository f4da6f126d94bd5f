package redis_test

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testredis"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// BenchmarkMerge merges batches as the inventory does and adds them up, and
// gives the CPU time of this process and of Redis, and the memory that Redis
// takes. Most of what a sighting costs is the same in every store.
func BenchmarkMerge(b *testing.B) {
	for _, users := range []int{3, 5000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) { benchmarkMerge(b, users) })
	}
}

func benchmarkMerge(b *testing.B, users int) {
	server := testredis.Start(b)
	s := open(b, "redis://"+server.Addr)
	const batch = 4096
	events := storetest.Events(1, batch)
	if err := s.Merge(b.Context(), events); err != nil {
		b.Fatal(err)
	}
	n := 0
	before, beforeRedis, memory := cpu(b), figure(b, server, "used_cpu_user")+figure(b, server, "used_cpu_sys"), figure(b, server, "used_memory")
	b.ReportAllocs()
	for b.Loop() {
		now := time.Now()
		for i := range events {
			events[i].ID, events[i].Time, events[i].Fresh = traffic.NewID(now), now, true
			events[i].User = "u-" + strconv.Itoa((n+i)*7919%users)
		}
		if err := s.Merge(b.Context(), events); err != nil {
			b.Fatal(err)
		}
		n += batch
	}
	if err := s.Settle(b.Context()); err != nil {
		b.Fatal(err)
	}
	redis := figure(b, server, "used_cpu_user") + figure(b, server, "used_cpu_sys") - beforeRedis
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "sightings/s")
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(n), "cpu-us/sighting")
	b.ReportMetric(redis*1e6/float64(n), "redis-cpu-us/sighting")
	b.ReportMetric((figure(b, server, "used_memory")-memory)/float64(n), "redis-bytes/sighting")
}

// figure reads one of what INFO says.
func figure(b *testing.B, server *testredis.Server, name string) float64 {
	b.Helper()
	in := bufio.NewScanner(strings.NewReader(server.Do("INFO", "everything")))
	for in.Scan() {
		if text, ok := strings.CutPrefix(in.Text(), name+":"); ok {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				b.Fatal(err)
			}
			return v
		}
	}
	b.Fatalf("INFO does not say %s", name)
	return 0
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
