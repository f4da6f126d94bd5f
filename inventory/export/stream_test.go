package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/gnomon-proxy/gnomon/inventory/export"
)

// long is a table of which no more than a row is there at a time.
func long(n int, failed error) *export.Table {
	row := make([]any, 3)
	return &export.Table{Name: "A [long] one", Columns: []string{"n", "text", "at"}, Rows: [][]any{{0, "first", time.Time{}}}, Each: func(f func([]any) error) error {
		for i := range n {
			row[0], row[1], row[2] = int64(i+1), "<&> "+strings.Repeat("x", i%7), time.Unix(1e9, 0)
			if err := f(row); err != nil {
				return err
			}
		}
		return failed
	}}
}

// forms are the ways to write a table, and how many rows one reads of it.
var forms = []struct {
	name  string
	write func(*export.Table, io.Writer) error
	rows  func([]byte) (int, error)
}{
	{"csv", (*export.Table).CSV, func(b []byte) (int, error) {
		list, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		return len(list) - 1, err
	}},
	{"json", (*export.Table).JSON, func(b []byte) (int, error) {
		var list []struct {
			N    int
			Text string
		}
		err := json.Unmarshal(b, &list)
		for i := range list {
			if list[i].N != i {
				return i, errors.New("out of order")
			}
		}
		return len(list), err
	}},
	{"xlsx", (*export.Table).XLSX, func(b []byte) (int, error) {
		f, err := excelize.OpenReader(bytes.NewReader(b))
		if err != nil {
			return 0, err
		}
		defer f.Close()
		list, err := f.GetRows("A  long  one")
		return len(list) - 1, err
	}},
}

// TestEach: rows that come one by one are written like those that are there.
func TestEach(t *testing.T) {
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			for _, n := range []int{0, 1, 500} {
				var b bytes.Buffer
				if err := form.write(long(n, nil), &b); err != nil {
					t.Fatal(err)
				}
				if got, err := form.rows(b.Bytes()); err != nil || got != n+1 {
					t.Errorf("%d rows, %v; want %d", got, err, n+1)
				}
			}
			var b bytes.Buffer
			if err := form.write(&export.Table{Name: "A [long] one", Columns: []string{"n"}}, &b); err != nil {
				t.Fatal(err)
			}
			if got, err := form.rows(b.Bytes()); err != nil || got != 0 {
				t.Errorf("an empty table has %d rows, %v", got, err)
			}
		})
	}
}

// TestEachFails: an error in the middle comes out, and what was written until
// then is no whole table that somebody could take it for.
func TestEachFails(t *testing.T) {
	away := errors.New("the store is away")
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := form.write(long(3000, away), &b); !errors.Is(err, away) {
				t.Fatalf("got %v, want %v", err, away)
			}
			if form.name == "csv" { // nothing tells where it ends
				return
			}
			if n, err := form.rows(b.Bytes()); err == nil {
				t.Errorf("what was written can be read as %d rows", n)
			}
			if err := form.write(long(3000, nil), failing{}); err == nil {
				t.Error("a writer that fails goes unnoticed")
			}
		})
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no room") }

// TestEachHoldsNothing: writing a long table takes no more memory than a short
// one.
func TestEachHoldsNothing(t *testing.T) {
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			var widest counter
			if err := form.write(long(5000, nil), &widest); err != nil {
				t.Fatal(err)
			}
			if widest.largest > 1<<16 || widest.calls < 3 {
				t.Errorf("%d bytes come in %d pieces, of up to %d: they should leave as they are made", widest.n, widest.calls, widest.largest)
			}
		})
	}
}

type counter struct{ n, calls, largest int }

func (c *counter) Write(b []byte) (int, error) {
	c.n, c.calls, c.largest = c.n+len(b), c.calls+1, max(c.largest, len(b))
	return len(b), nil
}
