package main

import (
	"encoding/json"
	"io"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/export"
)

// foundService is a service as inputs show it.
type foundService struct {
	inventory.Service
	Blocked int64 `json:"blocked_attempts"` // of the requests, those that the system which wrote the log refused
}

// MarshalJSON leaves out bytes that no input told: 0 would be a figure.
func (s foundService) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		inventory.Service
		Up      int64 `json:"bytes_up,omitempty"`
		Down    int64 `json:"bytes_down,omitempty"`
		Blocked int64 `json:"blocked_attempts"`
	}{s.Service, s.Up, s.Down, s.Blocked})
}

// printCSV prints the register's columns and one more.
func printCSV(w io.Writer, rows []foundService) error {
	list := make([]inventory.Service, len(rows))
	for i := range rows {
		list[i] = rows[i].Service
	}
	t := export.Services(list)
	for at, name := range t.Columns {
		if name != "bytes_up" && name != "bytes_down" {
			continue
		}
		for _, row := range t.Rows {
			if row[at] == int64(0) {
				row[at] = ""
			}
		}
	}
	t.Columns = append(t.Columns, "blocked_attempts")
	for i := range t.Rows {
		t.Rows[i] = append(t.Rows[i], rows[i].Blocked)
	}
	return t.CSV(w)
}

// sentBytes is a number of bytes for people, "-" where no input told any.
func sentBytes(n int64) string {
	if n == 0 {
		return "-"
	}
	return byteCount(n)
}

// refusedFlow is noted of flows that the system which wrote the log refused.
const refusedFlow = "refused"

var refusedFeatures = []string{refusedFlow} // shared, never modified
