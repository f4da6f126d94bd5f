package stream

import (
	"errors"
	"reflect"
	"slices"
)

// Change is a change of a group's streams that has been prepared, so that it
// can't fail any more. Apply or Cancel ends it.
type Change struct {
	group   *Group
	next    []*Stream // all of afterwards
	added   []*Stream // of next
	changed []renewal // of next
	removed []*Stream
}

// renewal is a stream that goes on in another way, with what its queue holds.
type renewal struct {
	stream *Stream
	cfg    *Config
	sender sender
}

// Prepare opens what is new in configs, which are all streams of afterwards. A
// stream is known by its name. One that is there and stays as it is notices
// nothing. Nothing changes before Apply, and nothing has after an error. The
// caller makes one change at a time.
func (g *Group) Prepare(configs []Config) (*Change, error) {
	c := &Change{group: g}
	old := g.Streams()
	for _, cfg := range configs {
		if err := c.take(old, cfg); err != nil {
			return nil, errors.Join(err, c.Cancel())
		}
	}
	for _, s := range old {
		if !slices.Contains(c.next, s) {
			c.removed = append(c.removed, s)
		}
	}
	return c, nil
}

func (c *Change) take(old []*Stream, cfg Config) error {
	i := slices.IndexFunc(old, func(s *Stream) bool { return s.name == cfg.Name })
	if i < 0 {
		s, err := Open(cfg)
		if err != nil {
			return err
		}
		c.next, c.added = append(c.next, s), append(c.added, s)
		return nil
	}
	full, sender, err := cfg.open()
	if err != nil {
		return err
	}
	c.next = append(c.next, old[i])
	if old[i].cfg.same(full) {
		sender.close()
		return nil
	}
	c.changed = append(c.changed, renewal{old[i], full, sender})
	return nil
}

// same reports whether events are sent in the same way.
func (c *Config) same(other *Config) bool {
	a, b := *c, *other
	roots := a.Roots == b.Roots || a.Roots != nil && b.Roots != nil && a.Roots.Equal(b.Roots)
	kinds := slices.Equal(a.kinds(), b.kinds())
	for _, one := range []*Config{&a, &b} {
		one.Roots, one.Kinds, one.From, one.Log = nil, nil, nil, nil
	}
	return roots && kinds && reflect.DeepEqual(a, b)
}

// Cancel ends a change that is not made.
func (c *Change) Cancel() error {
	var errs []error
	for _, s := range c.added {
		errs = append(errs, s.Close())
	}
	for _, r := range c.changed {
		r.sender.close()
	}
	return errors.Join(errs...)
}

// Apply makes the change. Each event that Record is given goes to all streams of
// before or to all of afterwards. Deliveries of what changes or goes are given a
// moment to end; what a receiver has not taken by then stays in the queue: of a
// changed stream it goes to the receiver of afterwards, of a removed one it
// stays on disk for a stream of that name.
func (c *Change) Apply() {
	g := c.group
	g.recording.Lock()
	g.streams = c.next
	for _, r := range c.changed {
		r.stream.kinds = r.cfg.kinds()
	}
	g.recording.Unlock()
	g.running.Lock()
	defer g.running.Unlock()
	g.stopLocked(c.ending())
	for _, s := range c.removed {
		s.retire()
	}
	for _, r := range c.changed {
		r.stream.renew(r.cfg, r.sender)
		g.startLocked(r.stream)
	}
	for _, s := range c.added {
		s.log.Info("event stream added", "stream", s.name, "queued_bytes", s.queue.spool.Bytes())
		g.startLocked(s)
	}
}

func (c *Change) ending() []*Stream {
	all := slices.Clone(c.removed)
	for _, r := range c.changed {
		all = append(all, r.stream)
	}
	return all
}

// retire closes a stream for good, and says what is left of it.
func (s *Stream) retire() {
	left := s.queue.spool.Bytes()
	if err := s.Close(); err != nil {
		s.log.Error("event stream removed, and its queue not closed as it should be", "stream", s.name, "error", err)
	}
	if left == 0 {
		s.log.Info("event stream removed", "stream", s.name)
		return
	}
	s.log.Warn("event stream removed: events that its receiver has not taken stay on disk, and go to a stream of this name when there is one again",
		"stream", s.name, "bytes", left, "queue", s.cfg.queueDir())
}

// renew lets a stream go on in another way. It does not run now.
func (s *Stream) renew(cfg *Config, by sender) {
	s.sender.close()
	s.cfg, s.sender = cfg, by
	s.queue.spool.SetMax(cfg.QueueBytes)
	s.ailing.Store(false) // whether the new receiver takes events is not known yet
	s.log.Info("event stream changed", "stream", s.name, "queued_bytes", s.queue.spool.Bytes())
}
