package main

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/leases"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// openLeases reads the files that tell who has an address and has p ask them.
// It returns nil when there are none.
func openLeases(files []string, zone *time.Location, p *traffic.Pipeline, log *slog.Logger) (*leases.Map, error) {
	if len(files) == 0 {
		return nil, nil
	}
	m, err := leases.Open(files, leases.Options{Location: zone, Log: log})
	if err != nil {
		return nil, &configError{fmt.Errorf("users.leases: %w", err)}
	}
	p.SetUsers(m)
	logLeases(m, log)
	return m, nil
}

// talkLeases says on standard error how a file was read.
func talkLeases(w io.Writer, r *leases.Report) {
	fmt.Fprintf(w, "%s: %s, %s", printable(r.File), cmp.Or(r.Format, "empty"), amount(r.Leases, "lease"))
	for _, reason := range slices.Sorted(maps.Keys(r.Skipped)) {
		fmt.Fprintf(w, ", %s not read (%s)", amount(r.Skipped[reason], "line"), reason)
	}
	fmt.Fprintln(w)
	for _, note := range r.Notes {
		fmt.Fprintf(w, "  note: %s\n", note)
	}
}

// logLeases says how the files were read.
func logLeases(m *leases.Map, log *slog.Logger) {
	for _, r := range m.Reports() {
		log.Info("leases read", "file", r.File, "format", r.Format, "leases", r.Leases, "lines", r.Lines)
		for _, note := range r.Notes {
			log.Warn("leases", "file", r.File, "note", note)
		}
		for _, reason := range slices.Sorted(maps.Keys(r.Skipped)) {
			log.Warn("lines of leases that can't be read", "file", r.File, "reason", reason, "lines", r.Skipped[reason], "first", r.First[0].Line)
		}
	}
}
