package sqlite_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// TestVerifySums changes sums by hand, each in turn, while the sightings are
// there, when they are deleted, and before they are sealed: what was changed is
// named.
func TestVerifySums(t *testing.T) {
	const row = " WHERE service = 'openai' AND day = (SELECT min(day) FROM usage)"
	const one = "WHERE (day, service, account, user, client, model) = (SELECT day, service, account, user, client, model FROM usage" + row + " LIMIT 1)"
	changes := map[string]struct{ query, want string }{
		"sound":          {"", ""},
		"requests":       {"UPDATE usage SET n = n + 1 " + one, "the sums of openai on 2026-11-01 are not what its sightings add up to: requests "},
		"bytes":          {"UPDATE usage SET up = up + 5 " + one, "the sums of openai on 2026-11-01 are not what its sightings add up to: bytes_up "},
		"blocked":        {"UPDATE usage SET blocked = blocked - 1" + row, "openai on 2026-11-01 are not what its sightings add up to: blocked "},
		"sensitive":      {"UPDATE usage SET sensitive = sensitive + 1" + row, ": sensitive "},
		"first":          {"UPDATE usage SET first = first - 1" + row, ": first_seen "},
		"who":            {"UPDATE usage SET user = 'u-9'" + row + " AND user = 'u-1'", "users, clients, accounts or models are others"},
		"swapped":        {"UPDATE usage SET n = n + 1 " + one + "; UPDATE usage SET n = n - 1 " + strings.Replace(one, "LIMIT 1", "ORDER BY user DESC LIMIT 1", 1), "users, clients, accounts or models are others"},
		"deleted":        {"DELETE FROM usage" + row, "the sums of openai on 2026-11-01 are not what its sightings add up to: they are missing"},
		"deleted days":   {"DELETE FROM days" + row, "the values seen of openai on 2026-11-01 are not what its sightings add up to: they are missing"},
		"deleted hours":  {"DELETE FROM hours", "the sums of an hour of openai on 2026-11-01 are not what its sightings add up to: they are missing"},
		"made up":        {"INSERT INTO usage SELECT day, 'gemma', account, user, client, model, n, up, down, first, last, findings, altered, blocked, sensitive, handled FROM usage" + row + " LIMIT 1", "gemma on 2026-11-01 are not what its sightings add up to: no sighting is on record"},
		"another day":    {"INSERT INTO usage SELECT day + 20, service, account, user, client, model, n, up, down, first, last, findings, altered, blocked, sensitive, handled FROM usage" + row + " LIMIT 1", "openai on 2026-11-21 are not what its sightings add up to: no sighting is on record"},
		"decisions":      {"UPDATE days SET name = 'coach'" + row + " AND kind = 'action' AND name = 'block'", "action=block 0 instead of"},
		"model":          {"UPDATE days SET name = 'm-9'" + row + " AND kind = 'model' AND name = 'm-1'", "rules, models, departments, detectors or reasons are others"},
		"hours":          {"UPDATE hours SET n = n + 1 WHERE service = 'openai' AND hour = (SELECT min(hour) FROM hours WHERE service = 'openai')", "the sums of an hour of openai on 2026-11-01 are not what its sightings add up to: requests "},
		"register":       {"UPDATE services SET n = n + 1 WHERE id = 'openai'", "the register's row of openai is not what its sightings add up to: requests "},
		"register seen":  {"UPDATE services SET first = first + 1000 WHERE id = 'openai'", "the register's row of openai is not what its sightings add up to: first_seen "},
		"not registered": {"DELETE FROM services WHERE id = 'openai'", "the register's row of openai is missing"},
	}
	for when, made := range map[string]func(t *testing.T, v *inventory.Inventory, now *time.Time, seed uint64){
		"new": func(*testing.T, *inventory.Inventory, *time.Time, uint64) {},
		"sealed": func(t *testing.T, v *inventory.Inventory, _ *time.Time, seed uint64) {
			if _, err := v.SealNow(t.Context()); err != nil && seed != 0 { // two seals share days
				t.Fatal(err)
			}
		},
		"deleted": func(t *testing.T, v *inventory.Inventory, now *time.Time, seed uint64) {
			if seed < 2 {
				return
			}
			*now = now.AddDate(0, 0, 100)
			if done, err := v.PruneNow(t.Context()); err != nil || done.Events != 300 {
				t.Fatalf("deleted %+v, %v", done, err)
			}
		},
	} {
		t.Run(when, func(t *testing.T) {
			now := time.Date(2026, 11, 6, 0, 0, 0, 0, time.UTC)
			dir := t.TempDir()
			store := open(t, dir)
			v, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: store, Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			for seed := range uint64(3) {
				if err := store.Merge(t.Context(), storetest.Near(storetest.Events(seed, 100))); err != nil {
					t.Fatal(err)
				}
				made(t, v, &now, seed)
			}
			if err := store.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			tables := []string{"usage", "days", "hours", "services"}
			exec := func(query string) {
				t.Helper()
				if err := store.Exec(t.Context(), query); err != nil {
					t.Fatal(err)
				}
			}
			for _, table := range tables {
				exec("CREATE TABLE kept_" + table + " AS SELECT * FROM " + table)
			}
			for name, tt := range changes {
				if when == "deleted" && strings.Contains(name, "hours") { // they are past their time
					continue
				}
				exec(tt.query)
				got, err := v.Verify(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				all := strings.Join(got.Problems, "\n")
				if got.Sums == 0 || got.Unbound != 0 || (tt.want == "") != (all == "") || !strings.Contains(all, tt.want) {
					t.Errorf("%s: problems:\n%s\nwant %q; %d sums, %d days unbound", name, all, tt.want, got.Sums, got.Unbound)
				}
				for _, table := range tables {
					exec("DELETE FROM " + table + "; INSERT INTO " + table + " SELECT * FROM kept_" + table)
				}
			}
		})
	}
}
