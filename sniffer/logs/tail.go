package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Tail follows a log file across rotations. The zero value of all but Path is
// fine. One goroutine, but for the context of Run.
type Tail struct {
	Path    string
	Options Options
	// From is where an earlier Tail stopped. When the file is another one now,
	// the rest of the old one is read where it lies beside Path under a longer
	// name, then the new one from its beginning.
	From Position
	// Start begins at the start of the file, not at its end, when there is no From.
	Start bool
	// Every is how often the file is looked at; 0 means each second.
	Every time.Duration
	// Idle, when not nil, is called whenever there is nothing to read for now.
	// Position and Stats may be called from it.
	Idle func()

	file    *follow
	in      *blocks
	env     *env
	choice  choice
	stream  *stream  // nil until the format is known
	mix     *mix     // of a log of several programs: stream is the first of its streams
	finder  *finder  // looks for one in what waits; nil: a head will do
	looked  int      // how many of the lines that wait it has seen
	held    int      // their bytes
	refused error    // what a head said
	waiting []string // lines that came before it was
	waitOff int64    // where the first of them starts
	tally   tally
}

// Position says how far a log was read. It holds nothing of the log's content.
type Position struct {
	Offset int64 `json:"offset"`
	Begin  mark  `json:"begin"` // which file it is
}

// Run reads what the file has and gets, and calls each with every record, which
// is only valid until it returns. It ends with ctx, without error, or when the
// file can't be read or is no known log. A file that does not exist yet is
// waited for.
func (t *Tail) Run(ctx context.Context, each func(*Record)) error {
	if err := t.begin(); err != nil {
		return err
	}
	defer t.file.close()
	defer t.flush(each)
	every := t.Every
	if every <= 0 {
		every = time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for ctx.Err() == nil {
		err := t.step(each)
		if errors.Is(err, errQuiet) {
			if t.Idle != nil {
				t.Idle()
			}
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("following log %q: %w", t.Path, err)
		}
	}
	return nil
}

// step reads one line.
func (t *Tail) step(each func(*Record)) error {
	line, off, long, err := t.in.next()
	if err != nil {
		t.in.err = nil // to be asked again
		if errors.Is(err, errQuiet) {
			if err := t.recognise(each, false); err != nil {
				return err
			}
			t.flush(each)
		}
		return err
	}
	t.tally.lines++
	if long {
		t.tally.add(tooLong, t.tally.lines, off)
		return nil
	}
	if t.stream != nil {
		t.read(line, off, each)
		return nil
	}
	if len(t.waiting) == 0 {
		t.waitOff = off
	}
	t.waiting = append(t.waiting, line)
	return t.recognise(each, len(t.waiting) >= headLines)
}

func (t *Tail) read(line string, off int64, each func(*Record)) {
	var r Record
	var v verdict
	if t.mix != nil {
		v = t.mix.line(line, &r)
	} else {
		v = t.stream.line(line, &r)
	}
	t.tally.add(v, t.tally.lines, off)
	if v == yes {
		each(&r)
	}
}

// flush lets a record go that the parser holds back for a line that isn't there.
func (t *Tail) flush(each func(*Record)) {
	if t.stream == nil {
		return
	}
	streams := []*stream{t.stream}
	if t.mix != nil {
		streams = t.mix.streams
	}
	var r Record
	for _, s := range streams {
		v := s.flush(&r)
		t.tally.add(v, t.tally.lines, 0)
		if v == yes {
			each(&r)
		}
	}
}

// recognise tells the format by the lines that wait and reads them. must says
// that no further line is waited for.
func (t *Tail) recognise(each func(*Record), must bool) error {
	if len(t.waiting) == 0 {
		return nil
	}
	if t.finder != nil {
		return t.find(each)
	}
	c, err := detect(t.waiting, t.Options.format(t.waiting))
	var unknown *UnrecognisedError
	if errors.As(err, &unknown) && !must {
		return nil
	}
	if errors.As(err, &unknown) && t.Options.format(t.waiting) == "" && mixable(t.waiting) {
		t.finder, t.refused = new(finder), err
		return t.find(each)
	}
	if err == nil && c.format.lines == nil {
		err = fmt.Errorf("%s files don't grow: import the file instead", c.format.title)
	}
	if err != nil {
		return err
	}
	t.choice, t.stream = c, newStream(c, t.env)
	t.stream.peek(t.waiting)
	t.readWaiting(each)
	return nil
}

func (t *Tail) readWaiting(each func(*Record)) {
	for _, line := range t.waiting {
		t.read(line, 0, each)
	}
	t.waiting = nil
}

// find looks for a format that some of the lines that wait have.
func (t *Tail) find(each func(*Record)) error {
	for _, line := range t.waiting[t.looked:] {
		t.finder.look(line)
		t.held += len(line)
	}
	t.looked = len(t.waiting)
	if t.mixed(t.finder) {
		t.readWaiting(each)
		return nil
	}
	if len(t.waiting) < mixedLines && t.held < mixedSize {
		return nil
	}
	t.waiting = nil // the next attempt is for what comes after them
	return t.refused
}

// mixed takes what f has found, if anything.
func (t *Tail) mixed(f *finder) bool {
	if t.mix = f.mix(t.env); t.mix == nil {
		return false
	}
	t.stream, t.choice, t.finder = t.mix.streams[0], f.hits[0].choice, nil
	for _, h := range f.hits {
		if h.choice.format.name == t.mix.names[0] {
			t.choice = h.choice
		}
	}
	return true
}

// begin opens the file at the right place.
func (t *Tail) begin() error {
	t.env = &env{Options: t.Options}
	t.file = &follow{path: t.Path}
	t.in = newBlocks(t.file)
	err := t.file.open()
	if err != nil && !errors.Is(err, errQuiet) {
		return err
	}
	if from := t.From; from.Offset > 0 && (err != nil || !from.in(t.file.f)) {
		t.file.rotated(from)
	}
	if t.file.f == nil {
		return nil // a file to come is read from its start
	}
	off, err := t.startAt()
	if err == nil && off > 0 {
		err = t.prime(off)
	}
	if err != nil {
		t.file.close()
		return fmt.Errorf("following log %q: %w", t.Path, err)
	}
	t.file.off, t.file.base = off, -off
	if off > 0 {
		t.file.begin = markOf(t.file.f, off)
	}
	return nil
}

// startAt returns where to begin: behind a whole line.
func (t *Tail) startAt() (int64, error) {
	fi, err := t.file.f.Stat()
	if err != nil {
		return 0, err
	}
	if from := t.From; from.Offset > 0 {
		if from.in(t.file.f) {
			return from.Offset, nil
		}
		return 0, nil
	}
	if t.Start {
		return 0, nil
	}
	return lineStart(t.file.f, fi.Size())
}

// lineStart returns the start of the line that end is in.
func lineStart(f io.ReaderAt, end int64) (int64, error) {
	buf := make([]byte, 64<<10)
	for end > 0 {
		n := min(end, int64(len(buf)))
		if _, err := f.ReadAt(buf[:n], end-n); err != nil && err != io.EOF {
			return 0, err
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			return end - n + int64(i) + 1, nil
		}
		end -= n
	}
	return 0, nil
}

// prime tells the format by what stands before off, and has the parser see the
// header. What it says there was said before.
func (t *Tail) prime(off int64) error {
	head := newBlocks(io.NewSectionReader(t.file.f, 0, off)).head()
	c, err := detect(head, t.Options.format(head))
	var unknown *UnrecognisedError
	if errors.As(err, &unknown) && (len(head) < headLines || t.primeMixed(head, off)) {
		return nil // wait for more, or have it
	} else if err != nil {
		return err
	}
	if c.format.lines == nil {
		return fmt.Errorf("%s files don't grow: import the file instead", c.format.title)
	}
	t.choice, t.stream = c, newStream(c, t.env)
	var r Record
	for _, line := range head {
		t.stream.line(line, &r)
	}
	t.stream.flush(&r)
	return nil
}

// primeMixed looks for a mixture before off: at the start and just before. It
// reports whether to go on, with one or until there is one.
func (t *Tail) primeMixed(head []string, off int64) bool {
	if t.Options.format(head) != "" || !mixable(head) {
		return false
	}
	var f finder
	for _, at := range []int64{0, max(off-mixedSize, 0)} {
		for _, line := range newBlocks(io.NewSectionReader(t.file.f, at, off-at)).look(mixedSize, mixedSize) {
			f.look(line)
		}
		if t.mixed(&f) || off <= mixedSize {
			return true
		}
	}
	return t.From.Offset > 0
}

// Position returns how far the file was read: the start of the first line that
// each was not called for yet. Call it from each, or after Run.
func (t *Tail) Position() Position {
	if t.file == nil {
		return t.From
	}
	off := t.in.off + int64(t.in.pos)
	if len(t.waiting) > 0 {
		off = t.waitOff
	}
	off -= t.file.base
	if off <= 0 || t.file.f == nil { // the lines of the file before this one
		return Position{}
	}
	return Position{Offset: off, Begin: t.file.begin}
}

// Format returns the name of the log's format, "" until it is known.
func (t *Tail) Format() string { return t.choice.format.name }

// Stats returns what was read so far. Call it from each, or after Run.
func (t *Tail) Stats() Stats { return t.tally.stats(t.env) }
