package logs

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// silence is how long after its last line a sender counts as silent.
const silence = 2 * time.Second

// unreadEvery is how seldom it is told that some sender's lines are not read.
const unreadEvery = 5 * time.Second

// parse reads the queue to its end.
func (s *Syslog) parse(each func(netip.Addr, *Record)) {
	tick := time.NewTicker(silence)
	defer tick.Stop()
	for {
		select {
		case m, ok := <-s.queue:
			if !ok {
				s.settle(0, true, each)
				return
			}
			s.message(m, each)
		case <-tick.C:
			s.settle(silence, false, each)
		}
	}
}

func (s *Syslog) message(m message, each func(netip.Addr, *Record)) {
	s.count.messages.Add(1)
	out := func(r *Record) { each(m.from, r) }
	p := s.sender(m.from, each)
	p.seen = time.Now()
	if m.long {
		p.add(tooLong)
	}
	for text := m.text; text != ""; {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if line = strings.TrimRight(line, "\r\x00"); line != "" {
			p.line(line, out)
		}
	}
}

// settle settles the senders that are silent for at least so long.
func (s *Syslog) settle(since time.Duration, over bool, each func(netip.Addr, *Record)) {
	s.mu.Lock()
	all := make([]*sender, 0, len(s.senders))
	for _, p := range s.senders {
		all = append(all, p)
	}
	s.mu.Unlock()
	for _, p := range all {
		if time.Since(p.seen) >= since {
			p.settle(over, func(r *Record) { each(p.addr, r) })
		}
	}
}

// sender returns what is known of the system at a; when there are too many, the
// one that was silent for longest is forgotten.
func (s *Syslog) sender(a netip.Addr, each func(netip.Addr, *Record)) *sender {
	s.mu.Lock()
	p, full := s.senders[a], len(s.senders) >= s.cfg.MaxSenders
	s.mu.Unlock()
	if p != nil {
		return p
	}
	if full {
		s.forget(each)
	}
	p = &sender{addr: a, forced: s.cfg.Options.Format != "" || len(s.cfg.Options.Mapping) > 0, env: &env{Options: s.cfg.Options}}
	if s.cfg.Unread != nil {
		p.notify = func(lines int64, formats []string) bool {
			if time.Since(s.unreadTold) < unreadEvery {
				return false
			}
			s.unreadTold = time.Now()
			s.cfg.Unread(a, lines, formats)
			return true
		}
	}
	s.mu.Lock()
	s.senders[a] = p
	s.mu.Unlock()
	return p
}

func (s *Syslog) forget(each func(netip.Addr, *Record)) {
	var oldest *sender
	s.mu.Lock()
	for _, p := range s.senders {
		if oldest == nil || p.seen.Before(oldest.seen) {
			oldest = p
		}
	}
	delete(s.senders, oldest.addr)
	s.mu.Unlock()
	s.count.forgotten.Add(1)
	oldest.settle(true, func(r *Record) { each(oldest.addr, r) })
}

// SyslogStats says what came over syslog.
type SyslogStats struct {
	Messages  int64 // taken
	Refused   int64 // datagrams and connections of those who are no senders
	Dropped   int64 // datagrams that came faster than they could be read
	Crowded   int64 // connections closed because there were too many
	Unproven  int64 // connections whose TLS did not come about
	Broken    int64 // connections that ended in an error, or in the middle of a message
	Forgotten int64 // senders whose counts made room for others
	Senders   []SenderStats
}

// SenderStats says what came from one system.
type SenderStats struct {
	Addr    netip.Addr
	Formats []string // in the order in which they were recognised
	Stats   Stats
}

// Stats returns what was received so far, by sender in order of addresses. It
// may be called at any time.
func (s *Syslog) Stats() SyslogStats {
	st := SyslogStats{Messages: s.count.messages.Load(), Refused: s.count.refused.Load(), Dropped: s.count.dropped.Load(),
		Crowded: s.count.crowded.Load(), Unproven: s.count.unproven.Load(), Broken: s.count.broken.Load(), Forgotten: s.count.forgotten.Load()}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.senders {
		p.mu.Lock()
		st.Senders = append(st.Senders, SenderStats{Addr: p.addr, Formats: slices.Clone(p.formats), Stats: p.tally.stats(p.env)})
		p.mu.Unlock()
	}
	slices.SortFunc(st.Senders, func(a, b SenderStats) int { return a.Addr.Compare(b.Addr) })
	return st
}
