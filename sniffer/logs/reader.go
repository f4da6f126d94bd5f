package logs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Reader reads the records of one log. One goroutine may use it.
type Reader struct {
	name  string
	file  io.Closer // nil when New was given a reader
	close func()
	in    *blocks
	nuls  noNULs
	env   *env
	form  format
	lines *stream  // nil for a document or an empty log
	doc   document // nil for lines
	mix   *mix     // of a log of several programs: lines is the first of its streams
	tally tally

	first  string // the format that the log begins with
	change change
	err    error // final
}

// Open opens the log at path. The error of a file that is no known log wraps an
// *UnrecognisedError.
func Open(path string, o Options) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening log: %w", err) // the error names the path
	}
	end := o.Written
	if fi, err := f.Stat(); err == nil && end.IsZero() && fi.Mode().IsRegular() {
		end = fi.ModTime()
	}
	r, err := newReader(f, path, o, end)
	if err != nil {
		f.Close()
		return nil, err
	}
	r.file = f
	return r, nil
}

// New reads a log from r; name stands for it in errors.
func New(r io.Reader, name string, o Options) (*Reader, error) {
	return newReader(r, name, o, o.Written)
}

func newReader(in io.Reader, name string, o Options, end time.Time) (*Reader, error) {
	r := &Reader{name: name, env: &env{Options: o, end: end}}
	text, close, err := plain(in, &r.nuls)
	if err != nil {
		close()
		return nil, fmt.Errorf("reading log %q: %w", name, err)
	}
	r.close, r.in = close, newBlocks(text)
	r.in.reuse = true
	if err := r.choose(); err != nil {
		close()
		return nil, fmt.Errorf("reading log %q: %w", name, err)
	}
	return r, nil
}

// choose recognises the format.
func (r *Reader) choose() error {
	head := r.in.head()
	if r.in.err != nil && r.in.err != io.EOF && len(head) < 2 {
		return r.in.err // damaged before there was anything to tell it by
	}
	if strings.TrimSpace(strings.Join(head, "")) == "" && r.in.err == io.EOF {
		if r.nuls.seen {
			return errors.New("nothing but NUL bytes is in it, so it is no log: see what wrote it")
		}
		r.form, r.first = format{name: "empty"}, "empty"
		return nil
	}
	if what := foreign(head[0]); what != "" && r.env.Format == "" {
		return errors.New(what)
	}
	c, err := detect(head, r.env.format(head))
	if err == nil {
		err = checkMapping(r.env, c, head)
	} else if r.mixed(head) {
		return nil
	}
	if err != nil {
		return err
	}
	r.form, r.first = c.format, c.format.name
	if c.format.whole != nil {
		r.doc = c.format.whole(r.in.rest(), r.env)
		return nil
	}
	r.lines = newStream(c, r.env)
	r.lines.peek(head)
	return nil
}

// mixed takes a log of which no format is known for one of several programs, if
// there is one among them whose lines can be read.
func (r *Reader) mixed(head []string) bool {
	if r.env.format(head) != "" || !mixable(head) {
		return false
	}
	var f finder
	for _, line := range r.in.look(mixedLines, mixedSize) {
		f.look(line)
	}
	if r.mix = f.mix(r.env); r.mix == nil {
		return false
	}
	r.lines, r.first = r.mix.streams[0], r.mix.names[0]
	return true
}

// Format returns the name of the format that the log begins with; "empty" when it
// has no line.
func (r *Reader) Format() string { return r.first }

// Stats returns what was read so far.
func (r *Reader) Stats() Stats { return r.tally.stats(r.env) }

// Next reads the next record into rec, whose strings are good until the next
// call. It returns io.EOF at the end; any other error is final too and says in
// which line it came up. Lines that can't be
// read are no errors but counted.
func (r *Reader) Next(rec *Record) error {
	for r.err == nil {
		if r.step(rec) == yes {
			return nil
		}
	}
	return r.err
}

// step reads one line, or one entry of a document.
func (r *Reader) step(rec *Record) verdict {
	if r.doc != nil {
		v, err := r.entry(rec)
		if err != nil {
			return r.end(err, rec)
		}
		r.tally.lines++
		r.tally.add(v, r.tally.lines, 0)
		return v
	}
	if len(r.change.queue) > 0 {
		return r.again(rec)
	}
	line, off, long, err := r.in.next()
	if err != nil {
		if r.mix != nil && r.mix.flush(rec) == yes {
			r.tally.add(yes, r.tally.lines, 0)
			return yes // and comes here again
		}
		if v, ok := r.changed(rec); ok {
			return v
		}
		return r.end(err, rec)
	}
	r.tally.lines++
	v := nothing
	switch {
	case long:
		v = tooLong
	case r.mix != nil:
		v = r.mix.line(line, rec)
	case r.lines != nil:
		v = r.lines.line(line, rec)
	}
	r.tally.add(v, r.tally.lines, off)
	if v != nothing && r.mix == nil && r.change.note(v, line, r.tally.lines, off) {
		if v, ok := r.changed(rec); ok {
			return v
		}
	}
	return v
}

// entry reads one entry of a document. A parser that panicked is not asked
// again: it may stand anywhere.
func (r *Reader) entry(rec *Record) (v verdict, err error) {
	defer func() {
		if recover() != nil {
			r.tally.add(fault, r.tally.lines+1, 0)
			err = errFault
		}
	}()
	*rec = Record{}
	return r.doc.next(rec)
}

var errFault = errors.New("the reader of this format failed; please report it")

// end keeps the final error and lets go the record that was held back.
func (r *Reader) end(err error, rec *Record) verdict {
	r.err = err
	if err != io.EOF {
		r.err = fmt.Errorf("reading log %s:%d: %w", r.name, r.tally.lines+1, err)
	}
	if r.lines == nil {
		return nothing
	}
	v := r.lines.flush(rec)
	r.tally.add(v, r.tally.lines, 0)
	return v
}

// Close frees what the reader holds, and closes the file that Open opened.
func (r *Reader) Close() error {
	r.close()
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// Files returns the files at path, sorted: path itself, or all regular files
// below a directory but hidden ones. Links below a directory are not followed:
// they often lead to a file that is listed anyway.
func Files(path string) ([]string, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("looking for logs: %w", err)
	}
	if !fi.IsDir() {
		return []string{path}, nil
	}
	var out []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p != path && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.Type().IsRegular():
			out = append(out, p)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for logs: %w", err)
	}
	return out, nil
}
