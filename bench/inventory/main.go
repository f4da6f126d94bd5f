// Command inventory measures what it costs to keep the register: sightings a
// second, CPU, memory and disk a sighting, the queue, and drops.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
)

type options struct {
	services, users int
	atWork          float64
	perMinute       int
	length          time.Duration
	profile, dir    string
	year            int
	store, gnomon   string
	only            string
	times           int
	api             bool
	rotated         int
}

func main() {
	var o options
	flag.IntVar(&o.services, "services", 60, "services in use")
	flag.IntVar(&o.users, "users", 300, "people")
	flag.Float64Var(&o.atWork, "at-work", 0.5, "share of them that is at work at a time")
	flag.IntVar(&o.perMinute, "per-minute", 1_000_000, "sightings a minute; 0: as many as are taken")
	flag.DurationVar(&o.length, "for", 3*time.Minute, "how long")
	flag.StringVar(&o.profile, "profile", "", "write a CPU profile here")
	flag.StringVar(&o.dir, "dir", "", "state directory; none: a new one that is removed")
	flag.IntVar(&o.year, "queries", 0, "measure queries instead, on a year of so many sightings")
	flag.StringVar(&o.store, "store", "sqlite", "sqlite, or the URL of an empty Redis, for -queries and -api")
	flag.BoolVar(&o.api, "api", false, "measure every question of the API instead, on what -queries left in -dir")
	flag.IntVar(&o.rotated, "rotated", 0, "of -queries: give people new pseudonyms first, so many days ago")
	flag.StringVar(&o.gnomon, "gnomon", "", "the command that -api measures")
	flag.StringVar(&o.only, "only", "", "only questions with this in them")
	flag.IntVar(&o.times, "times", 11, "how often -api asks each")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(o options) error {
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "gnomon-bench-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	switch {
	case o.api:
		return api(o)
	case o.year > 0:
		return queries(o)
	}
	w := newWorld(1, o.services, o.users, o.atWork)
	making := costOfMaking(w)
	ctx := context.Background()
	store, err := sqlite.Open(ctx, o.dir)
	if err != nil {
		return err
	}
	defer store.Close()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	v, err := inventory.New(ctx, inventory.Config{Dir: o.dir, Store: store, Log: log})
	if err != nil {
		return err
	}
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- v.Run(running) }()
	m := newMeter(v, o.dir)
	n := feed(o, w, v, m)
	fed := time.Since(m.begun)
	cancel()
	if err := <-ended; err != nil {
		return err
	}
	m.report(n, fed, making)
	return nil
}

// feed records what the world does and returns how much that was.
func feed(o options, w *world, v *inventory.Inventory, m *meter) (n int) {
	const tick = 10 * time.Millisecond
	next := m.begun
	for now := m.begun; now.Sub(m.begun) < o.length; now = time.Now() {
		if o.perMinute == 0 {
			for s := v.Stats(); s.Queue > s.QueueCap/3; s = v.Stats() {
				time.Sleep(time.Millisecond)
			}
			for range 512 {
				v.Record(w.next(now))
				n++
			}
			m.look(now)
			continue
		}
		for due := int(float64(o.perMinute) / time.Minute.Seconds() * now.Sub(m.begun).Seconds()); n < due; n++ {
			v.Record(w.next(now))
		}
		m.look(now)
		next = next.Add(tick)
		time.Sleep(time.Until(next))
	}
	return n
}

// costOfMaking is the CPU time that making one sighting takes: it is no part of
// what is measured.
func costOfMaking(w *world) time.Duration {
	const n = 200_000
	before := cpu()
	for range n {
		w.next(time.Now())
	}
	return (cpu() - before) / n
}

func cpu() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// sizeOf is what the files in a folder take, all together.
func sizeOf(dir string) (n int64) {
	filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}
