package storetest

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// rich returns events with everything that subjects are made of.
func rich(seed uint64, n int) []inventory.Event {
	events := Events(seed, n)
	for i := range events {
		e := &events[i]
		e.Groups = [][]string{nil, {"sales"}, {"sales", "board"}}[i%3]
		e.Agent = []string{"", "claude-cli", "firefox"}[i%3]
		if i%4 == 0 {
			e.Tools, e.Servers = []string{"read_file", "search"}, []string{"mcp.example"}
		}
		e.Requests = 1
	}
	return events
}

// testSubjects compares with a plain count what is known of those behind the
// events.
func testSubjects(t *testing.T, s inventory.Store) {
	events := rich(21, 300)
	for chunk := range slices.Chunk(events, 40) {
		merge(t, s, chunk)
	}
	type of func(e *inventory.Event) []string
	one := func(name string) []string {
		if name == "" {
			return nil
		}
		return []string{name}
	}
	for kind, names := range map[inventory.Kind]of{
		inventory.KindUser:   func(e *inventory.Event) []string { return one(e.User) },
		inventory.KindClient: func(e *inventory.Event) []string { return one(e.Client) },
		inventory.KindKey:    func(e *inventory.Event) []string { return one(e.Account.Key) },
		inventory.KindModel:  func(e *inventory.Event) []string { return one(e.Model) },
		inventory.KindAgent:  func(e *inventory.Event) []string { return one(e.Agent) },
		inventory.KindGroup:  func(e *inventory.Event) []string { return e.Groups },
		inventory.KindTool:   func(e *inventory.Event) []string { return e.Tools },
		inventory.KindServer: func(e *inventory.Event) []string { return e.Servers },
	} {
		want := make(map[string]int64)
		services := make(map[string]map[string]int64)
		for i := range events {
			for _, name := range names(&events[i]) {
				want[name]++
				if services[name] == nil {
					services[name] = make(map[string]int64)
				}
				services[name][events[i].ServiceID]++
			}
		}
		list, err := s.Subjects(t.Context(), kind, 100)
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]int64)
		for _, r := range list {
			got[r.Name] = r.Requests
			if r.Kind != kind || r.Counts[inventory.KindService] != int64(len(services[r.Name])) || r.FirstSeen.IsZero() || r.LastSeen.Before(r.FirstSeen) {
				t.Errorf("%s = %+v, want %d services", kind, r, len(services[r.Name]))
			}
			d, err := s.Subject(t.Context(), kind, r.Name)
			if err != nil {
				t.Fatal(err)
			}
			uses := make(map[string]int64)
			for _, u := range d.Facets[inventory.KindService] {
				uses[u.Name] = u.Requests
			}
			if d.Requests != r.Requests || !maps.Equal(uses, services[r.Name]) {
				t.Errorf("%s %s: %d requests, services %v; want %d, %v", kind, r.Name, d.Requests, uses, r.Requests, services[r.Name])
			}
		}
		if !maps.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s: %v, want %v", kind, got, want)
		}
		if !slices.IsSortedFunc(list, func(a, b inventory.Subject) int { return int(b.Requests - a.Requests) }) {
			t.Errorf("%s: not ordered by use", kind)
		}
		checkPages(t, s, kind, list)
		if few, err := s.Subjects(t.Context(), kind, 1); err != nil || len(few) != 1 {
			t.Errorf("%s: %d with a limit of 1, %v", kind, len(few), err)
		}
	}
	if _, err := s.Subject(t.Context(), inventory.KindUser, "u-nobody"); !errors.Is(err, inventory.ErrUnknown) {
		t.Errorf("Subject of nobody: %v, want ErrUnknown", err)
	}
}

// checkPages reads the subjects of a kind two at a time, in the order of names.
func checkPages(t *testing.T, s inventory.Store, kind inventory.Kind, want []inventory.Subject) {
	t.Helper()
	if n, err := s.CountSubjects(t.Context(), kind); err != nil || n != int64(len(want)) {
		t.Errorf("%s: counted %d, %v; want %d", kind, n, err, len(want))
	}
	want = slices.SortedFunc(slices.Values(want), func(a, b inventory.Subject) int { return strings.Compare(a.Name, b.Name) })
	var got []inventory.Subject
	for after, pages := "", 0; pages <= len(want); pages++ {
		some, err := s.SubjectsAfter(t.Context(), kind, after, 2)
		if err != nil || len(some) > 2 {
			t.Fatalf("%s after %q: %d, %v", kind, after, len(some), err)
		}
		if len(some) == 0 {
			break
		}
		got = append(got, some...)
		after = some[len(some)-1].Name
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: pages have %+v, want %+v", kind, got, want)
	}
}

// testPeriods compares usage, days and hours with those of one Fold.
func testPeriods(t *testing.T, s inventory.Store) {
	events := rich(22, 400)
	want := inventory.NewFold()
	for i := range events {
		want.Add(&events[i])
	}
	for chunk := range slices.Chunk(events, 90) {
		merge(t, s, chunk)
	}
	day := inventory.Day(start)
	ms := func(t inventory.Tally) inventory.Tally { // what a store keeps of times
		t.First, t.Last = t.First.Truncate(time.Millisecond), t.Last.Truncate(time.Millisecond)
		return t
	}
	usage := make(map[inventory.UsageKey]inventory.UsageTally)
	last := int64(0)
	if err := s.Usage(t.Context(), day, day+10, func(k inventory.UsageKey, v inventory.UsageTally) error {
		if k.Day < last {
			t.Error("days of usage are out of order")
		}
		last = k.Day
		usage[k] = v
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(usage) != len(want.Usage) {
		t.Errorf("%d rows of usage, want %d", len(usage), len(want.Usage))
	}
	for k, w := range want.Usage {
		if w.Tally = ms(w.Tally); usage[k] != *w {
			t.Errorf("usage %+v = %+v, want %+v", k, usage[k], *w)
		}
	}
	days := make(map[inventory.DayKey]inventory.Tally)
	if err := s.Days(t.Context(), day, day+10, func(k inventory.DayKey, v inventory.Tally) error { days[k] = v; return nil }); err != nil {
		t.Fatal(err)
	}
	if len(days) != len(want.Days) {
		t.Errorf("%d rows of days, want %d", len(days), len(want.Days))
	}
	for k, w := range want.Days {
		if days[k] != ms(*w) {
			t.Errorf("day %+v = %+v, want %+v", k, days[k], *w)
		}
	}
	hours := make(map[inventory.HourKey]inventory.UsageTally)
	if err := s.Hours(t.Context(), day*24, (day+10)*24, func(k inventory.HourKey, v inventory.UsageTally) error { hours[k] = v; return nil }); err != nil {
		t.Fatal(err)
	}
	if len(hours) != len(want.Hours) {
		t.Errorf("%d hours, want %d", len(hours), len(want.Hours))
	}
	for k, w := range want.Hours {
		if w.Tally = ms(w.Tally); hours[k] != *w {
			t.Errorf("hour %+v = %+v, want %+v", k, hours[k], *w)
		}
	}
	n := 0
	if err := s.Usage(t.Context(), day+1, day+2, func(k inventory.UsageKey, _ inventory.UsageTally) error {
		if n++; k.Day != day+1 {
			t.Errorf("usage of day %d is none of that day", k.Day)
		}
		return nil
	}); err != nil || n == 0 {
		t.Errorf("%d rows of one day, %v", n, err)
	}
}

// testBatches reads back every event in the order of batches, and again from
// the middle.
func testBatches(t *testing.T, s inventory.Store) {
	events := rich(23, 120)
	for i := range events {
		events[i].Classes = map[traffic.Class]int{traffic.ClassSecret: i}
	}
	want := make(map[string]bool)
	for chunk := range slices.Chunk(events, 25) {
		merge(t, s, chunk)
	}
	for i := range events {
		line, err := inventory.Line(&events[i])
		if err != nil {
			t.Fatal(err)
		}
		want[string(line)] = true
	}
	read := func(after int64) (lines []string, seqs []int64, chains []ledger.Hash) {
		err := s.Batches(t.Context(), after, func(b *inventory.Batch) error {
			if !b.Intact || b.Merged.IsZero() {
				t.Errorf("batch %d: intact %v, merged %v", b.Seq, b.Intact, b.Merged)
			}
			n := 0
			seqs, chains = append(seqs, b.Seq), append(chains, b.Chain)
			err := b.Events(func(e *inventory.Event) error {
				n++
				line, err := inventory.Line(e)
				lines = append(lines, string(line))
				return err
			})
			if n != b.N {
				t.Errorf("batch %d says %d events, has %d", b.Seq, b.N, n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return lines, seqs, chains
	}
	lines, seqs, chains := read(0)
	if len(lines) != len(events) {
		t.Errorf("%d events in batches, want %d", len(lines), len(events))
	}
	for _, l := range lines {
		if !want[l] {
			t.Fatalf("an event came back changed: %s", l)
		}
	}
	if !slices.IsSorted(seqs) || len(seqs) < 5 {
		t.Errorf("batches %v, want at least 5 in order", seqs)
	}
	rest, _, later := read(seqs[2])
	if want := chains[3:]; fmt.Sprint(later) != fmt.Sprint(want) || len(rest) == 0 || len(rest) >= len(lines) {
		t.Errorf("from the middle: %d events, chains %v; want %v", len(rest), later, want)
	}
}

func testPerson(t *testing.T, s inventory.Store) {
	e := Events(24, 1)[0]
	e.User, e.People = "u-1", []inventory.Person{{ID: "u-1", Sealed: []byte{0, 1, 2}}}
	merge(t, s, []inventory.Event{e})
	if p, err := s.Person(t.Context(), "u-1"); err != nil || string(p.Sealed) != "\x00\x01\x02" || p.ID != "u-1" {
		t.Errorf("person = %+v, %v", p, err)
	}
	if _, err := s.Person(t.Context(), "u-2"); !errors.Is(err, inventory.ErrUnknown) {
		t.Errorf("person nobody heard of: %v, want ErrUnknown", err)
	}
}
