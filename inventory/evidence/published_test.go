package evidence_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/inventory/published"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/rules/overlay"
)

// nowhere takes what is published and keeps nothing.
type nowhere struct{}

func (nowhere) SetPublished(context.Context, string, [32]byte, []byte) error { return nil }
func (nowhere) KeepPublished(context.Context, string, bool) error            { return nil }
func (nowhere) Published(context.Context, string, [32]byte) ([]byte, error)  { return nil, nil }

// TestPublishedHistory: a pack says who published which rules in its period, and
// what held at its beginning; that a gateway took a version is on record.
func TestPublishedHistory(t *testing.T) {
	dir := t.TempDir()
	st, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	day := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	now := day
	inv, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: st, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	p, err := overlay.New(map[string][]byte{"policies/a.yaml": []byte("policies: []")})
	if err != nil {
		t.Fatal(err)
	}
	b := &published.Board{Inventory: inv, Shelf: nowhere{}}
	for i, by := range []string{"ann", "bob", "cleo", "dan"} {
		now = day.AddDate(0, 0, 10*i)
		if _, err := b.Publish(t.Context(), published.Order{By: by, Pack: p, After: -1}); err != nil {
			t.Fatal(err)
		}
		_, err := inv.Write(t.Context(), "gnomon", func(book *inventory.Book) ([]inventory.Note, error) {
			return (&evidence.RulesNote{Gateway: "g", Published: int64(i + 1)}).Notes(book)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := inv.Book().Chain().Seq; n != 8 {
		t.Errorf("%d entries, want one for each version that came into force, too: 8", n)
	}
	files, err := evidence.PolicyHistory(inv.Book(), evidence.Period{From: day.AddDate(0, 0, 15), Until: day.AddDate(0, 0, 25)})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Published []struct {
			Entry   int64  `json:"entry"`
			Version int64  `json:"version"`
			By      string `json:"by"`
		} `json:"published"`
	}
	for _, f := range files {
		var text bytes.Buffer
		if err := f.Write(&text); err != nil {
			t.Fatal(err)
		}
		if f.Name == "policy/history.json" {
			if err := json.Unmarshal(text.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
		}
	}
	if l := got.Published; len(l) != 2 || l[0].By != "bob" || l[0].Version != 2 || l[0].Entry != 3 || l[1].By != "cleo" {
		t.Errorf("published: %+v, want versions 2 and 3", l)
	}
}
