package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// logPlaces remembers how far each followed log was read, across restarts. What
// is written is a few seconds old, older than what the inventory may still hold
// in memory: after a crash a little is read again, and counts once (flowIDs).
type logPlaces struct {
	path string
	log  *slog.Logger

	mu    sync.Mutex
	now   map[string]logs.Position // by path of the log
	aside map[string]logs.Position // those of the last tick, to be written at the next
}

// logPlacesFile is the file's name in the state directory.
const logPlacesFile = "log-positions.json"

// placesEvery is how often places are written. A sighting is on disk within a
// second.
const placesEvery = 2 * time.Second

// readLogPlaces reads the places of an earlier run. A file that can't be read
// is an error: starting without it would skip what was written meanwhile.
func readLogPlaces(path string, log *slog.Logger) (*logPlaces, error) {
	p := &logPlaces{path: path, log: log, now: make(map[string]logs.Position)}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &p.now)
	}
	if err != nil {
		return nil, fmt.Errorf("reading how far logs were read (remove %s to go on at their ends): %w", path, err)
	}
	return p, nil
}

// of returns how far the log was read; known is false when it was never
// followed, and the Position zero when there was nothing in it yet.
func (p *logPlaces) of(path string) (at logs.Position, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, known = p.now[path]
	return at, known
}

// reached notes how far the log was read.
func (p *logPlaces) reached(path string, at logs.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.now[path]; known && at == (logs.Position{}) {
		return // between two files: what is known of the old one finds it again
	}
	p.now[path] = at
}

// Run writes the places until ctx ends, and then the last ones: what feeds them
// must have ended before.
func (p *logPlaces) Run(ctx context.Context) error {
	for waitOr(ctx, placesEvery) {
		if err := p.write(p.turn()); err != nil {
			p.log.Error("how far logs were read is not written down", "error", err)
		}
	}
	p.turn()
	return p.write(p.turn())
}

// turn returns the places of the turn before.
func (p *logPlaces) turn() map[string]logs.Position {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.aside
	p.aside = make(map[string]logs.Position, len(p.now))
	for path, at := range p.now {
		p.aside[path] = at
	}
	return last
}

func (p *logPlaces) write(places map[string]logs.Position) error {
	if len(places) == 0 {
		return nil
	}
	b, err := json.Marshal(places)
	if err != nil {
		return err
	}
	return writeFile(p.path, append(b, '\n'), 0o600)
}
