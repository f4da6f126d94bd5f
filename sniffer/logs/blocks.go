package logs

import (
	"bytes"
	"io"
	"unsafe"
)

const (
	// blockSize is what is read at a time; lines are cut out of it in place.
	blockSize = 256 << 10
	// firstBlock is smaller: many logs are.
	firstBlock = 64 << 10
	// maxLine bounds what one line can make us hold. The longest honest lines
	// are JSON with a whole certificate chain or message in them.
	maxLine = 1 << 20
	// headLines is how many lines a format is recognised by.
	headLines = 50
)

// blocks cuts a stream into lines. A block is filled once and never written
// again, so a line is a string over it, and lives as long as anyone keeps it.
// Where reuse is set there is one block only, and a line lives until the next.
type blocks struct {
	r     io.Reader
	buf   []byte // buf[:n] is read
	n     int
	pos   int   // where the next line starts
	off   int64 // of buf[0] in the stream
	err   error // of r, once what was read before it is used up
	reuse bool
}

func newBlocks(r io.Reader) *blocks {
	return &blocks{r: r, buf: make([]byte, firstBlock)}
}

// head returns the first lines, without moving on; the last one may be cut. It
// waits for no more than it needs, as the stream may be live.
func (b *blocks) head() []string {
	for b.err == nil && b.n < len(b.buf) && bytes.Count(b.buf[:b.n], newline) < headLines {
		b.read()
	}
	return b.begin(headLines)
}

// look returns as many lines, of no more than size bytes, as head does. It is for
// before the first line was taken.
func (b *blocks) look(lines, size int) []string {
	if len(b.buf) < size {
		buf := make([]byte, size)
		copy(buf, b.buf[:b.n])
		b.buf = buf
	}
	for seen := bytes.Count(b.buf[:b.n], newline); b.err == nil && b.n < len(b.buf) && seen < lines; {
		n := b.n
		b.read()
		seen += bytes.Count(b.buf[n:b.n], newline)
	}
	return b.begin(lines)
}

// begin cuts at most so many lines off the start of what is read.
func (b *blocks) begin(most int) (lines []string) {
	for s := b.str(0, b.n); s != "" && len(lines) < most; {
		line := s
		if i := bytes.IndexByte(unsafe.Slice(unsafe.StringData(s), len(s)), '\n'); i >= 0 {
			line, s = s[:i], s[i+1:]
		} else {
			s = ""
		}
		lines = append(lines, trimEnd(line))
	}
	return lines
}

var newline = []byte{'\n'}

// next returns the next line without its ending, and the offset of its first
// byte. long means that the line was longer than maxLine and skipped. After an
// error other than io.EOF what was read of the last line is dropped: a number
// cut short would look like one.
func (b *blocks) next() (line string, off int64, long bool, err error) {
	for seen := b.pos; ; {
		if i := bytes.IndexByte(b.buf[seen:b.n], '\n'); i >= 0 {
			line, off = b.str(b.pos, seen+i), b.off+int64(b.pos)
			b.pos = seen + i + 1
			return trimEnd(line), off, false, nil
		}
		if b.err != nil {
			return b.last()
		}
		if b.n-b.pos > maxLine {
			off = b.off + int64(b.pos)
			b.skip()
			return "", off, true, nil
		}
		before := b.n - b.pos
		b.more()
		seen = b.pos + before
	}
}

// last returns the line that has no ending.
func (b *blocks) last() (line string, off int64, long bool, err error) {
	if b.err != io.EOF || b.pos == b.n {
		return "", b.off + int64(b.pos), false, b.err
	}
	line, off = b.str(b.pos, b.n), b.off+int64(b.pos)
	b.pos = b.n
	return trimEnd(line), off, false, nil
}

// more reads on, into a new block when this one is full.
func (b *blocks) more() {
	if b.n == len(b.buf) {
		size, left := blockSize, b.buf[b.pos:b.n]
		for size < 2*len(left) {
			size *= 2
		}
		buf := b.buf
		if !b.reuse || len(buf) != size {
			buf = make([]byte, size)
		}
		b.n = copy(buf, left)
		b.off += int64(b.pos)
		b.buf, b.pos = buf, 0
	}
	b.read()
}

// skip moves behind the end of the line that b.pos is in.
func (b *blocks) skip() {
	b.off += int64(b.n)
	if !b.reuse {
		b.buf = make([]byte, blockSize)
	}
	b.n, b.pos = 0, 0
	for b.err == nil {
		b.read()
		if i := bytes.IndexByte(b.buf[:b.n], '\n'); i >= 0 {
			b.pos = i + 1
			return
		}
		b.off += int64(b.n)
		b.n = 0 // nothing of this block was handed out: it may be used again
	}
}

// read fills the block by one Read. A reader that gives nothing again and again
// is broken.
func (b *blocks) read() {
	for range 100 {
		n, err := b.r.Read(b.buf[b.n:])
		if n < 0 || n > len(b.buf)-b.n {
			n, err = 0, io.ErrNoProgress
		}
		b.n += n
		b.err = err
		if n > 0 || err != nil {
			return
		}
	}
	b.err = io.ErrNoProgress
}

// rest returns what was not cut into lines: the block's, then the stream's.
func (b *blocks) rest() io.Reader {
	left := bytes.NewReader(b.buf[b.pos:b.n])
	if b.err != nil {
		return io.MultiReader(left, failed{b.err})
	}
	return io.MultiReader(left, b.r)
}

// failed is a reader at its end.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// str returns buf[from:to] as a string without copying it.
func (b *blocks) str(from, to int) string {
	if from == to {
		return ""
	}
	return unsafe.String(&b.buf[from], to-from)
}

func trimEnd(line string) string {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}
