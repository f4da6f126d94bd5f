package inventory_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

// TestDaysCheckLess gives seals that say less than all: that is counted, and what
// they do say holds.
func TestDaysCheckLess(t *testing.T) {
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	sum := func(day, service string, n int64) inventory.SealedSum {
		return inventory.SealedSum{Day: day, Service: service, Figures: []int64{n, 0, 0, 0, 0, 0, 0, 0, from.UnixMilli(), from.UnixMilli()}}
	}
	days := func(summed bool, sums ...inventory.SealedSum) *inventory.Seal {
		return &inventory.Seal{From: 1, To: 2, Events: 3, First: from, Last: from.AddDate(0, 0, 1), Sums: sums, Summed: summed}
	}
	broken := days(true, sum("2026-11-01", "openai", 4))
	broken.Broken = []int64{2}
	const (
		whole   = "2026-11-01 to 2026-11-02: seals"
		unbound = "2026-11-01 to 2026-11-02: sightings are gone that a version sealed which put no sums into seals, or were changed before they were sealed"
		bucket  = "2026-11-01 to 2026-11-01: seals, all services as one: there were too many for a seal; 2026-11-02 to 2026-11-02: seals"
		past    = "2026-11-01 to 2026-11-01: past their time: retention deletes them; 2026-11-02 to 2026-11-02: seals"
	)
	for name, tt := range map[string]struct {
		seal *inventory.Seal
		cut  int // days whose deletion is on record
		want inventory.DaysFound
		text string // in problems
		days string // what was compared of them
	}{
		"all":           {days(true, sum("2026-11-01", "openai", 4), sum("2026-11-02", "openai", 1)), 0, inventory.DaysFound{Compared: 2}, "", whole},
		"less":          {days(true, sum("2026-11-01", "openai", 5), sum("2026-11-02", "openai", 1)), 0, inventory.DaysFound{Compared: 2}, "openai on 2026-11-01 are not what its sightings add up to: requests 4 instead of 5", whole},
		"missing":       {days(true, sum("2026-11-01", "openai", 4), sum("2026-11-02", "openai", 1), sum("2026-11-02", "gemma", 1)), 0, inventory.DaysFound{Compared: 3}, "gemma on 2026-11-02 are not what its sightings add up to: they are missing", whole},
		"bucket":        {days(true, sum("2026-11-01", "#", 4), sum("2026-11-02", "openai", 1)), 0, inventory.DaysFound{Compared: 2, Buckets: 1}, "", bucket},
		"bucket less":   {days(true, sum("2026-11-01", "#", 5), sum("2026-11-02", "openai", 1)), 0, inventory.DaysFound{Compared: 2, Buckets: 1}, `the services of bucket "#" on 2026-11-01 are not`, bucket},
		"no sums":       {days(false), 0, inventory.DaysFound{Unbound: 2}, "", unbound},
		"broken":        {broken, 0, inventory.DaysFound{Unbound: 2}, "", unbound},
		"unreadable":    {days(true, inventory.SealedSum{Day: "2026-11-01", Service: "openai"}), 0, inventory.DaysFound{Unbound: 2}, "", unbound},
		"past its time": {days(true, sum("2026-11-01", "gone", 7), sum("2026-11-02", "openai", 1)), 1, inventory.DaysFound{Compared: 1, Since: from.AddDate(0, 0, 1)}, "", past},
		"other days":    {days(true, sum("2026-10-31", "gone", 7), sum("2026-11-01", "openai", 4), sum("2026-11-02", "openai", 1)), 0, inventory.DaysFound{Compared: 2}, "", whole},
	} {
		t.Run(name, func(t *testing.T) {
			c := inventory.NewDaysCheck(from, from.AddDate(0, 0, 2))
			enter := func(kind inventory.Topic, v any) {
				t.Helper()
				data, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Entry(&ledger.Entry{Kind: string(kind), Data: data}); err != nil {
					t.Fatal(err)
				}
			}
			enter(inventory.TopicSeal, tt.seal)
			if tt.cut > 0 {
				enter(inventory.TopicDeletion, inventory.Deletion{Before: inventory.Cutoffs{Rollups: from.AddDate(0, 0, tt.cut)}})
			}
			for _, row := range []inventory.SealedSum{sum("2026-11-01", "openai", 4), sum("2026-11-02", "openai", 1)} {
				if err := c.Add(&inventory.DaySum{SealedSum: row}); err != nil {
					t.Fatal(err)
				}
			}
			got := c.Found()
			if all := strings.Join(got.Problems, "\n"); (tt.text == "") != (all == "") || !strings.Contains(all, tt.text) {
				t.Errorf("problems %q, want %q", all, tt.text)
			}
			if days := daysText(got.Days, "sums of services, and who used what"); days != tt.days {
				t.Errorf("compared %q, want %q", days, tt.days)
			}
			got.Problems = nil
			if got.Compared != tt.want.Compared || got.Unbound != tt.want.Unbound || got.Buckets != tt.want.Buckets || !got.Since.Equal(tt.want.Since) {
				t.Errorf("found %+v, want %+v", got, tt.want)
			}
		})
	}
}

// daysText writes what was compared of days.
func daysText(days []inventory.DaysCompared, what string) string {
	var parts []string
	for _, d := range days {
		if d.What == what {
			how := strings.TrimPrefix(strings.TrimSuffix(d.With+", "+d.Why, ", "), ", ")
			parts = append(parts, d.From+" to "+d.To+": "+how)
		}
	}
	return strings.Join(parts, "; ")
}
