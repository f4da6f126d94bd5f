package export

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// CSV writes a line of column names and one for each row (RFC 4180, UTF-8).
func CSV(w io.Writer, rows []inventory.Service) error {
	out := csv.NewWriter(w)
	names := columns()
	out.Write(names) // errors stay until Flush
	line := make([]string, len(names))
	for i := range rows {
		for j, c := range cells(&rows[i]) {
			line[j] = fmt.Sprint(c)
		}
		out.Write(line)
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}
