package export

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// CSV writes the register (RFC 4180, UTF-8).
func CSV(w io.Writer, rows []inventory.Service) error { return Services(rows).CSV(w) }

// CSV writes a line of column names and one for each row (RFC 4180, UTF-8).
func (t *Table) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write(t.Columns) // errors stay until Flush
	line := make([]string, len(t.Columns))
	err := t.Lines(func(row []any) error {
		for j, c := range row {
			line[j] = fmt.Sprint(cell(c))
		}
		return out.Write(line)
	})
	if err == nil {
		out.Flush()
		err = out.Error()
	}
	if err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}
