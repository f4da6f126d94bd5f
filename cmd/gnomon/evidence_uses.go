package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/rules"
)

// useCases reads the register of all time, once, and makes its two files. They are
// the longest of a pack and wait on disk: rows are not held, and what is read
// later may be of another moment.
func (o *packOrder) useCases(ctx context.Context, inv *inventory.Inventory, set *rules.Set, ids []string, period []evidence.Row) ([]evidence.File, error) {
	r, err := newRegisterReader(ctx, inv, set, privacy.K(o.k))
	if err != nil {
		return nil, err
	}
	table, err := o.aside()
	if err != nil {
		return nil, err
	}
	objects, err := o.aside()
	if err != nil {
		return nil, err
	}
	in := make(map[string]int64, len(period))
	for i := range period {
		in[period[i].ID] = period[i].Seen.Users
	}
	t, d := registerTable(r.schema), export.NewDocument(objects, "  ")
	d.Array("", func() {
		t.Each = func(f func([]any) error) error {
			return r.each(ctx, ids, func(row *register.Row) error {
				withoutFew(row, in[row.ID], int64(o.k))
				if err := d.Value(row); err != nil {
					return err
				}
				return f(registerCells(row))
			})
		}
		err = t.CSV(table)
	})
	if err := errors.Join(err, d.Close()); err != nil {
		return nil, err
	}
	return []evidence.File{{Name: "use-cases.csv", Write: copied(table)}, {Name: "use-cases.json", Write: copied(objects)}}, nil
}

// aside returns a file without a name, beside the pack, until the pack is made.
func (o *packOrder) aside() (*os.File, error) {
	f, err := os.CreateTemp(filepath.Dir(o.out), "."+filepath.Base(o.out)+"-*") // mode 0600
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name()) // it lives as long as it is open
	o.open = append(o.open, f)
	return f, nil
}

// closeAside gives back what aside has taken.
func (o *packOrder) closeAside() {
	for _, f := range o.open {
		f.Close()
	}
	o.open = nil
}

func copied(f *os.File) func(io.Writer) error {
	return func(w io.Writer) error {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		_, err := io.Copy(w, f)
		return err
	}
}

// withoutFew withholds from a row of the register of all time a number of people
// that differs by fewer than k from that of the period, which stands beside it in
// the same pack: who subtracts would learn of these few.
func withoutFew(row *register.Row, inPeriod, k int64) {
	for i := range row.Fields {
		f := &row.Fields[i]
		if f.Name != "users" {
			continue
		}
		n, err := strconv.ParseInt(f.Value, 10, 64)
		if few := max(n, inPeriod) - min(n, inPeriod); err == nil && 0 < few && few < k {
			f.Value, f.Also = privacy.Withheld, nil
		}
	}
}
