package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
)

// query is a question that the console, the API or a command asks the store.
type query struct {
	name string
	ask  func(ctx context.Context) (rows int, err error)
}

// queries fills an inventory with a year of sightings and measures what is asked
// of it.
func queries(o options) error {
	ctx := context.Background()
	store, err := open(ctx, o)
	if err != nil {
		return err
	}
	defer store.Close()
	v, err := inventory.New(ctx, inventory.Config{Dir: o.dir, Store: store})
	if err != nil {
		return err
	}
	now := time.Now()
	if rows, err := store.Services(ctx); err != nil || len(rows) == 0 { // -dir and a Redis keep them for the next time
		if err := fill(ctx, v, newWorld(1, o.services, o.users, o.atWork), o.year, now); err != nil {
			return err
		}
	}
	if err := store.Settle(ctx); err != nil {
		return err
	}
	if _, err := v.PruneNow(ctx); err != nil { // as a gateway does: what comes later is not to wait for it
		return err
	}
	if now, err = newest(ctx, store); err != nil {
		return err
	}
	if o.rotated > 0 {
		if v, err = rotated(ctx, o, store, now); err != nil {
			return err
		}
	}
	fmt.Printf("%d sightings, %d MiB on disk\n\n| query | rows | p50 | p95 | CPU |\n|---|---|---|---|---|\n", o.year, sizeOf(o.dir)>>20)
	for _, q := range append(asked(v, store, now), people(v)...) {
		if !strings.Contains(q.name, o.only) {
			continue
		}
		if err := measure(ctx, q); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
	}
	return sums(ctx, v, inventory.Day(now), o)
}

// sums measures what periods cost: the first look, which reads all of their
// days, later ones, and the memory that is kept for them.
func sums(ctx context.Context, v *inventory.Inventory, today int64, o options) error {
	fmt.Print("\n| period | services | first: CPU | then: CPU | memory |\n|---|---|---|---|---|\n")
	before := live()
	for _, days := range []int64{90, 91, 365, 120} {
		if o.only != "" && !strings.Contains("sums", o.only) {
			break
		}
		var took [2]time.Duration
		var rows int
		for i := range took {
			begun := cpu()
			sums, err := v.Sums(ctx, today-days+1, today+1)
			if err != nil {
				return err
			}
			took[i], rows = cpu()-begun, len(sums)
		}
		fmt.Printf("| %d days | %d | %.0f ms | %.1f ms | %d MiB |\n", days, rows, took[0].Seconds()*1000, took[1].Seconds()*1000, (live()-before)>>20)
	}
	return nil
}

// live is how much memory is in use.
func live() int64 {
	runtime.GC()
	runtime.GC() // what is swept needs a second one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// rotated gives people new pseudonyms, some days ago, and returns the inventory
// as it is then.
func rotated(ctx context.Context, o options, store inventory.Store, now time.Time) (*inventory.Inventory, error) {
	then := inventory.Config{Dir: o.dir, Store: store, Now: func() time.Time { return now.AddDate(0, 0, -o.rotated) }}
	v, err := inventory.New(ctx, then)
	if err != nil {
		return nil, err
	}
	if _, err := v.Rotate(ctx, "to measure it", "bench"); err != nil {
		return nil, err
	}
	return inventory.New(ctx, inventory.Config{Dir: o.dir, Store: store})
}

// people asks for lists of people as they are shown: under the pseudonyms of now.
func people(v *inventory.Inventory) []query {
	seen := v.Seen()
	list := func(rows []inventory.Subject, err error) (int, error) { return len(rows), err }
	return []query{
		{"people: how many (the first question)", func(ctx context.Context) (int, error) {
			n, err := seen.CountSubjects(ctx, inventory.KindUser)
			return int(n), err
		}},
		{"people: the 100 most active users", func(ctx context.Context) (int, error) { return list(seen.Subjects(ctx, inventory.KindUser, 100)) }},
		{"people: 1,000 users by name", func(ctx context.Context) (int, error) {
			return list(seen.SubjectsAfter(ctx, inventory.KindUser, "u", 1000))
		}},
		{"people: of the most used service", func(ctx context.Context) (int, error) {
			d, err := v.Service(ctx, "service-0")
			if err != nil {
				return 0, err
			}
			return len(d.UserList), nil
		}},
		{"people: one user", func(ctx context.Context) (int, error) {
			rows, err := seen.Subjects(ctx, inventory.KindUser, 1)
			if err != nil || len(rows) == 0 {
				return 0, err
			}
			_, err = seen.Subject(ctx, inventory.KindUser, rows[0].Name)
			return 1, err
		}},
	}
}

// closer is a store that ends.
type closer interface {
	inventory.Store
	io.Closer
}

// open opens the store that is measured.
func open(ctx context.Context, o options) (closer, error) {
	if o.store == "sqlite" {
		return sqlite.Open(ctx, o.dir)
	}
	opt, err := redis.ParseURL(o.store)
	if err != nil {
		return nil, err
	}
	return redis.Open(ctx, opt)
}

// newest is when the last sighting was: -dir may hold those of another day.
func newest(ctx context.Context, store inventory.Store) (last time.Time, err error) {
	rows, err := store.Services(ctx)
	for i := range rows {
		if rows[i].LastSeen.After(last) {
			last = rows[i].LastSeen
		}
	}
	return last, err
}

// fill spreads sightings over a year. Every person and every service is seen at
// least once.
func fill(ctx context.Context, v *inventory.Inventory, w *world, n int, now time.Time) error {
	const year = 365 * 24 * time.Hour
	saver := v.Saver(ctx)
	begun := time.Now()
	each := max(1, n/len(w.people))
	for i := range n {
		at := now.Add(-year).Add(time.Duration(float64(year) * float64(i) / float64(n)))
		if i%each == 0 && i/each < len(w.people) {
			saver.Record(w.one(i/each, i/each%len(w.services), at))
		}
		saver.Record(w.next(at))
		if i%100_000 == 99_999 {
			fmt.Fprintf(os.Stderr, "%d sightings after %.0f s\n", i+1, time.Since(begun).Seconds())
		}
	}
	return saver.Flush()
}

// asked lists the queries.
func asked(v *inventory.Inventory, store inventory.Store, now time.Time) []query {
	day := inventory.Day(now)
	usage := func(days int64) func(context.Context) (int, error) {
		return func(ctx context.Context) (n int, err error) {
			err = store.Usage(ctx, day-days+1, day+1, func(inventory.UsageKey, inventory.UsageTally) error { n++; return nil })
			return n, err
		}
	}
	list := []query{
		{"Services (the register)", func(ctx context.Context) (int, error) {
			rows, err := v.Services(ctx)
			return len(rows), err
		}},
		{"Service (the most used)", func(ctx context.Context) (int, error) {
			_, err := v.Service(ctx, "service-0")
			return 1, err
		}},
		{"BlindSpots", func(ctx context.Context) (int, error) {
			rows, err := v.BlindSpots(ctx)
			return len(rows), err
		}},
		{"Usage of a day", usage(1)}, {"Usage of 30 days", usage(30)}, {"Usage of a year", usage(366)},
		{"Days of 30 days", func(ctx context.Context) (n int, err error) {
			err = store.Days(ctx, day-29, day+1, func(inventory.DayKey, inventory.Tally) error { n++; return nil })
			return n, err
		}},
		{"Hours of 7 days", func(ctx context.Context) (n int, err error) {
			err = store.Hours(ctx, (day-6)*24, (day+1)*24, func(inventory.HourKey, inventory.UsageTally) error { n++; return nil })
			return n, err
		}},
		{"Sightings of a day", func(ctx context.Context) (n int, err error) {
			err = store.Sightings(ctx, now.Add(-24*time.Hour), now, func(*inventory.Event) error { n++; return nil })
			return n, err
		}},
	}
	for _, k := range []inventory.Kind{inventory.KindUser, inventory.KindClient, inventory.KindAccount, inventory.KindModel, inventory.KindGroup, inventory.KindAgent, inventory.KindKey} {
		list = append(list, query{fmt.Sprintf("Subjects: the 1,000 most used of kind %s", k), func(ctx context.Context) (int, error) {
			rows, err := store.Subjects(ctx, k, 1000)
			return len(rows), err
		}})
	}
	return append(list, query{"Subject (one user)", func(ctx context.Context) (int, error) {
		rows, err := store.Subjects(ctx, inventory.KindUser, 1)
		if err != nil || len(rows) == 0 {
			return 0, err
		}
		_, err = store.Subject(ctx, inventory.KindUser, rows[0].Name)
		return 1, err
	}})
}

// measure asks often enough for a 95th percentile, or for some seconds. It
// counts CPU time as well: that holds on a machine that does other things.
func measure(ctx context.Context, q query) error {
	var took []time.Duration
	var rows int
	before := cpu()
	for begun := time.Now(); len(took) < 5 || len(took) < 40 && time.Since(begun) < 5*time.Second; {
		at := time.Now()
		n, err := q.ask(ctx)
		if err != nil {
			return err
		}
		rows = n
		took = append(took, time.Since(at))
	}
	each := (cpu() - before) / time.Duration(len(took))
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("| %s | %d | %.1f ms | %.1f ms | %.1f ms |\n", q.name, rows, ms(took[len(took)/2]), ms(took[len(took)*95/100]), ms(each))
	return nil
}
