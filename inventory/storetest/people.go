package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// testPeople lists people after a rotation, while days change: by merges, an
// erasure and retention. What is kept of them must be right at once, for every
// gateway.
func testPeople(t *testing.T, s inventory.Store) {
	now, dir := start.Add(30*time.Hour), t.TempDir()
	var gateways []*inventory.Inventory
	for range 2 {
		v, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: s, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		gateways = append(gateways, v)
	}
	mergePeople(t, s, 70)
	if _, err := gateways[0].Rotate(t.Context(), "a list went astray", "ann"); err != nil {
		t.Fatal(err)
	}
	rotated{gateways[1], t, &now}.refresh()
	check := func(when string) {
		t.Helper()
		for _, v := range gateways {
			checkPeople(t, v, when)
		}
	}
	check("a rotation")
	for seed := range uint64(2) {
		mergePeople(t, s, 71+seed)
		check(fmt.Sprint("merge ", seed))
	}
	if _, err := s.(inventory.Eraser).Erase(t.Context(), hexPerson("u", 3)); err != nil {
		t.Fatal(err)
	}
	check("an erasure")
	if _, err := s.Prune(t.Context(), inventory.Cutoffs{Rollups: start.AddDate(0, 0, 2)}); err != nil {
		t.Fatal(err)
	}
	check("retention")
	mergePeople(t, s, 80)
	check("late ones")
}

func hexPerson(kind string, n int) string { return fmt.Sprintf("%s-%012x", kind, n) }

func mergePeople(t *testing.T, s inventory.Store, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	events := rich(seed, 40)
	for i := range events {
		events[i].User, events[i].Client = "", hexPerson("c", r.IntN(4))
		if r.IntN(4) > 0 {
			events[i].User = hexPerson("u", r.IntN(6))
		}
	}
	merge(t, s, events)
}

// checkPeople compares what is shown of people with the rows that it is made of.
func checkPeople(t *testing.T, v *inventory.Inventory, when string) {
	t.Helper()
	list, err := v.Book().Generations()
	if err != nil {
		t.Fatal(err)
	}
	since := list[len(list)-1].Since
	for _, kind := range []inventory.Kind{inventory.KindUser, inventory.KindClient} {
		people, services := make(map[string]*plainPerson), make(map[string]map[string]int64)
		err := v.Seen().Usage(t.Context(), 0, 1<<40, func(k inventory.UsageKey, u inventory.UsageTally) error {
			who := k.User
			if kind == inventory.KindClient {
				who = k.Client
			}
			if who == "" || u.Last.Before(since) {
				return nil
			}
			if u.First.Before(since) {
				u.N = 0 // it counts what was done under the pseudonym of before, too
			}
			if people[who] == nil {
				people[who] = &plainPerson{services: make(map[string]bool), models: make(map[string]bool)}
			}
			people[who].add(&k, &u.Tally)
			if services[k.Service] == nil {
				services[k.Service] = make(map[string]int64)
			}
			services[k.Service][who] += u.N
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		checkLists(t, v, kind, people, when)
		checkServices(t, v, kind, services, when)
	}
}

type plainPerson struct {
	n                int64
	services, models map[string]bool
}

func (p *plainPerson) add(k *inventory.UsageKey, t *inventory.Tally) {
	p.n += t.N
	p.services[k.Service] = true
	if k.Model != "" {
		p.models[k.Model] = true
	}
}

func (p *plainPerson) line(name string) string {
	return fmt.Sprintf("%s: %d of %d services, %d models", name, p.n, len(p.services), len(p.models))
}

func lineOf(s *inventory.Subject) string {
	return fmt.Sprintf("%s: %d of %d services, %d models", s.Name, s.Requests, s.Counts[inventory.KindService], s.Counts[inventory.KindModel])
}

// checkLists looks at people in the order of use, and of names page by page.
func checkLists(t *testing.T, v *inventory.Inventory, kind inventory.Kind, people map[string]*plainPerson, when string) {
	t.Helper()
	ctx := t.Context()
	var names, want, got []string
	for name := range people {
		names = append(names, name)
	}
	compare := func(order string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Fatalf("after %s, %ss by %s:\ngot  %s\nwant %s", when, kind, order, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
		got, want = nil, nil
	}
	slices.Sort(names)
	for _, name := range names {
		want = append(want, people[name].line(name))
	}
	for after := ""; ; {
		list, err := v.Seen().SubjectsAfter(ctx, kind, after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			got = append(got, lineOf(&list[i]))
		}
		if len(list) < 3 {
			break
		}
		after = list[2].Name
	}
	compare("name")
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(people[b].n, people[a].n), cmp.Compare(a, b)) })
	for _, limit := range []int{2, 4, 100} {
		for _, name := range names[:min(len(names), limit)] {
			want = append(want, people[name].line(name))
		}
		list, err := v.Seen().Subjects(ctx, kind, limit)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			got = append(got, lineOf(&list[i]))
		}
		compare(fmt.Sprint("use, the first ", limit))
	}
	if n, err := v.Seen().CountSubjects(ctx, kind); err != nil || n != int64(len(people)) {
		t.Errorf("after %s: %d %ss, %v; want %d", when, n, kind, err, len(people))
	}
	for _, name := range names {
		d, err := v.Seen().Subject(ctx, kind, name)
		if err != nil {
			t.Fatalf("after %s: %s: %v", when, name, err)
		}
		if got, want := lineOf(&d.Subject), people[name].line(name); got != want {
			t.Errorf("after %s:\ngot  %s\nwant %s", when, got, want)
		}
	}
}

// checkServices looks at the people of each service.
func checkServices(t *testing.T, v *inventory.Inventory, kind inventory.Kind, services map[string]map[string]int64, when string) {
	t.Helper()
	for _, id := range []string{"openai", "anthropic", "gemini", "unknown:ai.example"} {
		d, err := v.Service(t.Context(), id)
		if errors.Is(err, inventory.ErrUnknown) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		uses := d.UserList
		if kind == inventory.KindClient {
			uses = d.ClientList
		}
		got := make(map[string]int64)
		for _, u := range uses {
			got[u.Name] = u.Requests
		}
		if fmt.Sprint(got) != fmt.Sprint(services[id]) && len(got)+len(services[id]) > 0 {
			t.Errorf("after %s: %ss of %s: %v, want %v", when, kind, id, got, services[id])
		}
	}
}
