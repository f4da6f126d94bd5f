package main

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// savedFlows puts the flows of one input into the inventory, under ids that the
// inventory keeps once. A nil *savedFlows saves nothing.
type savedFlows struct {
	pipeline *traffic.Pipeline
	saver    *inventory.Saver
	read     time.Time // the time of what has none: days, retention and periods need one
}

// lateStore is the inventory that --save writes to. It is opened, and made where
// there is none, by the first input that can be read. A nil *lateStore is none.
type lateStore struct {
	open func() (*inventory.Inventory, func(), error)

	mu   sync.Mutex // guards all
	inv  *inventory.Inventory
	done func()
	err  error
}

// get opens the inventory, once.
func (s *lateStore) get() (*inventory.Inventory, error) {
	if s == nil {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inv == nil && s.err == nil {
		s.inv, s.done, s.err = s.open()
	}
	return s.inv, s.err
}

func (s *lateStore) opened() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inv != nil
}

func (s *lateStore) failed() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *lateStore) close() {
	if s.opened() {
		s.done()
	}
}

// newSaved returns nil where nothing is to be saved.
func (d *discovery) newSaved() (*savedFlows, error) {
	inv, err := d.store.get()
	if inv == nil || err != nil {
		return nil, err
	}
	s := &savedFlows{saver: inv.Saver(context.WithoutCancel(d.ctx)), read: time.Now()} // what was read is saved
	stages := &traffic.Stages{Classifier: d.knowledge.classifier, Scanner: d.scanner}  // nothing is decided
	s.pipeline = traffic.NewPipeline(stages, inv, s.saver, hostPatterns(nil), slog.New(slog.DiscardHandler))
	if d.users != nil {
		s.pipeline.SetUsers(d.users)
	}
	return s, nil
}

// observe keeps a flow where it is a use of AI. The flow may share a log's
// strings: what is kept does not.
func (s *savedFlows) observe(f *traffic.Flow, id flowID) {
	if s == nil {
		return
	}
	own := ownFlow(f)
	own.ID, own.Time = id.String(), s.timeOf(own.Time)
	s.pipeline.Observe(&own)
}

func (s *savedFlows) timeOf(t time.Time) time.Time {
	if t.IsZero() {
		return s.read
	}
	return t
}

// ownFlow returns a copy of f that shares no string with the block of the log
// that f was read from.
func ownFlow(f *traffic.Flow) traffic.Flow {
	own := *f
	for _, text := range []*string{&own.User, &own.Host, &own.Method, &own.Path, &own.UserAgent} {
		*text = strings.Clone(*text)
	}
	return own
}

// sureOfAddress is how sure it is that an address stands for the name by which
// others reached it.
const sureOfAddress = 0.5

func (s *savedFlows) observeBlind(b *traffic.BlindSpot, id flowID) {
	if s == nil {
		return
	}
	own := *b
	own.User = strings.Clone(b.User)
	own.ID, own.Time = id.String(), s.timeOf(own.Time)
	s.pipeline.ObserveBlind(&own)
}

func (s *savedFlows) flush() error {
	if s == nil {
		return nil
	}
	return s.saver.Flush()
}
