package traffic

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Stats counts what passed the pipeline. All fields only grow.
type Stats struct {
	Sightings atomic.Int64 // recorded: uses of AI, and blind spots
	Other     atomic.Int64 // flows that are not AI: this counter is all that is kept of them
	Tunnels   atomic.Int64
	Intercept atomic.Int64
	Refused   atomic.Int64 // connections refused before decryption

	mu       sync.Mutex
	failures map[string]int64 // by reason
	actions  map[Action]int64
	hidden   map[string]int64 // by kind of blind spot
}

// Failures returns how often inspection failed, by reason.
func (s *Stats) Failures() map[string]int64 {
	return copyOf(s, func() map[string]int64 { return s.failures })
}

// Actions returns how often each action was decided.
func (s *Stats) Actions() map[Action]int64 {
	return copyOf(s, func() map[Action]int64 { return s.actions })
}

// BlindSpots returns how many flows hid what they were, by kind.
func (s *Stats) BlindSpots() map[string]int64 {
	return copyOf(s, func() map[string]int64 { return s.hidden })
}

func copyOf[K comparable](s *Stats, m func() map[K]int64) map[K]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[K]int64, len(m()))
	for k, n := range m() {
		out[k] = n
	}
	return out
}

func (s *Stats) connect(w Way) {
	switch w {
	case WayTunnel:
		s.Tunnels.Add(1)
	case WayIntercept:
		s.Intercept.Add(1)
	case WayRefuse:
		s.Refused.Add(1)
	}
}

func (s *Stats) fail(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures == nil {
		s.failures = make(map[string]int64)
	}
	s.failures[reason]++
}

func (s *Stats) hide(kind string, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hidden == nil {
		s.hidden = make(map[string]int64)
	}
	s.hidden[kind] += n
}

func (s *Stats) decide(a Action) {
	if a == "" { // a passive sensor decides nothing
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.actions == nil {
		s.actions = make(map[Action]int64)
	}
	s.actions[a]++
}

// logDecision writes the one line that a decision leaves in the log: no
// content, no query, no user.
func (p *Pipeline) logDecision(s *Sighting) {
	if s.Decision.Action == "" {
		return
	}
	ctx, h := context.Background(), p.log.Handler()
	if !h.Enabled(ctx, slog.LevelInfo) {
		return
	}
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "decision", 0) // LogAttrs would look up the caller, for nothing
	r.AddAttrs(
		slog.String("id", s.ID), slog.String("service", s.Verdict.ID), slog.String("host", s.Host),
		slog.String("action", string(s.Decision.Action)), slog.String("rule", s.Decision.Rule),
		slog.Int("findings", s.findings()), slog.String("coverage", string(s.Coverage.Depth)),
		slog.String("why", s.Coverage.Reason), slog.Int("code", s.Code), slog.Duration("took", s.Duration))
	h.Handle(ctx, r)
}
