package redis

import (
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// sum is a figure as Redis has it: a Tally, or a UsageTally when wide.
type sum struct {
	n, up, down                                    int64
	first, last                                    int64 // Unix milliseconds
	wide                                           bool
	findings, altered, blocked, sensitive, handled int64
}

func sumOf(t *inventory.Tally) sum {
	return sum{n: t.N, up: t.Up, down: t.Down, first: t.First.UnixMilli(), last: t.Last.UnixMilli()}
}

func sumOfUsage(u *inventory.UsageTally) sum {
	s := sumOf(&u.Tally)
	s.wide = true
	s.findings, s.altered, s.blocked, s.sensitive, s.handled = u.Findings, u.Altered, u.Blocked, u.Sensitive, u.Handled
	return s
}

// add adds o; an empty s becomes o.
func (s *sum) add(o sum) {
	if *s == (sum{}) {
		*s = o
		return
	}
	s.n, s.up, s.down = s.n+o.n, s.up+o.up, s.down+o.down
	s.first, s.last = min(s.first, o.first), max(s.last, o.last)
	s.findings, s.altered, s.blocked = s.findings+o.findings, s.altered+o.altered, s.blocked+o.blocked
	s.sensitive, s.handled = s.sensitive+o.sensitive, s.handled+o.handled
}

func (s *sum) text() string {
	w := make(writer, 0, 48)
	s.write(&w)
	return string(w)
}

func (s *sum) write(w *writer) {
	w.int(s.n)
	w.int(s.up)
	w.int(s.down)
	w.int(s.first)
	w.int(s.last - s.first)
	if s.wide {
		w.int(s.findings)
		w.int(s.altered)
		w.int(s.blocked)
		w.int(s.sensitive)
		w.int(s.handled)
	}
}

func (s *sum) read(r *reader) {
	s.n, s.up, s.down, s.first = r.int(), r.int(), r.int(), r.int()
	s.last = s.first + r.int()
}

func parseSum(text string) (s sum, err error) {
	r := reader{rest: text}
	s.read(&r)
	if s.wide = r.rest != ""; s.wide {
		s.findings, s.altered, s.blocked, s.sensitive, s.handled = r.int(), r.int(), r.int(), r.int(), r.int()
	}
	return s, r.err()
}

func (s *sum) tally() inventory.Tally {
	return inventory.Tally{N: s.n, Up: s.up, Down: s.down, First: at(s.first), Last: at(s.last)}
}

func (s *sum) usage() inventory.UsageTally {
	return inventory.UsageTally{
		Tally: s.tally(), Findings: s.findings, Altered: s.altered, Blocked: s.blocked, Sensitive: s.sensitive, Handled: s.handled,
	}
}

func (s *sum) use(name string) inventory.Use {
	return inventory.Use{Name: name, Requests: s.n, Up: s.up, Down: s.down, FirstSeen: at(s.first), LastSeen: at(s.last)}
}

// fieldOf joins texts to the name of a field.
func fieldOf(texts ...string) string {
	var w writer
	for _, t := range texts {
		w.text(t)
	}
	return string(w)
}

// parseField takes such a name apart.
func parseField(field string, texts ...*string) error {
	r := reader{rest: field}
	for _, t := range texts {
		*t = r.text()
	}
	return r.err()
}

// millis returns t as Redis has it.
func millis(t time.Time) int64 { return t.UnixMilli() }
