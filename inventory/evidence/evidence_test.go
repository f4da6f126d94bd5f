package evidence_test

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/inventory/storetest"
)

// record is an inventory with sightings of 1 to 3 November 2026 under two seals.
type record struct {
	inv *inventory.Inventory
	dir string
	now time.Time
	key *evidence.Key
}

func newRecord(t *testing.T) *record {
	t.Helper()
	r := &record{dir: t.TempDir(), now: time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)}
	store, err := sqlite.Open(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if r.inv, err = inventory.New(t.Context(), inventory.Config{Dir: r.dir, Store: store, Now: func() time.Time { return r.now }}); err != nil {
		t.Fatal(err)
	}
	if r.key, err = evidence.LoadOrCreateKey(filepath.Join(r.dir, evidence.KeyFile)); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		events := storetest.Events(uint64(i), 150)
		events[0].Groups, events[1].Blind, events[1].Host = []string{"sales"}, "doh", "resolver.example"
		if err := store.Merge(t.Context(), events); err != nil {
			t.Fatal(err)
		}
		if _, err := r.inv.SealNow(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.decide(t, inventory.Approve, "openai")
		r.now = r.now.AddDate(0, 0, 2)
	}
	r.decide(t, inventory.Refuse, "openai") // after the period
	return r
}

func (r *record) decide(t *testing.T, verb inventory.Verb, service string) {
	t.Helper()
	if _, err := r.inv.Decide(t.Context(), inventory.Change{Service: service, Verb: verb, By: "ann", Reason: "test"}); err != nil {
		t.Fatal(err)
	}
}

// period is the second of the days.
var period = evidence.Period{Name: "2026-11-02", From: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)}

func (r *record) order() *evidence.Order {
	o := &evidence.Order{Period: period, Program: "test", Made: r.now, By: "ann", Key: r.key, Head: r.inv.Book().Chain()}
	compared, err := r.inv.VerifySums(context.Background())
	if err != nil {
		panic(err)
	}
	o.Sums = evidence.Sums{Compared: compared.Sums, Unbound: compared.Unbound, Problems: compared.Problems}
	o.Contents = func(c *evidence.Counted) (*evidence.Contents, error) {
		services, err := r.inv.Services(context.Background())
		if err != nil {
			return nil, err
		}
		rollups, err := assess.Collect(context.Background(), r.inv, assess.Period{From: period.From, Until: period.Until})
		if err != nil {
			return nil, err
		}
		in := evidence.RegisterInput{Period: period, Made: r.now, Book: r.inv.Book(), Services: services, Counted: c, Rollups: rollups}
		rows, err := in.Rows()
		if err != nil {
			return nil, err
		}
		return &evidence.Contents{Register: rows, Files: []evidence.File{
			{Name: "register.csv", Write: evidence.RegisterTable(rows).CSV},
			{Name: "register.xlsx", Write: evidence.RegisterTable(rows).XLSX},
			{Name: "ai-bom.cdx.json", Write: func(w io.Writer) error { return evidence.WriteBOM(w, rows, period, r.now, "test") }},
		}}, nil
	}
	return o
}

// pack makes a pack in a new folder.
func (r *record) pack(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pack")
	if _, err := evidence.Write(t.Context(), dir, false, r.inv, r.order()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func verify(t *testing.T, dir, trust string) *evidence.Result {
	t.Helper()
	got, err := evidence.Verify(t.Context(), dir, trust)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestVerify(t *testing.T) {
	r := newRecord(t)
	dir := r.pack(t)
	got := verify(t, dir, r.key.Public().Fingerprint())
	if !got.Sound() || !got.Trusted || got.Seals != 2 || got.Events == 0 || got.Entries != r.inv.Book().Chain().Seq {
		t.Errorf("%+v", got)
	}
	if m := got.Manifest; m.Ledger.Hashed != 2 || m.Figures.Events == 0 || m.Figures.Hidden < 0 || m.Record["decision"] != 1 {
		t.Errorf("manifest: %+v", m)
	}
	if got := verify(t, dir, ""); !got.Sound() || got.Trusted {
		t.Errorf("without a key: %+v", got)
	}
}

// TestOutside shows that what lies outside the period is in no file.
func TestOutside(t *testing.T) {
	r := newRecord(t)
	dir := r.pack(t)
	ledger := read(t, dir, "ledger.jsonl")
	if !bytes.Contains(ledger, []byte(`"approved"`)) || bytes.Contains(ledger, []byte(`"refused"`)) {
		t.Errorf("the ledger has other entries than those up to the end of the period:\n%s", ledger)
	}
	var register evidence.Register
	if err := json.Unmarshal(read(t, dir, "register.json"), &register); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(register.Rows, func(r evidence.Row) bool { return r.ID == "openai" })
	if i < 0 || register.Rows[i].Status != "approved" || register.Rows[i].Source != evidence.FromSightings {
		t.Errorf("the register has not the status at the end of the period: %+v", register.Rows)
	}
	inside, hashed := 0, 0
	for _, name := range files(t, dir) {
		if !strings.HasPrefix(name, "events/") {
			continue
		}
		for line := range strings.Lines(string(unpack(t, read(t, dir, name)))) {
			if line[0] == '"' {
				hashed++
				continue
			}
			var e inventory.Event
			if err := json.Unmarshal([]byte(line), &e); err != nil || !period.Contains(e.Time) {
				t.Errorf("%s: %v", e.Time, err)
			}
			inside++
		}
	}
	if inside == 0 || hashed == 0 || inside+hashed != 300 {
		t.Errorf("%d sightings, %d hashes", inside, hashed)
	}
}

// TestSame shows that the same state makes the same bytes.
func TestSame(t *testing.T) {
	r := newRecord(t)
	a, b := r.pack(t), r.pack(t)
	for _, name := range files(t, a) {
		if !bytes.Equal(read(t, a, name), read(t, b, name)) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestReplace(t *testing.T) {
	r := newRecord(t)
	dir := r.pack(t)
	if _, err := evidence.Write(t.Context(), dir, false, r.inv, r.order()); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("a pack is replaced unasked: %v", err)
	}
	write(t, dir, "stray", nil)
	if _, err := evidence.Write(t.Context(), dir, true, r.inv, r.order()); err != nil {
		t.Fatal(err)
	}
	if got := verify(t, dir, ""); !got.Sound() {
		t.Errorf("%q", got.Problems)
	}
	home := t.TempDir()
	write(t, home, "thesis.txt", nil)
	if _, err := evidence.Write(t.Context(), home, true, r.inv, r.order()); err == nil || !strings.Contains(err.Error(), "no evidence pack") {
		t.Errorf("a folder that is no pack is replaced: %v", err)
	}
}

// TestHalf shows that a pack that can't be finished leaves nothing behind.
func TestHalf(t *testing.T) {
	r := newRecord(t)
	parent := t.TempDir()
	o := r.order()
	o.Contents = func(*evidence.Counted) (*evidence.Contents, error) { return nil, io.ErrUnexpectedEOF }
	if _, err := evidence.Write(t.Context(), filepath.Join(parent, "pack"), false, r.inv, o); err == nil {
		t.Error("no error")
	}
	if list, err := os.ReadDir(parent); err != nil || len(list) != 0 {
		t.Errorf("left behind: %v, %v", list, err)
	}
}

// TestRetention shows that deleted sightings are said, not hidden, and don't keep
// the rest from being checked.
func TestRetention(t *testing.T) {
	r := newRecord(t)
	r.now = time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC) // 90 days after noon on 2 November
	done, err := r.inv.PruneNow(t.Context())
	if err != nil || done.Events == 0 {
		t.Fatal(done, err)
	}
	got := verify(t, r.pack(t), "")
	if !got.Sound() || got.Seals != 2 || got.Unproven != 0 || len(got.Notes) != 2 || !strings.Contains(strings.Join(got.Notes, "\n"), "past their time") {
		t.Errorf("%+v", got)
	}
	for _, s := range got.Manifest.Seals {
		if s.State != evidence.SealPartly || s.Deleted == 0 || s.Shown != s.Deleted || s.Deletion == 0 || s.Inside == 0 {
			t.Errorf("%+v", s)
		}
	}
	dir := r.pack(t) // somebody leaves out sightings, and says that retention did
	var m evidence.Manifest
	if err := json.Unmarshal(read(t, dir, "manifest.json"), &m); err != nil {
		t.Fatal(err)
	}
	m.Seals[0].Deleted++
	sign(t, dir, &m, private(t, filepath.Join(r.dir, evidence.KeyFile)))
	caught(t, dir, "", "are said to be past their time")
	r.now = r.now.AddDate(0, 0, 30)
	if _, err := r.inv.PruneNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	got = verify(t, r.pack(t), "")
	if !got.Sound() || got.Manifest.Seals[0].State != evidence.SealGone {
		t.Errorf("%+v", got.Manifest.Seals)
	}
}

// TestRetentionChanged changes a sighting beside deleted ones: in the store before
// there is a pack, and in a pack that is signed again.
func TestRetentionChanged(t *testing.T) {
	r := newRecord(t)
	r.now = time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
	if _, err := r.inv.PruneNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir := r.pack(t)
	var m evidence.Manifest
	if err := json.Unmarshal(read(t, dir, "manifest.json"), &m); err != nil {
		t.Fatal(err)
	}
	name := m.Seals[0].File
	lines := strings.SplitAfter(string(unpack(t, read(t, dir, name))), "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, `"rule":"rule-1"`) })
	if i < 0 {
		t.Fatalf("no sighting has a rule: %.2000s", strings.Join(lines, ""))
	}
	lines[i] = strings.Replace(lines[i], `"rule":"rule-1"`, `"rule":"rule-2"`, 1) // it is in no figure
	write(t, dir, name, repack(t, []byte(strings.Join(lines, ""))))
	sign(t, dir, &m, private(t, filepath.Join(r.dir, evidence.KeyFile)))
	caught(t, dir, "", "and of the hashes kept of those deleted, is")

	db, err := sql.Open("sqlite", filepath.Join(r.dir, "inventory.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	done, err := db.Exec("UPDATE sightings SET merged = merged + 1 WHERE seq = (SELECT max(seq) FROM sightings)")
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := done.RowsAffected(); n != 1 {
		t.Fatalf("%d rows changed", n)
	}
	_, err = evidence.Write(t.Context(), filepath.Join(t.TempDir(), "pack"), false, r.inv, r.order())
	if err == nil || !strings.Contains(err.Error(), "is not what was written") {
		t.Errorf("a pack of a changed store: %v", err)
	}
}

// TestRetentionUnkept deletes as versions did that kept no hashes: that nothing
// shows what is left is said.
func TestRetentionUnkept(t *testing.T) {
	r := newRecord(t)
	store, err := sqlite.Open(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	cut := inventory.Cutoffs{Sightings: time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)}
	if _, err := r.inv.Write(t.Context(), "gnomon", func(*inventory.Book) ([]inventory.Note, error) {
		return []inventory.Note{{Topic: inventory.TopicDeletion, Data: inventory.Deletion{Before: cut, Planned: true}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	done, err := store.Prune(t.Context(), cut)
	if err != nil || done.Events == 0 {
		t.Fatal(done, err)
	}
	if _, err := r.inv.Write(t.Context(), "gnomon", func(*inventory.Book) ([]inventory.Note, error) {
		return []inventory.Note{{Topic: inventory.TopicDeletion, Data: inventory.Deletion{Before: cut, Deleted: done}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	got := verify(t, r.pack(t), "")
	if !got.Sound() || got.Seals != 0 || got.Unproven != 2 || !strings.Contains(strings.Join(got.Notes, "\n"), "no hashes of them were kept") {
		t.Errorf("%+v", got)
	}
}

func TestKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), evidence.KeyFile)
	a, err := evidence.LoadOrCreateKey(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := evidence.LoadOrCreateKey(path)
	if err != nil || a.Public().Fingerprint() != b.Public().Fingerprint() {
		t.Errorf("another key: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	for _, in := range []string{a.Public().Fingerprint(), strings.ToUpper(a.Public().Fingerprint()), strings.TrimPrefix(a.Public().Fingerprint(), "sha256:"), "key.pem"} {
		got, err := evidence.ParseTrust(in, func(string) ([]byte, error) { return a.Public().PEM(), nil })
		if err != nil || got != a.Public().Fingerprint() {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
	for _, bad := range []string{"sha256:00", "no such file"} {
		if _, err := evidence.ParseTrust(bad, func(string) ([]byte, error) { return nil, fs.ErrNotExist }); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.LoadOrCreateKey(path); err == nil {
		t.Error("a damaged key is taken")
	}
}

// files lists the files of a pack, in order.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(names, cmp.Compare)
	return names
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}
