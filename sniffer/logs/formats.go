package logs

import "io"

// parser reads the lines of one file, in order. One goroutine.
type parser interface {
	// line reads s, which is without its line ending and never empty, into r,
	// which is zeroed. When it leaves r.Time zero, the time of the syslog prefix
	// that was peeled off, if any, is taken.
	line(s string, r *Record) verdict
}

// flusher is a parser that may hold a record back until the next line.
type flusher interface {
	// flush returns the record that is held, or nothing.
	flush(r *Record) verdict
}

// document reads a format that isn't made of lines.
type document interface {
	// next reads one record; the error, io.EOF at the end, is final.
	next(r *Record) (verdict, error)
}

// format is one kind of log. Either lines or whole is set.
type format struct {
	name  string
	title string // for users
	// score says how well the first lines (at most headLines, the last of them
	// perhaps cut) fit: 0 not at all, 100 surely. It is asked twice where lines
	// have a syslog prefix: with it and without.
	score func(head []string) int
	lines func(*env) parser
	whole func(io.Reader, *env) document
}

// formats returns all formats. Of those that score alike the first is taken, so
// the special stand before the general.
func formats() []format {
	return []format{}
}
