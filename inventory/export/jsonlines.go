package export

import (
	"encoding/json"
	"fmt"
	"io"

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
