package evidence_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func date(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)
}

// counted is what a pack of a period says that is made at a time.
func counted(t *testing.T, r *record, p evidence.Period, made time.Time) (c *evidence.Counted) {
	t.Helper()
	o := r.order()
	o.Period, o.Made, o.Head = p, made, r.inv.Book().Chain()
	o.Contents = func(is *evidence.Counted) (*evidence.Contents, error) {
		c = is
		return new(evidence.Contents), nil
	}
	if _, err := evidence.Write(t.Context(), filepath.Join(t.TempDir(), "pack"), false, r.inv, o); err != nil {
		t.Fatal(err)
	}
	return c
}

// requestsOf returns the requests of a department in the summary of a pack, -1
// when it has no row.
func requestsOf(t *testing.T, r *record, name, from, to string, made time.Time) int {
	t.Helper()
	at := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	p := evidence.Period{Name: from + ".." + to, From: at(from), Until: at(to).AddDate(0, 0, 1)}
	page := report()
	page.Period, page.Made, page.Counted = p, made, counted(t, r, p, made)
	summary, _, _ := render(t, page)
	row := regexp.MustCompile(`<td>` + name + `</td><td class="n">\d+</td><td class="n">(\d+)</td>`).FindStringSubmatch(summary)
	if row == nil {
		return -1
	}
	n, err := strconv.Atoi(row[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDepartmentsByDifference subtracts the department of one pack from that of
// another, both of many people: the rest would be what one person did.
func TestDepartmentsByDifference(t *testing.T) {
	r := newRecord(t)
	var events []inventory.Event
	use := func(group, user string, at time.Time, requests int64) {
		events = append(events, inventory.Event{ID: traffic.NewID(at), Time: at, User: user, Groups: []string{group}, ServiceID: "openai", Service: "OpenAI", Requests: requests})
	}
	for day := range 6 {
		for i := range 6 {
			for _, group := range []string{"sales", "law"} {
				at := date(9, 1+day).Add(time.Duration(i) * time.Minute)
				use(group, fmt.Sprint("u-", group, i), at, 10)
				if group == "law" {
					use(group, fmt.Sprint("u-", group, i), at.AddDate(0, 1, 0), 10)
				}
			}
		}
	}
	use("sales", "u-sales0", date(9, 15), 7)  // alone on that day
	use("sales", "u-sales0", date(10, 15), 9) // alone in that month
	store, err := sqlite.Open(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Merge(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	if _, err := r.inv.SealNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	of := func(from, to string, made time.Time) int {
		t.Helper()
		return requestsOf(t, r, "sales", from, to, made)
	}
	later := date(12, 1)
	september := of("2026-09-01", "2026-09-30", later)
	if september != 6*6*10+7 {
		t.Fatalf("%d requests in September: a department of six has no row", september)
	}
	for name, pair := range map[string][2]int{
		"a day more":         {of("2026-09-01", "2026-09-14", later), of("2026-09-01", "2026-09-15", later)},
		"a day later":        {of("2026-09-01", "2026-09-30", date(9, 15)), of("2026-09-01", "2026-09-30", date(9, 16))},
		"a month more":       {september, of("2026-09-01", "2026-10-31", later)},
		"a day of the next":  {september, of("2026-09-01", "2026-10-15", later)},
		"a day of the month": {of("2026-08-31", "2026-09-30", later), september},
	} {
		if a, b := pair[0], pair[1]; a >= 0 && b >= 0 && a != b {
			t.Errorf("%s: %d requests less %d are what one person did", name, b, a)
		}
	}
}
