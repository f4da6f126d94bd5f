package main

import (
	"context"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestSoak lets the office work over and over: two seconds, or as long as
// GNOMON_SOAK says. No request fails for our sake, no sighting is lost, and
// goroutines, descriptors and memory are what they were after the first day.
func TestSoak(t *testing.T) {
	length := 2 * time.Second
	if s := os.Getenv("GNOMON_SOAK"); s != "" {
		var err error
		if length, err = time.ParseDuration(s); err != nil {
			t.Fatalf("GNOMON_SOAK: %v", err)
		}
	}
	o := startOffice(t, func(s *Settings) { s.Proxy.Intercept = []string{testnet.HostUnknownAI} })
	first := o.day(t)
	for end := time.Now().Add(length); time.Now().Before(end); {
		last := o.day(t)
		// What has ended may still be about to go, on a machine under load.
		for patience := time.Now().Add(time.Minute); last.beyond(first) && time.Now().Before(patience); last = now() {
			time.Sleep(50 * time.Millisecond)
		}
		if last.beyond(first) {
			t.Fatalf("after a day more: %+v, after the first: %+v", last, first)
		}
	}
	if err := o.stop(); err != nil {
		t.Fatal(err)
	}
	if s := o.inventory.Stats(); s.Dropped != 0 || s.Durable != o.pipeline.Stats.Sightings.Load() {
		t.Errorf("%d sightings, of them %d durable and %d dropped", o.pipeline.Stats.Sightings.Load(), s.Durable, s.Dropped)
	}
	if n := o.pipeline.Stats.Failures()[traffic.ReasonReaderFailure]; n != 0 {
		t.Errorf("%d faults of ours", n)
	}
}

// held is what a gateway holds between two days.
type held struct {
	goroutines, descriptors int
	heap                    uint64
}

// beyond reports whether it is more than after the first day.
func (h held) beyond(first held) bool {
	return h.goroutines > first.goroutines+first.goroutines/20+8 || h.descriptors > first.descriptors+first.descriptors/20+8 || h.heap > first.heap+32<<20
}

func (o *office) day(t *testing.T) held {
	t.Helper()
	err := testnet.Traffic(t.Context(), testnet.TrafficOptions{
		Proxy: o.proxy.Addr().String(), CAFiles: []string{caFile(o.settings), o.services.CAFile},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := o.settled(ctx); err != nil {
		t.Fatal(err)
	}
	o.services.Reset()
	return now()
}

func now() held {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fds, _ := os.ReadDir("/proc/self/fd") // none where there is no /proc
	return held{runtime.NumGoroutine(), len(fds), m.HeapAlloc}
}
