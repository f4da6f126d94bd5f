package dlp

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestEDMFind compares what find says of each text with what was put in: most
// cells are of few texts, one of which is in two columns.
func TestEDMFind(t *testing.T) {
	b, err := NewEDM("t", []string{"name", "town", "plant"}, 1, traffic.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	want := make(map[string]*[3][]uint32)
	put := func(record uint32, cells ...string) {
		for column, text := range cells {
			if want[text] == nil {
				want[text] = new([3][]uint32)
			}
			want[text][column] = append(want[text][column], record)
		}
		if err := b.Add(cells); err != nil {
			t.Fatal(err)
		}
	}
	for i := range uint32(3000) {
		plant := fmt.Sprintf("town%d", r.IntN(3))
		if r.IntN(4) > 0 {
			plant = fmt.Sprintf("plant%d", r.IntN(400))
		}
		put(i, fmt.Sprintf("name%d", i), fmt.Sprintf("town%d", r.IntN(3)), plant)
	}
	e, _, _ := b.Build()
	for text, columns := range want {
		h := e.hash([]byte(text))
		for column := uint8(0); column < 3; {
			cells, got := e.find(h, column)
			for column < 3 && columns[column] == nil {
				column++
			}
			if column == 3 {
				if cells != (cellRange{}) {
					t.Errorf("%s: %v of column %d, want none", text, cells, got)
				}
				break
			}
			records := columns[column]
			if got != column || cells.to-cells.from != len(records) {
				t.Fatalf("%s: %d cells of column %d, want %d of %d", text, cells.to-cells.from, got, len(records), column)
			}
			for k, record := range records {
				if e.cell(cells.from+k).record != record || !e.holds(cells, record) {
					t.Errorf("%s: record %d is not found", text, record)
				}
			}
			column++
		}
	}
	for i := range 1000 {
		if cells, _ := e.find(e.hash(fmt.Append(nil, "none", i)), 0); cells != (cellRange{}) {
			t.Errorf("none%d is found", i)
		}
	}
	if at := e.search(^uint64(0)); at < e.Cells()-1 {
		t.Errorf("the highest hash is looked for at %d", at)
	}
	if new(EDM).search(7) != 0 {
		t.Error("an empty table has something")
	}
}
