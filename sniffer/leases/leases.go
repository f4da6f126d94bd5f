package leases

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// pollEvery is how often Run looks whether a file has changed.
const pollEvery = 30 * time.Second

// Options say how files are read. The zero value is good.
type Options struct {
	Location *time.Location // of times without a zone; nil: UTC
	Log      *slog.Logger   // nil: silent
}

// Map tells who had an address. It is safe for concurrent use.
type Map struct {
	files  []string
	opts   Options
	tables atomic.Pointer[[]*table]

	mu      sync.Mutex // held while files are read
	reports []Report
	states  []state
}

// state tells one version of a file from another.
type state struct {
	path string
	info fs.FileInfo // nil: it is not there
}

// Open reads files. It fails when one of them can't be read or is in no format
// that is known.
func Open(files []string, o Options) (*Map, error) {
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	m := &Map{files: files, opts: o}
	if err := m.Reload(); err != nil {
		return nil, err
	}
	return m, nil
}

// Lookup returns who had an address at a time: its user, its device, or both.
// It does not allocate.
func (m *Map) Lookup(client netip.Addr, at time.Time) (user, device string, ok bool) {
	return lookup(*m.tables.Load(), client, at)
}

// Reports says how the files were read.
func (m *Map) Reports() []Report {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Report(nil), m.reports...)
}

// Reload reads all files anew. When one of them is broken everything stays as
// it was.
func (m *Map) Reload() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reloadLocked()
}

func (m *Map) reloadLocked() error {
	states := m.look()
	var tables []*table
	var reports []Report
	room := maxLeases
	for _, file := range m.files {
		b := newBuilder(room, m.opts.Location)
		for _, part := range parts(file) {
			r := Report{File: part}
			if err := b.readFile(part, &r); err != nil {
				return fmt.Errorf("reading leases %q: %w", part, err)
			}
			reports = append(reports, r)
		}
		room = b.room
		tables = append(tables, newTable(b.leases, b.names))
	}
	m.tables.Store(&tables)
	m.states, m.reports = states, reports
	return nil
}

func (b *builder) readFile(path string, r *Report) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := b.read(f, r); err != nil {
		return err
	}
	bad := 0
	for _, n := range r.Skipped {
		bad += n
	}
	if bad > 0 && r.Leases == 0 {
		return fmt.Errorf("none of its %d lines could be read as %s (line %d: %s)", r.Lines, r.Format, r.First[0].Line, r.First[0].Reason)
	}
	return nil
}

// parts returns the files that make up one: Kea keeps older leases beside the
// file while it cleans up (kea-leases4.csv.completed, or .2 and .1).
func parts(file string) []string {
	there := func(suffix string) bool { _, err := os.Stat(file + suffix); return err == nil }
	if !there("") || !startsLikeKea(file) {
		return []string{file}
	}
	if there(".completed") {
		return []string{file + ".completed", file}
	}
	var list []string
	for _, suffix := range []string{".2", ".1"} {
		if there(suffix) {
			list = append(list, file+suffix)
		}
	}
	return append(list, file)
}

func startsLikeKea(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 256)
	n, _ := f.Read(head)
	return isKea(string(head[:n]))
}

// look notes how the files are now.
func (m *Map) look() (now []state) {
	for _, file := range m.files {
		for _, part := range parts(file) {
			info, err := os.Stat(part)
			if err != nil {
				info = nil
			}
			now = append(now, state{part, info})
		}
	}
	return now
}

func (m *Map) changed() bool {
	now := m.look()
	if len(now) != len(m.states) {
		return true
	}
	for i := range now {
		if !now[i].same(m.states[i]) {
			return true
		}
	}
	return false
}

func (s state) same(o state) bool {
	if s.path != o.path || (s.info == nil) != (o.info == nil) {
		return false
	}
	return s.info == nil || os.SameFile(s.info, o.info) && s.info.Size() == o.info.Size() && s.info.ModTime().Equal(o.info.ModTime())
}

// Run reads the files again whenever one has changed, until ctx ends. What is
// wrong with them is logged once; the old leases hold meanwhile.
func (m *Map) Run(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	var said string
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		err := m.refresh()
		switch {
		case err == nil:
			said = ""
		case err.Error() != said && !errors.Is(err, context.Canceled):
			said = err.Error()
			m.opts.Log.Error("leases not read: the old ones hold", "error", err)
		}
	}
}

func (m *Map) refresh() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.changed() {
		return nil
	}
	return m.reloadLocked()
}
