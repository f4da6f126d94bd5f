package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// compared is what Verify looks at: a change of one row of that column is named.
// The text is part of how.
var compared = map[string]string{
	"sightings.seq": "sighting", "sightings.span": "is not what was written", "sightings.ids": "is not what was written", "sightings.data": "is not what was written",
	"sightings.merged": "is not what was written", "sightings.chain": "is not what was written",
	"chain.hash":          "the noted end of the chain",
	"sqlite_sequence.seq": "the number of the last batch", "sqlite_sequence.name": "the number of the last batch",
	"ledger.seq": "", "ledger.time": "hash", "ledger.kind": "hash", "ledger.subject": "hash", "ledger.by": "hash", "ledger.data": "hash", "ledger.prev": "", "ledger.hash": "",
	"counted.seq": "the count of sightings", "counted.until": "", "counted.done": "the count of sightings",
	"services.id": "no sighting of it is on record", "services.name": `: service "`, "services.vendor": `: vendor "`, "services.category": `: category "`,
	"services.how": `: how "`, "services.features": `: features "`, "services.n": ": requests ", "services.up": ": bytes_up ", "services.down": ": bytes_down ",
	"services.first": ": first_seen ", "services.last": ": last_seen ", "services.summary": "shows other figures than its lists",
	"facets.subject": "", "facets.kind": "", "facets.name": "are not those of its sightings", "facets.n": "are not those of its sightings",
	"facets.up": "are not those of its sightings", "facets.down": "are not those of its sightings",
	"sizes.subject": "the number of values", "sizes.kind": "the number of values", "sizes.n": "the number of values",
	"usage.day": "the sums of", "usage.service": "the sums of", "usage.account": "are others", "usage.user": "are others", "usage.client": "are others", "usage.model": "are others",
	"usage.n": ": requests ", "usage.up": ": bytes_up ", "usage.down": ": bytes_down ", "usage.first": ": first_seen ", "usage.last": ": last_seen ",
	"usage.findings": ": findings ", "usage.altered": ": altered ", "usage.blocked": ": blocked ", "usage.sensitive": ": sensitive ", "usage.handled": ": handled ",
	"days.day": "the values seen of", "days.service": "the values seen of", "days.kind": "the values seen of", "days.name": "the values seen of", "days.n": "the values seen of",
	"days.up": "are others", "days.down": "are others",
	"hours.hour": "the sums of an hour of", "hours.service": "the sums of an hour of", "hours.n": ": requests ", "hours.up": ": bytes_up ", "hours.down": ": bytes_down ",
	"hours.first": ": first_seen ", "hours.last": ": last_seen ", "hours.findings": ": findings ", "hours.altered": ": altered ", "hours.blocked": ": blocked ",
	"hours.sensitive": ": sensitive ", "hours.handled": ": handled ",
	"blind.reason": "the blind spots", "blind.name": "the blind spots", "blind.client": "the blind spots", "blind.n": "the blind spots",
	"people.id": "the name of", "people.sealed": "was not sealed under people.key",
}

// notBound is what nothing is there to compare with, and why that may be.
var notBound = map[string]string{
	"facets.first":  "times of a value can't be added, so no seal holds them; those of the service and of each day are compared",
	"facets.last":   "as facets.first",
	"days.first":    "as facets.first",
	"days.last":     "as facets.first",
	"blind.first":   "as facets.first",
	"blind.last":    "as facets.first",
	"counted.epoch": "no record: tells a running process that what it remembers is old",
	"marks.day":     "no record: tells a running process which days to read again",
	"marks.n":       "as marks.day",
}

// whole lists tables of which each time is compared by the earliest or the latest:
// all rows are changed.
var whole = map[string]bool{"usage.first": true, "usage.last": true, "hours.first": true, "hours.last": true}

// TestVerifyColumns changes each column of each table by hand, one after another,
// and takes rows out: what was changed is named by Verify, and by what an evidence
// pack is made with. A column that nobody has decided about fails the test.
func TestVerifyColumns(t *testing.T) {
	dir := columnsRecord(t)
	for _, c := range columns(t, dir) {
		name := c.table + "." + c.column
		want, bound := compared[name]
		if _, left := notBound[name]; left == bound {
			t.Errorf("%s: decide whether Verify compares it (compared) or why it does not (notBound)", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := afterwards(t, dir, c.change())
			if bound != (all != "") || !strings.Contains(all, want) {
				t.Errorf("%s: problems:\n%s\nwant %q", c.change(), all, want)
			}
		})
	}
	for table, want := range map[string]string{
		"sightings": "are missing", "chain": "", "ledger": "", "services": "is missing", "facets": "are not those of its sightings", "sizes": "the number of values",
		"usage": "the sums of", "days": "the values seen of", "hours": "the sums of an hour of", "blind": "the blind spots", "people": "is missing",
	} {
		t.Run("row of "+table, func(t *testing.T) {
			t.Parallel()
			query := "DELETE FROM " + table + one(t, dir, table)
			if all := afterwards(t, dir, query); !strings.Contains(all, want) || all == "" && table != "chain" {
				t.Errorf("%s: problems:\n%s\nwant %q", query, all, want)
			}
		})
	}
}

// column is one of a table.
type column struct{ table, column, kind, one string }

// change returns a statement that changes it.
func (c column) change() string {
	to := map[string]string{"INTEGER": "+ 1000", "TEXT": "|| 'x'", "BLOB": "|| x'00'", "": "|| 'x'"}[c.kind]
	where := c.one
	if whole[c.table+"."+c.column] {
		where = ""
	}
	if c.table == "sqlite_sequence" && c.column == "seq" {
		to = "- 1"
	}
	if c.table == "counted" {
		to = "+ 1"
	}
	value := fmt.Sprintf(`"%s" %s`, c.column, to)
	if c.kind == "BLOB" {
		value = "CAST(" + value + " AS BLOB)"
	}
	return fmt.Sprintf(`UPDATE %s SET "%s" = %s%s`, c.table, c.column, value, where)
}

// one returns a condition that one row of a table meets.
func one(t *testing.T, dir, table string) string {
	for _, c := range columns(t, dir) {
		if c.table == table {
			return c.one
		}
	}
	t.Fatal("no table " + table)
	return ""
}

func columns(t *testing.T, dir string) (list []column) {
	t.Helper()
	s := open(t, dir)
	defer s.Close()
	err := s.Query(t.Context(), `SELECT m.name, c.name, c.type,
			(SELECT group_concat('"' || p.name || '"', ', ') FROM pragma_table_info(m.name) p WHERE p.pk > 0)
		FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid`,
		func(scan func(...any) error) error {
			var c column
			var key *string
			if err := scan(&c.table, &c.column, &c.kind, &key); err != nil {
				return err
			}
			if key != nil {
				c.one = fmt.Sprintf(" WHERE (%s) = (SELECT %s FROM %s ORDER BY %s LIMIT 1)", *key, *key, c.table, *key)
			}
			list = append(list, c)
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// columnsRecord makes an inventory that has a row in every table.
func columnsRecord(t *testing.T) string {
	dir, now := t.TempDir(), time.Date(2026, 11, 6, 0, 0, 0, 0, time.UTC)
	store := open(t, dir)
	defer store.Close()
	v, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: store, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(3) {
		events := storetest.Near(storetest.Events(seed, 12))
		for i := range events {
			who := storetest.Named(t, dir, []string{"ann", "bob"}[i%2])
			events[i].User, events[i].People, events[i].Features = who.ID, []inventory.Person{who}, []string{"path"}
			events[i].Requests = max(events[i].Requests, 1)
		}
		events[7].Blind, events[7].Host = "doh", "dns.test"
		if err := store.Merge(t.Context(), events); err != nil {
			t.Fatal(err)
		}
		if seed == 2 {
			continue // not sealed
		}
		if _, err := v.SealNow(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	if err := store.Backup(t.Context(), filepath.Join(to, sqlite.FileName)); err != nil {
		t.Fatal(err)
	}
	copyFile(t, filepath.Join(dir, "people.key"), filepath.Join(to, "people.key"))
	if all := afterwards(t, to, ""); all != "" {
		t.Fatalf("a sound store: %s", all)
	}
	return to
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// afterwards returns what is said of a copy that a statement has changed. What an
// evidence pack is made with says it too, save of sightings and of the ledger,
// which the pack has itself.
func afterwards(t *testing.T, from, query string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"people.key", sqlite.FileName} {
		copyFile(t, filepath.Join(from, name), filepath.Join(dir, name))
	}
	s := open(t, dir)
	defer s.Close()
	if err := s.Exec(t.Context(), "DROP TRIGGER ledger_stays; DROP TRIGGER ledger_lasts; "+query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	v, err := inventory.New(context.Background(), inventory.Config{Dir: dir, Store: s, Now: func() time.Time { return time.Date(2026, 11, 6, 1, 0, 0, 0, time.UTC) }})
	if err != nil {
		return err.Error()
	}
	got, err := v.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Problems) == 0 && len(got.Left) > 0 {
		t.Errorf("not compared: %q", got.Left)
	}
	all := strings.Join(got.Problems, "\n")
	if !strings.HasPrefix(query, "DELETE ") && !strings.Contains(query, "services") { // one way of each table is enough
		return all
	}
	for _, own := range []string{"ledger", "sightings", "chain"} {
		if strings.Contains(query, " "+own+" ") {
			return all
		}
	}
	sums, err := v.VerifySums(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if pack := strings.Join(sums.Problems, "\n"); pack != all {
		t.Errorf("for a pack:\n%s\nby verify:\n%s", pack, all)
	}
	return all
}
