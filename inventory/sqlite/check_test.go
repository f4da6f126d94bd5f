package sqlite_test

import (
	"fmt"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// TestCheckLedger: an entry in the middle that was changed from outside is
// noticed without a verification, and put on record once.
func TestCheckLedger(t *testing.T) {
	for name, tt := range map[string]struct {
		query string
		entry string // that is broken; "": none
	}{
		"sound":         {"", ""},
		"changed entry": {"DROP TRIGGER ledger_stays; UPDATE ledger SET by = 'eve' WHERE seq = 3", "3"},
		"removed entry": {"DROP TRIGGER ledger_lasts; DELETE FROM ledger WHERE seq = 3", "4"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			store := open(t, dir)
			cfg := inventory.Config{Dir: dir, Store: store, Copy: [32]byte{1}}
			v, err := inventory.New(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 6 {
				if _, err := v.Write(t.Context(), "ann", func(*inventory.Book) ([]inventory.Note, error) {
					return []inventory.Note{{Topic: inventory.TopicField, Subject: fmt.Sprint(i), Data: i}}, nil
				}); err != nil {
					t.Fatal(err)
				}
			}
			if tt.query != "" {
				if err := store.Exec(t.Context(), tt.query); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				problem, err := v.CheckLedger(t.Context())
				if err != nil || (problem != nil) != (tt.entry != "") {
					t.Fatalf("problem %v, error %v, broken is %q", problem, err, tt.entry)
				}
			}
			alerts := v.Book().History(inventory.TopicAlert, inventory.AlertSubject(inventory.LedgerChanged, tt.entry))
			if want := min(1, len(tt.entry)); len(alerts) != want {
				t.Errorf("%d alerts, want %d", len(alerts), want)
			}
			if tt.entry == "" && v.Book().Chain().Seq != 6 {
				t.Errorf("a check of a sound ledger has written to it: %v", v.Book().Chain())
			}
		})
	}
}
