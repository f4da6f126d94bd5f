package logs

import "time"

// stream makes records of the lines of one log, wherever they come from: a
// file, its growing end, or a syslog sender. One goroutine.
type stream struct {
	env    *env
	parser parser
	peel   bool // lines have a syslog prefix
}

// newStream starts a log of the format that detect chose.
func newStream(c choice, e *env) *stream {
	return &stream{env: e, parser: c.format.lines(e), peel: c.peel}
}

// peek looks at lines that are read later, the last of which may be cut.
func (s *stream) peek(head []string) {
	defer func() { _ = recover() }() // hostile lines: then nothing is learned
	p, ok := s.parser.(peeker)
	if !ok {
		return
	}
	for _, line := range head {
		if s.peel {
			line, _, _ = peel(line)
		}
		p.peek(line)
	}
}

// line reads one line, without its ending, into r. It survives what the line
// does to the parser.
func (s *stream) line(line string, r *Record) (v verdict) {
	defer func() {
		if recover() != nil {
			v = fault
		}
	}()
	*r = Record{}
	if s.peel {
		line, s.env.peeled, _ = peel(line)
	}
	if line == "" {
		return nothing
	}
	v = s.parser.line(line, r)
	if v == yes && s.peel && r.Time.IsZero() {
		r.Time = s.env.peeled.time(s.env)
	}
	if v == yes && s.env.tooLate(r.Time) {
		return badTime
	}
	if v == yes && r.Status == 407 && r.Kind == KindHTTP {
		return nothing // a proxy asks who it is; the request comes again
	}
	if r.Status == 403 && r.Method == "CONNECT" { // nobody but the proxy answers that
		r.Blocked = true
	}
	return v
}

// flush returns the record that the parser holds back, or nothing.
func (s *stream) flush(r *Record) verdict {
	*r = Record{}
	if f, ok := s.parser.(flusher); ok {
		v := f.flush(r)
		if v == yes && s.env.tooLate(r.Time) {
			return badTime
		}
		return v
	}
	return nothing
}

// tally counts what came of the lines of one log.
type tally struct {
	lines, records int64
	skipped        [verdicts]int64
	examples       []Example
}

// maxExamples is how many unreadable lines are told one by one.
const maxExamples = 10

// add counts one line; a line that only let a held record go counts too.
func (t *tally) add(v verdict, line, off int64) {
	switch {
	case v == yes:
		t.records++
	case v != nothing:
		t.skipped[v]++
		if v != passed && len(t.examples) < maxExamples { // of those that are passed over, nothing is wrong with any
			t.examples = append(t.examples, Example{Line: line, Offset: off, Reason: v.reason()})
		}
	}
}

func (t *tally) stats(e *env) Stats {
	st := Stats{Lines: t.lines, Records: t.records, Skipped: make(map[Reason]int64),
		Examples: append([]Example(nil), t.examples...), Notes: append([]string(nil), e.notes...)}
	for v, n := range t.skipped {
		if n > 0 {
			st.Skipped[verdict(v).reason()] += n
		}
	}
	return st
}

// stampTime returns the time of the current line's syslog prefix, zero for none.
func (e *env) stampTime() time.Time { return e.peeled.time(e) }
