package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// testSums adds up periods while days change: by a merge, by another process, by
// an erasure and by retention. What is kept of them must be right at once.
func testSums(t *testing.T, s inventory.Store) {
	ctx := t.Context()
	var inventories []*inventory.Inventory
	for range 2 { // what one keeps, another process changes
		v, err := inventory.New(ctx, inventory.Config{Dir: t.TempDir(), Store: s})
		if err != nil {
			t.Fatal(err)
		}
		inventories = append(inventories, v)
	}
	first, long := inventory.Day(start), inventory.Day(start.AddDate(-2, 0, 0)) // what is long past is added up by the month
	check := func(when string) {
		t.Helper()
		for _, v := range inventories {
			for _, p := range [][2]int64{{first, first + 3}, {first + 1, first + 2}, {0, 1 << 40}, {first + 2, first}, {first - 1, first + 1}} {
				checkSums(t, v, s, when, p[0], p[1])
			}
		}
	}
	past := func(when string) { // beside all of it
		t.Helper()
		check(when)
		for _, p := range [][2]int64{{long + 1, long + 2}, {long - 40, long + 40}, {long + 1, 1 << 40}} {
			checkSums(t, inventories[0], s, when, p[0], p[1])
		}
	}
	check("empty")
	for seed := range uint64(4) {
		merge(t, s, rich(30+seed, 60))
		check(fmt.Sprint("merge ", seed))
	}
	before, err := inventories[0].Sums(ctx, first, first+3)
	if err != nil {
		t.Fatal(err)
	}
	e := rich(50, 1)[0]
	merge(t, s, []inventory.Event{e})
	after, err := inventories[0].Sums(ctx, first, first+3)
	if err != nil {
		t.Fatal(err)
	}
	for id, sum := range after {
		if same := sum == before[id]; same == (id == e.ServiceID) {
			t.Errorf("an event of %s: the sum of %s stays the same one: %v", e.ServiceID, id, same)
		}
	}
	if after[e.ServiceID].N != before[e.ServiceID].N+e.Requests {
		t.Errorf("%d requests, then %d: what was returned before has changed, or the new one is missing", before[e.ServiceID].N, after[e.ServiceID].N)
	}
	if _, err := s.(inventory.Eraser).Erase(ctx, "u-1"); err != nil {
		t.Fatal(err)
	}
	check("an erasure")
	old := Events(60, 20)
	for i := range old {
		old[i].Time = old[i].Time.AddDate(-2, 0, 0)
		old[i].ID = traffic.NewID(old[i].Time)
	}
	merge(t, s, old)
	past("old ones")
	if _, err := s.Prune(ctx, cutoffs()); err != nil {
		t.Fatal(err)
	}
	past("retention")
	late := Events(61, 20)
	for i := range late {
		late[i].Time = late[i].Time.AddDate(-2, 0, 0)
		late[i].ID = traffic.NewID(late[i].Time)
	}
	merge(t, s, late) // on the days that were deleted
	past("late ones")
}

// checkSums compares sums with the rows that they are made of.
func checkSums(t *testing.T, v *inventory.Inventory, s inventory.Store, when string, from, until int64) {
	t.Helper()
	got, err := v.Sums(t.Context(), from, until)
	if err != nil {
		t.Fatal(err)
	}
	want, err := plainSums(t, s, from, until)
	if err != nil {
		t.Fatal(err)
	}
	texts := make(map[string]string)
	for id, sum := range got {
		lines := []string{fmt.Sprint(inMillis(sum.UsageTally), sum.People)}
		sum.Each(func(kind inventory.Kind, name string, t inventory.Tally) {
			lines = append(lines, fmt.Sprintf("%s %s %d %s %s", kind, name, t.N, t.First, t.Last))
		})
		slices.Sort(lines)
		texts[id] = strings.Join(lines, "\n")
	}
	if !maps.Equal(texts, want) {
		t.Fatalf("after %s, days %d until %d:\ngot  %q\nwant %q", when, from, until, texts, want)
	}
}

// plainSums adds up row by row.
func plainSums(t *testing.T, s inventory.Store, from, until int64) (map[string]string, error) {
	use, people := make(map[string]*inventory.UsageTally), make(map[string]map[string]bool)
	traits := make(map[string]map[[2]string]*inventory.Tally)
	trait := func(service, kind, name string, one inventory.Tally) {
		if traits[service] == nil {
			traits[service] = make(map[[2]string]*inventory.Tally)
		}
		sum := traits[service][[2]string{kind, name}]
		if sum == nil {
			sum = new(inventory.Tally)
			traits[service][[2]string{kind, name}] = sum
		}
		one.Up, one.Down = 0, 0
		addTally(sum, one)
	}
	err := s.Usage(t.Context(), from, until, func(k inventory.UsageKey, u inventory.UsageTally) error {
		if use[k.Service] == nil {
			use[k.Service], people[k.Service] = new(inventory.UsageTally), make(map[string]bool)
		}
		sum := use[k.Service]
		addTally(&sum.Tally, u.Tally)
		sum.Findings, sum.Altered, sum.Blocked = sum.Findings+u.Findings, sum.Altered+u.Altered, sum.Blocked+u.Blocked
		sum.Sensitive, sum.Handled = sum.Sensitive+u.Sensitive, sum.Handled+u.Handled
		if who := k.User + k.Client; k.User != "" || k.Client != "" {
			if k.User != "" {
				who = k.User
			}
			people[k.Service][who] = true
		}
		if a, err := inventory.ParseAccount(k.Account); k.Account != "" && err == nil && a.Kind != "" {
			trait(k.Service, string(inventory.KindAccount), string(a.Kind), u.Tally)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = s.Days(t.Context(), from, until, func(k inventory.DayKey, one inventory.Tally) error {
		trait(k.Service, string(k.Kind), k.Name, one)
		return nil
	})
	out := make(map[string]string)
	for id, u := range use {
		lines := []string{fmt.Sprint(inMillis(*u), len(people[id]))}
		for k, one := range traits[id] {
			lines = append(lines, fmt.Sprintf("%s %s %d %s %s", k[0], k[1], one.N, one.First, one.Last))
		}
		slices.Sort(lines)
		out[id] = strings.Join(lines, "\n")
	}
	return out, err
}

// addTally adds one to a sum.
func addTally(sum *inventory.Tally, one inventory.Tally) {
	if sum.First.IsZero() || one.First.Before(sum.First) {
		sum.First = one.First
	}
	if one.Last.After(sum.Last) {
		sum.Last = one.Last
	}
	sum.N, sum.Up, sum.Down = sum.N+one.N, sum.Up+one.Up, sum.Down+one.Down
}
