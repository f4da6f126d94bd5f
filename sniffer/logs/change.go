package logs

import (
	"fmt"
	"slices"
	"strings"
)

// change notices that another log begins: logs that were put together, as by
// zcat, or through one pipe. Lines that can't be read are kept until there are
// enough of them to recognise a format by, and read again when it is another.
type change struct {
	strange []strangeLine // since the last line that was read
	size    int           // of their text
	tried   int           // how often that was no other format
	queue   []strangeLine // to be read again
}

// strangeLine is a copy of a line that could not be read.
type strangeLine struct {
	text    string
	line    int64
	off     int64
	verdict verdict
}

const (
	// maxChangeTries bounds what a log of nothing but damage costs.
	maxChangeTries = 16
	// minChange is how many lines make a log, and minChangeScore how surely.
	minChange      = 2
	minChangeScore = 90
)

// note takes what became of a line and reports whether it is time to look for
// another format.
func (c *change) note(v verdict, text string, line, off int64) bool {
	switch {
	case v == yes:
		if len(c.strange) > 0 {
			c.strange, c.size = c.strange[:0], 0
		}
		return false
	case v == nothing || v == tooLong || v == fault || c.tried >= maxChangeTries:
		return false
	case len(c.strange) < headLines && c.size < maxLine:
		c.strange = append(c.strange, strangeLine{strings.Clone(text), line, off, v})
		c.size += len(text)
		return len(c.strange) == headLines || c.size >= maxLine
	}
	return false
}

// other returns the format that the strange lines have, if it is another.
func (c *change) other(now string) (next choice, ok bool) {
	if len(c.strange) < minChange || c.tried >= maxChangeTries {
		return next, false
	}
	c.tried++
	head := make([]string, len(c.strange))
	for i := range c.strange {
		head[i] = c.strange[i].text
	}
	next, err := detect(head, "")
	general := slices.Contains([]string{"csv", "json", "pairs"}, next.format.name) // hardly any text is none of them
	return next, err == nil && next.score >= minChangeScore && next.format.lines != nil && next.format.name != now && !general
}

// changed goes over to the format of the strange lines, which are read again. rec
// gets what the parser of the lines before them held back.
func (r *Reader) changed(rec *Record) (v verdict, ok bool) {
	if r.lines == nil || r.mix != nil || r.env.Format != "" {
		return nothing, false
	}
	next, ok := r.change.other(r.form.name)
	if !ok {
		return nothing, false
	}
	v = r.lines.flush(rec)
	r.tally.add(v, r.tally.lines, 0)
	r.form = next.format
	r.lines = newStream(next, r.env)
	for _, s := range r.change.strange {
		r.lines.peek([]string{s.text})
	}
	first := r.change.strange[0].line
	for _, s := range r.change.strange {
		r.tally.skipped[s.verdict]--
	}
	r.tally.examples = slices.DeleteFunc(r.tally.examples, func(e Example) bool { return e.Line >= first && e.Reason != ReasonTooLong && e.Reason != ReasonFault })
	if len(r.env.notes) < maxNotes {
		r.env.note(fmt.Sprintf("from line %d on it is read as %s: several logs are in it", first, next.format.name))
	}
	r.change.queue, r.change.strange, r.change.size = r.change.strange, nil, 0
	return v, true
}

// again reads the first line that waits to be read again.
func (r *Reader) again(rec *Record) verdict {
	s := r.change.queue[0]
	r.change.queue = r.change.queue[1:]
	v := r.lines.line(s.text, rec)
	r.tally.add(v, s.line, s.off)
	return v
}
