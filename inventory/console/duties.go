package console

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
)

// duties counts what waits for people.
type duties struct {
	Known       bool
	Differences int // between what is declared and what is seen
	Drifting    int // services with some
	Again       int // services that must be assessed again
	Idle        int // risks above the appetite of which nothing is done in time
}

// dutiesKept is how long counts are shown before they are made anew: they rest on
// the use of 90 days.
const dutiesKept = time.Minute

// dutyCounts are the counts of the page. The zero value is ready for use.
type dutyCounts struct {
	mu   sync.Mutex
	made time.Time
	last duties
}

// now returns the counts, which may be a minute old. While one request makes them
// others wait for it.
func (d *dutyCounts) now(ctx context.Context, s *Server) duties {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.made.IsZero() && time.Since(d.made) < dutiesKept {
		return d.last
	}
	fresh, err := s.countDuties(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.cfg.Log.Error("what waits for people can't be counted", "error", err)
		}
		return duties{}
	}
	d.last, d.made = fresh, time.Now()
	return fresh
}

func idle(s risk.State) bool { return s == risk.Untreated || s == risk.Overdue || s == risk.Expired }

func (s *Server) countDuties(ctx context.Context) (d duties, err error) {
	if s.cfg.Drift == nil || s.cfg.Risks == nil {
		return d, nil
	}
	list, _, err := s.cfg.Drift(ctx, time.Now().UTC().AddDate(0, 0, -90))
	if err != nil {
		return d, err
	}
	services := make(map[string]bool)
	for i := range list {
		services[list[i].ID] = true
	}
	r, err := s.cfg.Risks(ctx, "", "")
	if err != nil {
		return d, err
	}
	rows, err := r.Rows()
	if err != nil {
		return d, err
	}
	d.Known, d.Differences, d.Drifting = true, len(list), len(services)
	for i := range rows {
		row := &rows[i]
		if len(row.Triggers) > 0 {
			d.Again++
		}
		if row.Assessment.Appetite != rules.AppetiteWithin && slices.ContainsFunc(row.States, idle) {
			d.Idle++
		}
	}
	return d, nil
}
