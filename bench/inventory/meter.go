package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// meter looks at an inventory while it works.
type meter struct {
	v              *inventory.Inventory
	dir            string
	begun          time.Time
	cpu            time.Duration
	last           time.Time
	said           time.Time
	queue          int   // the most that waited
	spool          int64 // bytes, the most
	memory, middle int64 // bytes, the most, and at the end of the first third
}

func newMeter(v *inventory.Inventory, dir string) *meter {
	now := time.Now()
	return &meter{v: v, dir: dir, begun: now, cpu: cpu(), last: now, said: now}
}

// look notes the figures of now, ten times a second.
func (m *meter) look(now time.Time) {
	if now.Sub(m.last) < 100*time.Millisecond {
		return
	}
	m.last = now
	s := m.v.Stats()
	m.queue, m.spool, m.memory = max(m.queue, s.Queue), max(m.spool, s.SpoolBytes), max(m.memory, resident())
	if now.Sub(m.said) >= 10*time.Second {
		m.said = now
		fmt.Fprintf(os.Stderr, "%3.0f s: %d durable, %d queued, %d spilled, %d lost, %d MiB of memory, %d MiB on disk, %.1f s of CPU\n",
			now.Sub(m.begun).Seconds(), s.Durable, s.Queue, s.Spilled, s.Dropped, resident()>>20, sizeOf(m.dir)>>20, (cpu() - m.cpu).Seconds())
	}
}

// report prints what came of n sightings.
func (m *meter) report(n int, fed, making time.Duration) {
	s, all := m.v.Stats(), time.Since(m.begun)
	each := (cpu()-m.cpu)/time.Duration(n) - making
	fmt.Printf("sightings      %d in %.1f s (%.0f a second), all kept after another %.1f s\n", n, fed.Seconds(), float64(n)/fed.Seconds(), (all - fed).Seconds())
	fmt.Printf("CPU            %.2f us each, making them (%.2f us) left out: %.0f a second on one core\n", us(each), us(making), 1e6/us(each))
	fmt.Printf("memory         %d MiB at most\n", m.memory>>20)
	fmt.Printf("disk           %.0f bytes each\n", float64(sizeOf(m.dir))/float64(n))
	fmt.Printf("queue          %d of %d at most; %d went to the spool (%d MiB at most), %d came back\n", m.queue, s.QueueCap, s.Spilled, m.spool>>20, s.Replayed)
	fmt.Printf("durable, lost  %d, %d; the store refused %d batches\n", s.Durable, s.Dropped, s.StoreErrors)
}

func us(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// resident is the memory of this process.
func resident() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
