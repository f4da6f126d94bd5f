package logs

import (
	"net/netip"
	"slices"
	"sync"
	"time"
)

// sender is a system that sends its log over syslog. A relay sends several logs
// in one stream, so a sender may have several formats.
type sender struct {
	addr    netip.Addr
	forced  bool     // the format was named
	waiting []string // lines that no format reads yet
	size    int      // of waiting, in bytes
	skip    int      // how many unreadable lines to let pass before the next try
	patient int      // what skip becomes when that fails
	seen    time.Time
	sift    sift
	unread  int64                                    // lines
	told    bool                                     // of them
	notify  func(lines int64, formats []string) bool // says whether it told; may be nil

	mu      sync.Mutex // guards what Stats reads
	env     *env
	streams []*stream
	formats []string
	tally   tally
}

const (
	// maxWaiting bounds what a sender can make us hold before we know its
	// format.
	maxWaiting = 64 << 10
	// maxStreams is how many formats one sender may have.
	maxStreams = 4
	// maxPatience is how seldom a sender whose format is unknown is tried.
	maxPatience = 10000
	// sureScore is what few lines must reach to settle a format.
	sureScore = 80
	// fewLines is how many lines are few.
	fewLines = 10
)

// line reads one line and calls out with the records that it, or lines that
// waited for it, tell of.
func (p *sender) line(line string, out func(*Record)) {
	v := p.read(line, out)
	if v == yes || v == nothing {
		return
	}
	if p.forced && len(p.formats) > 0 || len(p.formats) >= maxStreams {
		p.add(v)
		return
	}
	if p.skip > 0 {
		if p.skip--; !p.surely(line, out) || p.read(line, out) > nothing {
			p.add(v)
		}
		return
	}
	p.waiting = append(p.waiting, line)
	p.size += len(line)
	switch n := len(p.waiting); {
	case n >= headLines || p.size > maxWaiting:
		if !p.recognise(p.waiting, minScore, out) {
			p.giveUp()
		}
	case n <= fewLines:
		// Alone: what came before may be of another format still.
		p.recognise(p.waiting[n-1:], sureScore, out)
	default:
		p.surely(line, out)
	}
}

// surely tells a further format by a line that alone is sure, however many lines
// of none came before it.
func (p *sender) surely(line string, out func(*Record)) bool {
	if p.forced {
		return false
	}
	c, _, ok := p.sift.sure(line)
	if !ok || slices.Contains(p.formats, c.format.name) {
		return false
	}
	p.adopt(c, out)
	return true
}

// read gives the line to the formats that the sender is known to have. It counts
// the line unless none of them can read it.
func (p *sender) read(line string, out func(*Record)) verdict {
	var r Record
	v := badFormat
	p.mu.Lock()
	for _, s := range p.streams {
		got := s.line(line, &r)
		if got == yes {
			v = yes
			break
		}
		if v != nothing {
			v = got
		}
	}
	if v == yes || v == nothing {
		p.tally.lines++
		p.tally.add(v, p.tally.lines, 0)
	}
	p.mu.Unlock()
	if v == yes {
		out(&r)
	}
	return v
}

// recognise tells a further format by head, which is of the lines that wait, and
// reads what it can of these.
func (p *sender) recognise(head []string, least int, out func(*Record)) bool {
	if len(head) == 0 || len(p.formats) >= maxStreams {
		return false
	}
	c, err := detect(head, p.env.format(head))
	if err != nil || c.format.lines == nil || slices.Contains(p.formats, c.format.name) || !p.forced && c.score < least {
		return false
	}
	return p.adopt(c, out)
}

// adopt adds a format, and reads what waits and is of it.
func (p *sender) adopt(c choice, out func(*Record)) bool {
	p.mu.Lock()
	p.streams = append(p.streams, newStream(c, p.env))
	p.formats = append(p.formats, c.format.name)
	p.mu.Unlock()
	before := p.waiting
	p.waiting, p.size, p.patient = nil, 0, 0
	for _, line := range before {
		if v := p.read(line, out); v == yes || v == nothing {
			continue
		}
		p.waiting = append(p.waiting, line)
		p.size += len(line)
	}
	return len(p.waiting) < len(before)
}

// giveUp counts the waiting lines as unreadable, and waits longer each time.
func (p *sender) giveUp() {
	for range p.waiting {
		p.add(badFormat)
	}
	p.waiting, p.size = nil, 0
	p.patient = min(max(headLines, 10*p.patient), maxPatience)
	p.skip = p.patient
}

// add counts a line that could not be read.
func (p *sender) add(v verdict) {
	p.mu.Lock()
	p.tally.lines++
	p.tally.add(v, p.tally.lines, 0)
	p.mu.Unlock()
	if p.unread++; p.unread >= headLines && !p.told && p.notify != nil {
		p.told = p.notify(p.unread, slices.Clone(p.formats))
	}
}

// settle reads what waits for more, from a sender that fell silent; over says
// that nothing will come any more.
func (p *sender) settle(over bool, out func(*Record)) {
	for p.recognise(p.waiting, minScore, out) {
	}
	if over {
		p.giveUp()
	}
	for _, s := range p.streams {
		var r Record
		p.mu.Lock()
		v := s.flush(&r)
		p.tally.add(v, p.tally.lines, 0)
		p.mu.Unlock()
		if v == yes {
			out(&r)
		}
	}
}
