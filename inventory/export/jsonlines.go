package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// JSONLines writes one JSON object a line.
func JSONLines(w io.Writer, rows []inventory.Service) error {
	enc := json.NewEncoder(w)
	for i := range rows {
		if err := enc.Encode(&rows[i]); err != nil {
			return fmt.Errorf("writing JSON lines: %w", err)
		}
	}
	return nil
}

// JSON writes a list of objects whose keys are the columns, in their order. A
// time that is not known is "".
func (t *Table) JSON(w io.Writer) error {
	b := []byte("[")
	for i, row := range t.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, "\n{"...)
		for j, v := range row {
			if j > 0 {
				b = append(b, ',')
			}
			if at, ok := v.(time.Time); ok {
				v = day(at)
			}
			key, keyErr := json.Marshal(t.Columns[j])
			value, err := json.Marshal(v)
			if err = errors.Join(keyErr, err); err != nil {
				return fmt.Errorf("writing JSON: %w", err)
			}
			b = append(append(append(b, key...), ':'), value...)
		}
		b = append(b, '}')
	}
	_, err := w.Write(append(b, "\n]\n"...))
	return err
}
