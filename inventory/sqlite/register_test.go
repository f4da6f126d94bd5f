package sqlite_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
)

// size is how much a register holds.
type size struct{ services, users, groups, days, usage int } // usage: rows a day

const firstDay = 20_000

// fill writes a register straight into the tables, far quicker than by merging
// sightings: services of up to 40 users, users of up to 4 services, departments
// that use everything.
func fill(tb testing.TB, s *sqlite.Store, n size) {
	tb.Helper()
	numbers := func(n int) string {
		return fmt.Sprintf("(WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < %d) SELECT i FROM c)", n)
	}
	facets := func(subject, kind, name, from string) string {
		return fmt.Sprintf("INSERT OR IGNORE INTO facets SELECT %s, '%s', %s, 1 + abs(random()) %% 1000, 10, 20, 1700000000000, 1790000000000 FROM %s ORDER BY 1, 3", subject, kind, name, from)
	}
	services, users, groups := numbers(n.services), numbers(n.users), numbers(n.groups)
	queries := []string{
		"PRAGMA synchronous = OFF",
		"INSERT INTO services SELECT 'service-' || i, 'Service ' || i, 'Vendor', 'chat', 'catalogue', '[]', i, 1, 2, 1700000000000, 1790000000000, '' FROM " + services,
		facets("'service-' || a.i", "user", "'u-' || (abs(a.i * 7919 + b.i * 104729) % "+fmt.Sprint(n.users)+")", services+" a, "+numbers(40)+" b"),
		facets("'service-' || a.i", "client", "'c-' || (abs(a.i * 7919 + b.i * 104729) % "+fmt.Sprint(n.users)+")", services+" a, "+numbers(40)+" b"),
		facets("'user=u-' || i", "total", "''", users),
		facets("'client=c-' || i", "total", "''", users),
		facets("'user=u-' || i", "client", "'c-' || i", users),
		facets("'group=g-' || i", "total", "''", groups),
		facets("'group=g-' || a.i", "user", "'u-' || b.i", groups+" a, "+numbers(n.users/max(1, n.groups))+" b"),
		facets("'group=g-' || a.i", "service", "'service-' || b.i", groups+" a, "+services+" b"),
		"INSERT INTO blind SELECT 'doh', 'resolver-' || (i % 20), 'c-' || i, 5, 1700000000000, 1790000000000 FROM " + numbers(n.users/10),
		"INSERT INTO people SELECT 'u-' || i, x'00' FROM " + users,
		fmt.Sprintf(`INSERT OR IGNORE INTO usage SELECT %d + d.i, 'service-' || (abs(r.i * 7919) %% %d), '', 'u-' || (abs(r.i * 31 + d.i) %% %d), '', 'model-' || (r.i %% 5),
			1 + r.i %% 9, 10, 20, 1700000000000, 1790000000000, 0, 0, 0, 0, 0 FROM %s d, %s r ORDER BY 1, 2`, firstDay, n.services, n.users, numbers(n.days), numbers(n.usage)),
		fmt.Sprintf("INSERT INTO days SELECT %d + d.i, 'service-' || s.i, 'action', 'allow', 5, 1, 2, 1700000000000, 1790000000000 FROM %s d, %s s ORDER BY 1, 2", firstDay, numbers(n.days), numbers(n.services/10)),
	}
	for _, k := range []struct {
		kind  string
		count int
	}{{"model", 3}, {"account", 4}, {"group", 5}, {"agent", 3}, {"action", 3}, {"coverage", 2}, {"class", 2}, {"host", 1}} {
		queries = append(queries, facets("'service-' || a.i", k.kind, "'"+k.kind+"-' || b.i", services+" a, "+numbers(k.count)+" b"))
	}
	for _, k := range []struct {
		kind  string
		count int
	}{{"service", 4}, {"model", 2}, {"action", 2}, {"agent", 2}, {"group", 1}} {
		queries = append(queries, facets("'user=u-' || a.i", k.kind, "'"+k.kind+"-' || (abs(a.i * 13 + b.i))", users+" a, "+numbers(k.count)+" b"))
	}
	queries = append(queries, s.Summary())
	for _, q := range queries {
		begun := time.Now()
		if err := s.Exec(tb.Context(), q); err != nil {
			tb.Fatal(q, err)
		}
		if testing.Verbose() {
			tb.Logf("%v %.70s", time.Since(begun).Round(time.Millisecond), q)
		}
	}
}

// questions are what a console asks, each to be answered within a tenth of a
// second in a large register.
func questions(s *sqlite.Store, n size) map[string]func(ctx context.Context) error {
	subjects := func(k inventory.Kind) func(ctx context.Context) error {
		return func(ctx context.Context) error { return some(s.Subjects(ctx, k, 100)) }
	}
	subject := func(k inventory.Kind, name string) func(ctx context.Context) error {
		return func(ctx context.Context) error { _, err := s.Subject(ctx, k, name); return err }
	}
	last := int64(firstDay + n.days)
	return map[string]func(ctx context.Context) error{
		"services": func(ctx context.Context) error { return some(s.Services(ctx)) },
		"service":  func(ctx context.Context) error { _, err := s.Service(ctx, "service-17"); return err },
		"users":    subjects(inventory.KindUser),
		"clients":  subjects(inventory.KindClient),
		"groups":   subjects(inventory.KindGroup),
		"user":     subject(inventory.KindUser, "u-77"),
		"group":    subject(inventory.KindGroup, "g-1"),
		"person":   func(ctx context.Context) error { _, err := s.Person(ctx, "u-77"); return err },
		"blind":    func(ctx context.Context) error { return some(s.BlindSpots(ctx)) },
		"days month": func(ctx context.Context) error {
			return s.Days(ctx, last-30, last, func(inventory.DayKey, inventory.Tally) error { return nil })
		},
		"usage month": func(ctx context.Context) error {
			return s.Usage(ctx, last-30, last, func(inventory.UsageKey, inventory.UsageTally) error { return nil })
		},
	}
}

func some[T any](list []T, err error) error {
	if err == nil && len(list) == 0 {
		return fmt.Errorf("nothing came back")
	}
	return err
}

// TestRegister asks a register large in what the console lists: ten times the aim
// is the bound, to catch a query that reads all there is.
func TestRegister(t *testing.T) {
	n := size{services: 300, users: 1500, groups: 10, days: 35, usage: 50}
	s := open(t, t.TempDir())
	fill(t, s, n)
	for name, ask := range questions(s, n) {
		t.Run(name, func(t *testing.T) {
			before := cpu(t)
			if err := ask(t.Context()); err != nil {
				t.Fatal(err)
			}
			if took := cpu(t) - before; took > time.Second {
				t.Errorf("%v of CPU time, want at most a second", took)
			}
		})
	}
}

// BenchmarkRegister asks a register of 10,000 services, 100,000 users and a year.
func BenchmarkRegister(b *testing.B) {
	n := size{services: 10_000, users: 100_000, groups: 20, days: 365, usage: 5000}
	s := open(b, b.TempDir())
	fill(b, s, n)
	for name, ask := range questions(s, n) {
		b.Run(name, func(b *testing.B) {
			before := cpu(b)
			for b.Loop() {
				if err := ask(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms")
		})
	}
}
