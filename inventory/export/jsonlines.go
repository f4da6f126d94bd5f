package export

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory"
)

// JSONLines writes one JSON object a line.
func JSONLines(w io.Writer, rows []inventory.Service) error {
	enc := json.NewEncoder(visible.JSONWriter(w))
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
	out := bufio.NewWriter(w)
	keys := make([][]byte, len(t.Columns))
	for i, name := range t.Columns {
		keys[i], _ = json.Marshal(name) // a text never fails
	}
	begin := "[\n{"
	err := t.Lines(func(row []any) error {
		out.WriteString(begin) // errors stay until Flush
		begin = ",\n{"
		for j, v := range row {
			if j > 0 {
				out.WriteByte(',')
			}
			if at, ok := v.(time.Time); ok {
				v = day(at)
			}
			value, err := json.Marshal(v)
			if err != nil {
				return err
			}
			out.Write(keys[j])
			out.WriteByte(':')
			out.Write(visible.JSON(value))
		}
		return out.WriteByte('}')
	})
	if err == nil {
		if begin == "[\n{" {
			out.WriteByte('[')
		}
		out.WriteString("\n]\n")
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}
