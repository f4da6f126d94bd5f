package inventory

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// figures is a store with one row of use for each day, that counts how often
// days are read.
type figures struct {
	Store
	epoch int64
	days  map[int64]int64 // marks
	read  map[int64]int   // how often the use of a day was
	rows  int             // of a day, by as many users; 0: one
}

func (f *figures) Marks(_ context.Context, from, until int64) (Marks, error) {
	m := Marks{Epoch: f.epoch, Days: make(map[int64]int64)}
	for day, mark := range f.days {
		if day >= from && day < until {
			m.Days[day] = mark
		}
	}
	return m, nil
}

func (f *figures) Usage(_ context.Context, from, until int64, row func(UsageKey, UsageTally) error) error {
	for day := from; day < until; day++ {
		mark, ok := f.days[day]
		if !ok {
			continue
		}
		f.read[day]++
		at := time.Unix(day*secondsOfDay, 0).UTC()
		for n := range int64(max(1, f.rows)) {
			if err := row(UsageKey{Day: day, Service: "s", User: fmt.Sprint("u-", day%3+n)}, UsageTally{Tally: Tally{N: mark, First: at, Last: at}}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *figures) Days(context.Context, int64, int64, func(DayKey, Tally) error) error { return nil }

// reads returns how often days were read since it was last asked.
func (f *figures) reads() (n int) {
	for _, k := range f.read {
		n += k
	}
	clear(f.read)
	return n
}

// TestWarm: after a warm-up no question reads a day again, whatever the period,
// but days that it begins or ends within a month long past; and what changes
// then is right at once.
func TestWarm(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	today := Day(now)
	f := &figures{days: make(map[int64]int64), read: make(map[int64]int)}
	for day := today - 399; day <= today; day++ {
		if day%7 != 0 {
			f.days[day] = 1
		}
	}
	cfg := Config{Store: f, Now: func() time.Time { return now }}
	cfg.defaults()
	v := &Inventory{cfg: cfg, digest: newDigest()}
	v.standings.Store(&standings{book: new(Book)})
	warm := func() {
		t.Helper()
		m, err := f.Marks(t.Context(), 0, today+1)
		if err == nil {
			err = v.warmUp(t.Context(), &m, today)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(from, until int64, reads int) {
		t.Helper()
		sums, err := v.Sums(t.Context(), from, until)
		if err != nil {
			t.Fatal(err)
		}
		var want int64
		for day, mark := range f.days {
			if day >= from && day < until {
				want += mark
			}
		}
		if got := sums["s"].N; got != want {
			t.Errorf("days %d until %d: %d requests, want %d", from-today, until-today, got, want)
		}
		if got := f.reads(); got > reads {
			t.Errorf("days %d until %d: %d days were read, want no more than %d", from-today, until-today, got, reads)
		}
	}
	warm()
	if got := f.reads(); got != len(f.days) {
		t.Errorf("%d of %d days were read", got, len(f.days))
	}
	quarter := Day(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	for range 2 {
		check(today-89, today+1, 0)
		check(today-90, today+1, 0)
		check(quarter, quarter+91, 0)
		check(Day(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), today+1, 0)
	}
	check(quarter-3, quarter+10, 13)
	f.days[today]++
	check(today-89, today+1, 1)
	f.days[quarter]++ // a log that comes late
	check(quarter, quarter+30, 30)
	f.epoch++ // an erasure
	warm()
	f.reads()
	check(today-89, today+1, 0)
	check(quarter, quarter+91, 0)
	if n := len(v.digest.blocks); n > recentDays+31+13 {
		t.Errorf("%d blocks are kept", n)
	}
}

// TestTrim: blocks that are in no period take no more memory than they may.
func TestTrim(t *testing.T) {
	s := newDigest()
	s.begin(&Marks{})
	today := int64(20_000)
	for i := range int64(40) {
		s.blocks[monthOf(today-100-i*31)] = &block{bytes: maxIdle / 10}
	}
	s.blocks[span{today, today + 1}] = &block{bytes: maxIdle / 10}
	used := monthOf(today - 100 - 39*31)
	s.periods = []*periodSums{{blocks: map[span]*block{used: s.blocks[used]}}}
	if !s.trim(today) {
		t.Error("there was room")
	}
	total := 0
	for at, b := range s.blocks {
		if at != used {
			total += b.bytes
		}
	}
	if total > maxIdle || total < maxIdle*8/10 {
		t.Errorf("%d bytes are kept, room is for %d", total, maxIdle)
	}
	if s.blocks[used] == nil || s.blocks[span{today, today + 1}] == nil {
		t.Error("a block in use, or the newest one, is gone")
	}
}

// TestLate: nobody waits for a busy day that changes all the time, it is read again
// when nobody asks, and who needs the figures of now gets them.
func TestLate(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	today := Day(now)
	f := &figures{days: map[int64]int64{today: 1}, read: make(map[int64]int), rows: busyRows}
	cfg := Config{Store: f, Now: func() time.Time { return now }, Warm: true}
	cfg.defaults()
	v := &Inventory{cfg: cfg, digest: newDigest()}
	v.standings.Store(&standings{book: new(Book)})
	check := func(v *Inventory, mark int64, reads int) {
		t.Helper()
		sums, err := v.Sums(t.Context(), today, today+1)
		if err != nil {
			t.Fatal(err)
		}
		if got := sums["s"].N / busyRows; got != mark || f.reads() != reads {
			t.Errorf("the figures of mark %d at %s, want %d", got, now, mark)
		}
	}
	check(v, 1, 1) // nothing was kept
	f.days[today] = 2
	now = now.Add(5 * time.Second)
	check(v, 1, 0)
	if len(v.digest.asked) != 0 {
		t.Error("figures of a moment ago are read again")
	}
	now = now.Add(20 * time.Second)
	check(v, 1, 0)
	if len(v.digest.asked) != 1 {
		t.Error("nobody reads it again")
	}
	m, err := f.Marks(t.Context(), 0, today+1)
	if err == nil {
		err = v.renew(t.Context(), &m, today)
	}
	if err != nil || f.reads() != 1 {
		t.Fatalf("a busy day was not read again: %v", err)
	}
	check(v, 2, 0)
	f.days[today] = 3
	now = now.Add(lateFor)
	check(v, 3, 1) // too old
	f.days[today] = 4
	err = v.Still(t.Context(), func(still *Inventory) error {
		check(still, 4, 1)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f.days[today], f.epoch = 5, 1 // an erasure
	check(v, 5, 1)
}
