package logs

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
)

// mix reads a log of several programs, as /var/log/syslog is: of some the format
// is known, the lines of all others are passed over.
type mix struct {
	env     *env
	streams []*stream
	names   []string // of their formats
	tags    []string // the program whose lines settled it
	sift    *sift
}

const (
	// sureLines is how many lines of one program settle a format in a mixture.
	sureLines = 3
	// mixedLines and mixedSize bound how far a mixture is looked at for them.
	mixedLines = 4096
	mixedSize  = 1 << 20
)

// line reads one line by the first format that can, and looks for a further
// format in what none can read.
func (m *mix) line(line string, r *Record) verdict {
	v := passed
	for i, s := range m.streams {
		got := s.line(line, r)
		if got == yes || got == nothing {
			return got
		}
		if got == fault || programOf(m.env.peeled.tag) == m.tags[i] {
			v = got // something is wrong with it
		}
	}
	if len(m.streams) >= maxStreams {
		return v
	}
	c, tag, ok := m.sift.sure(line)
	if !ok || slices.Contains(m.names, c.format.name) {
		return v
	}
	m.take(c, tag)
	if len(m.env.notes) < maxNotes {
		m.env.note("lines of other programs are read as " + c.format.name)
	}
	return m.streams[len(m.streams)-1].line(line, r)
}

func (m *mix) take(c choice, tag string) {
	m.streams = append(m.streams, newStream(c, m.env))
	m.names = append(m.names, c.format.name)
	m.tags = append(m.tags, tag)
}

// flush returns the next record that one of the parsers holds back, or nothing.
func (m *mix) flush(r *Record) verdict {
	for _, s := range m.streams {
		if v := s.flush(r); v != nothing {
			return v
		}
	}
	return nothing
}

// finder looks for the formats of a mixture, line by line.
type finder struct {
	sift  sift
	found mix // its env is a stand-in
	hits  []hit
}

// hit counts the sure lines of one program.
type hit struct {
	choice choice
	tag    string
	lines  int
}

// maxHits bounds the programs that a finder keeps in mind.
const maxHits = 64

// mixable reports whether a log may be a mixture: its lines come through syslog.
func mixable(head []string) bool {
	_, some := peelAll(head)
	return some
}

// look takes a further line.
func (f *finder) look(line string) {
	if _, _, ok := peel(line); !ok || len(f.found.streams) >= maxStreams {
		return
	}
	if f.found.env == nil {
		f.found.env = &env{}
	}
	var r Record
	for _, s := range f.found.streams {
		if v := s.line(line, &r); v == yes || v == nothing {
			return
		}
	}
	c, tag, ok := f.sift.sure(line)
	if !ok || !c.peel || slices.Contains(f.found.names, c.format.name) {
		return
	}
	i := slices.IndexFunc(f.hits, func(h hit) bool { return h.choice.format.name == c.format.name && h.tag == tag })
	if i < 0 {
		if len(f.hits) == maxHits {
			return
		}
		i = len(f.hits)
		f.hits = append(f.hits, hit{choice: c, tag: strings.Clone(tag)})
	}
	if f.hits[i].lines++; f.hits[i].lines == sureLines {
		f.found.take(c, f.hits[i].tag)
		f.hits[i].choice = c
	}
}

// mix returns what reads the mixture, nil when no format was found.
func (f *finder) mix(e *env) *mix {
	if len(f.found.names) == 0 {
		return nil
	}
	m := &mix{env: e, sift: &f.sift}
	for _, name := range f.found.names {
		i := slices.IndexFunc(f.hits, func(h hit) bool { return h.choice.format.name == name && h.lines >= sureLines })
		m.take(f.hits[i].choice, f.hits[i].tag)
	}
	e.note(fmt.Sprintf("lines of several programs are in it: those of %s are read, all others passed over", strings.Join(m.names, ", ")))
	return m
}

// sift tells lines that are surely of some format from many that are of none. To
// try a line costs far more than to read one, so of lines that begin alike the
// first few are tried, then few of all: a format of which lines go on to come is
// found whatever comes between them.
type sift struct {
	tried [sieve]uint64 // hash of a beginning, its last two bits count the attempts
	spent int           // what attempts cost that lines did not yet pay
	seed  maphash.Seed
	all   []format
}

const (
	sieve = 256
	// tryCost is how many lines pay for an attempt; maxSpent bounds what may be
	// owed.
	tryCost, maxSpent = 16, 1024
	// likeTries is how many lines that begin alike are tried at once.
	likeTries = 3
)

// sure returns the format of a line that alone tells a record of it.
func (s *sift) sure(line string) (c choice, tag string, ok bool) {
	s.spent = max(s.spent-1, 0)
	if s.all == nil {
		s.all, s.seed = formats(), maphash.MakeSeed()
	}
	msg, p, peeled := peel(line)
	tag = programOf(p.tag)
	slot, worth := s.worth(tag, msg)
	if !worth {
		return c, tag, false
	}
	s.spent += tryCost
	if c, ok = s.try(line, msg, peeled); ok {
		*slot &^= 3 // the next is worth it too
		s.spent -= tryCost
	}
	return c, tag, ok
}

// worth reports whether a line is worth an attempt.
func (s *sift) worth(tag, msg string) (slot *uint64, ok bool) {
	h := s.begins(tag, msg)
	slot = &s.tried[h>>2%sieve]
	switch known := *slot&^3 == h&^3; {
	case s.spent == 0 && known && *slot&3 == likeTries:
		return slot, true
	case s.spent+tryCost > maxSpent:
		return slot, false
	case !known:
		*slot = h&^3 | 1
	case *slot&3 < likeTries:
		*slot++
	default:
		return slot, false
	}
	return slot, true
}

// begins hashes the program and how its message begins, digits aside.
func (s *sift) begins(tag, msg string) uint64 {
	var buf [32]byte
	b := buf[:0]
	for i := 0; i < len(msg) && len(b) < len(buf) && msg[i] != ' '; i++ {
		if msg[i]-'0' > 9 {
			b = append(b, msg[i])
		}
	}
	return maphash.String(s.seed, tag) ^ 31*maphash.Bytes(s.seed, b)
}

func (s *sift) try(line, msg string, peeled bool) (best choice, ok bool) {
	for _, f := range s.all {
		if f.lines == nil {
			continue
		}
		c := choice{format: f, score: f.fit([]string{line})}
		if peeled {
			if n := f.fit([]string{msg}); n > c.score {
				c.score, c.peel = n, true
			}
		}
		if c.score > best.score {
			best = c
		}
	}
	return best, best.score >= sureScore && best.tells(line)
}

// tells reports whether a line alone makes a record.
func (c choice) tells(line string) bool {
	var r Record
	s := newStream(c, &env{})
	return s.line(line, &r) == yes || s.flush(&r) == yes
}

// programOf returns the name in a tag, without the process.
func programOf(tag string) string {
	if i := strings.IndexByte(tag, '['); i >= 0 {
		return tag[:i]
	}
	return strings.TrimSuffix(tag, ":")
}
