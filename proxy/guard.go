package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// maxGuardedHead is how much of a head the guard holds. It lies above the
// MaxHeaderBytes of our servers (and the 4 KiB that net/http adds to it), so
// that they answer 431 to what is too long.
const maxGuardedHead = 72 << 10

// maxChunkLine bounds the line before a chunk: its size and extensions, which
// nobody uses but to hide a second reading of the size.
const maxChunkLine = 256

// headGuard is a net.Conn under a net/http server. Its Read follows the
// HTTP/1.1 framing of what the client sends and stops what two parsers could
// read differently: see guardedHead for the rules. It is stricter than net/http
// on purpose, as the request goes on to servers that are not.
//
// Only whole heads, chunk lines and trailers are passed on, each after it has
// been checked. A bad one is replaced by bytes that net/http answers with 400
// and a closed connection; no byte of it reaches the handler. Bodies are passed
// on as they come, in the reader's own buffer, at the cost of a counter.
//
// After CONNECT, or a request with an Upgrade field and no body, what follows
// depends on the answer, which the guard sees in Write: 200 or 101 ends its
// work and everything is passed raw, any other answer makes the next bytes a
// head again. Until there is an answer, Read passes one byte at a time: that is
// what net/http's background read may take (it looks for a client that hangs
// up), and one byte alone can't become an unchecked request. So a hijacker that
// wants to read must first answer, or else read through Read: bytes that the
// client sent ahead are held here and not in the connection below. See detach.
//
// Read and Write may be called concurrently with each other.
type headGuard struct {
	net.Conn

	// The fields down to err belong to the reader.
	state guardState
	left  int64       // bytes of body or chunk to come
	head  guardedHead // under way
	blank bool        // an empty line before the head has been dropped
	heads int         // passed, for tests

	// buf holds what was read and can't be passed on yet. Bytes before out
	// have been passed, those before ok may be, those before at are parsed and
	// those before seen have no line end.
	buf               []byte
	out, ok, at, seen int
	err               error // to be returned when buf is empty
	denied            int   // bytes of poison that have been passed

	// calledOff is set while net/http ends its background read by a deadline.
	calledOff atomic.Bool

	// disagreed is set for good once a Host was not that of an absolute target.
	disagreed atomic.Bool

	connect bool         // the answer that is awaited is one to CONNECT
	await   atomic.Bool  // Write looks for an answer
	answer  atomic.Int32 // what it found
	status  []byte       // of Write: the start of a status line
}

type guardState uint8

const (
	atHead     guardState = iota // at the start of a head or in it
	inBody                       // in a body of known length
	atChunk                      // at the line before a chunk
	inChunk                      // in the data of a chunk
	afterChunk                   // at the line end behind the data
	inTrailer                    // in the lines behind the last chunk
	switching                    // behind a head that may change the protocol, which is not passed yet
	pending                      // behind such a head, waiting for the answer
	raw                          // not HTTP any more
	tooLong                      // in a head without end
	refused                      // behind something bad
)

// The answers to a request that may change the protocol.
const (
	noAnswer int32 = iota
	accepted
	declined
)

// poison is malformed wherever it is read: as a request line, a header, a chunk
// size or the end of a chunk.
const poison = "!\r\n\r\n"

func newHeadGuard(c net.Conn) net.Conn { return &headGuard{Conn: c} }

// NetConn returns the connection below. Reading from it loses what the guard
// holds: see detach.
func (g *headGuard) NetConn() net.Conn { return g.Conn }

// detach ends the guard's work on a hijacked connection and returns the
// connection below with the bytes that were read from it and not passed on.
// The guard must not be used afterwards.
func (g *headGuard) detach() (net.Conn, []byte) {
	held := g.buf[g.out:]
	g.buf = nil
	return g.Conn, held
}

// CloseWrite ends the writing side where the connection below can.
func (g *headGuard) CloseWrite() error {
	if c, ok := g.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Read implements net.Conn.
func (g *headGuard) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return g.Conn.Read(p)
	}
	for {
		if g.state == pending {
			g.settle()
		}
		if n := g.deliver(p); n > 0 {
			return n, nil
		}
		switch {
		case g.state == switching: // alone in buf by now
			g.scan()
			continue
		case g.state == refused:
			return g.deny(p)
		case g.state == tooLong: // a head that never ends, for net/http to measure
			for i := range p {
				p[i] = 'x'
			}
			return len(p), nil
		case g.err != nil:
			err := g.err
			g.err = nil
			return 0, err
		}
		if n, err := g.fill(p); n > 0 || err != nil {
			g.late(err)
			return n, err
		}
	}
}

// late ends what is read where a body, or a part of it, did not come in time:
// whoever reads on after that would take the rest of it for a next request. A
// background read is no read of a body, though it may stand in the one of a
// request that was sent ahead.
func (g *headGuard) late(err error) {
	switch g.state {
	case inBody, atChunk, inChunk, afterChunk, inTrailer:
		if errors.Is(err, os.ErrDeadlineExceeded) && !g.calledOff.Load() {
			g.state, g.denied = refused, len(poison)
		}
	}
}

// longPast is the deadline that makes reads of a body fail at once.
var longPast = time.Unix(2, 0)

// SetReadDeadline implements net.Conn. Net/http calls its background read off by
// a deadline just behind 1970, and takes that back when the read has ended.
func (g *headGuard) SetReadDeadline(t time.Time) error {
	g.calledOff.Store(!t.IsZero() && t.Before(longPast))
	return g.Conn.SetReadDeadline(t)
}

// deny passes the poison, then the end.
func (g *headGuard) deny(p []byte) (int, error) {
	n := copy(p, poison[g.denied:])
	g.denied += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// deliver passes on what may be of buf.
func (g *headGuard) deliver(p []byte) int {
	end := g.ok
	switch {
	case g.state == raw:
		end = len(g.buf)
	case g.state == pending && g.out >= g.ok: // the head is out
		end = len(g.buf)
		p = p[:1]
	}
	if g.out >= end {
		return 0
	}
	n := copy(p, g.buf[g.out:end])
	g.out += n
	switch {
	case g.state == pending: // buf stays: what follows the head may be read as a head yet
		if g.out == g.ok {
			g.await.Store(true)
		}
	case g.out == len(g.buf):
		g.buf, g.out, g.ok, g.at, g.seen = g.reusable(), 0, 0, 0, 0
	case g.state != raw:
		g.buf = g.buf[:copy(g.buf, g.buf[g.out:])]
		g.ok, g.at, g.seen = g.ok-g.out, g.at-g.out, max(g.seen-g.out, 0)
		g.out = 0
	}
	return n
}

// reusable keeps a small buffer within a message, whose chunk lines will need
// it again, and none between messages, where connections idle.
func (g *headGuard) reusable() []byte {
	if g.state == atHead || g.state == raw || cap(g.buf) > 8<<10 {
		return nil
	}
	return g.buf[:0]
}

// fill reads from the connection. Where nothing is held, it reads into p and
// returns how much of that may stay there.
func (g *headGuard) fill(p []byte) (int, error) {
	switch {
	case g.state == raw && len(g.buf) == 0:
		return g.Conn.Read(p)
	case g.state == pending:
		n, err := g.Conn.Read(p[:1])
		if n > 0 {
			g.buf = append(g.buf, p[0])
			g.out = len(g.buf)
		}
		return n, err
	case len(g.buf) > 0:
		return 0, g.fillBuf()
	}
	n, err := g.Conn.Read(p)
	if n > 0 && err != nil {
		g.err, err = err, nil
	}
	if n == 0 {
		return 0, err
	}
	own := g.buf[:0]
	g.buf = p[:n]
	g.scan()
	n = g.ok
	g.buf = append(own, g.buf[n:]...)
	g.ok, g.at, g.seen = 0, g.at-n, max(g.seen-n, 0)
	if g.state == pending { // its head was passed whole by this very read
		g.await.Store(true)
	}
	return n, err
}

// fillBuf reads more of what is held.
func (g *headGuard) fillBuf() error {
	if free := cap(g.buf) - len(g.buf); free < 512 {
		bigger := make([]byte, len(g.buf), max(2*cap(g.buf), 4<<10))
		copy(bigger, g.buf)
		g.buf = bigger
	}
	n, err := g.Conn.Read(g.buf[len(g.buf):cap(g.buf)])
	g.buf = g.buf[:len(g.buf)+n]
	if n > 0 {
		if err != nil {
			g.err = err
		}
		g.scan()
		return nil
	}
	return err
}

// settle acts on the answer to a request that might have changed the protocol.
func (g *headGuard) settle() {
	switch g.answer.Load() {
	case accepted:
		g.state = raw
	case declined:
		g.state = atHead
		g.answer.Store(noAnswer)
		// What went ahead of the answer is the start of the next head: it stays
		// in buf, already passed, so that the head is checked as a whole.
		out := g.out - g.ok
		g.buf = g.buf[g.ok:]
		g.out, g.ok, g.at, g.seen = out, 0, 0, 0
		g.scan()
	}
}

// scan parses what is new in buf.
func (g *headGuard) scan() {
	for {
		switch g.state {
		case inBody, inChunk:
			k := min(g.left, int64(len(g.buf)-g.at))
			g.left -= k
			g.at += int(k)
			g.ok = g.at
			if g.left > 0 {
				return
			}
			if g.state == inChunk {
				g.state = afterChunk
			} else {
				g.state = atHead
			}
		case switching:
			if g.ok > 0 { // first the rest of the request before it
				return
			}
			g.ok = g.at
			g.state = pending
			return
		case atHead, atChunk, afterChunk, inTrailer:
			if !g.line() {
				return
			}
		default:
			return
		}
	}
}

// line parses one line and reports whether there was one.
func (g *headGuard) line() bool {
	if g.state == atHead && g.at == g.ok && !g.blank && g.at < len(g.buf) && g.buf[g.at] == '\r' {
		return g.dropBlank()
	}
	from := max(g.at, g.seen)
	i := bytes.IndexByte(g.buf[from:], '\n')
	if i < 0 {
		g.seen = len(g.buf)
		g.fits(len(g.buf))
		return false
	}
	line := g.buf[g.at : from+i]
	g.at = from + i + 1
	g.seen = g.at
	if !g.fits(g.at) {
		return false
	}
	good := false
	if n := len(line) - 1; n >= 0 && line[n] == '\r' { // RFC 9112, section 2.2: a bare LF is no line end here
		good = g.parse(line[:n])
	}
	if !good {
		g.refuse()
	}
	return good
}

// dropBlank drops the one empty line that RFC 9112, section 2.2, wants ignored
// before a request: net/http would take it for the request line.
func (g *headGuard) dropBlank() bool {
	if g.at+1 >= len(g.buf) {
		return false
	}
	if g.buf[g.at+1] != '\n' || g.out > g.ok { // or its first byte went ahead
		g.refuse()
		return false
	}
	g.buf = g.buf[:g.at+copy(g.buf[g.at:], g.buf[g.at+2:])]
	g.blank = true
	g.seen = g.at
	return true
}

// fits reports whether what is held, up to end, may be as long as it is; if
// not, it ends it.
func (g *headGuard) fits(end int) bool {
	held := end - g.ok
	switch g.state {
	case atHead:
		if held > maxGuardedHead {
			g.state = tooLong
			g.ok, g.at, g.seen, g.buf = end, end, end, g.buf[:end]
			return false
		}
	case inTrailer:
		if held > maxGuardedHead {
			g.refuse()
			return false
		}
	case atChunk, afterChunk:
		if held > maxChunkLine {
			g.refuse()
			return false
		}
	}
	return true
}

// refuse drops everything that is not passed on yet.
func (g *headGuard) refuse() {
	g.state = refused
	end := max(g.ok, g.out)
	g.ok, g.at, g.seen, g.buf = end, end, end, g.buf[:end]
}

// parse checks one line, without its end, and moves on.
func (g *headGuard) parse(line []byte) bool {
	switch g.state {
	case atHead:
		if len(line) > 0 || g.head.lines == 0 {
			return g.head.add(line)
		}
		if !g.head.complete() {
			return false
		}
		g.beginMessage()
	case atChunk:
		n, ok := chunkSize(line)
		if !ok {
			return false
		}
		g.ok = g.at
		g.state, g.left = inChunk, n
		if n == 0 {
			g.state = inTrailer
		}
	case afterChunk:
		if len(line) > 0 {
			return false
		}
		g.ok = g.at
		g.state = atChunk
	case inTrailer:
		if len(line) == 0 {
			g.ok = g.at
			g.state = atHead
			return true
		}
		name, _, ok := splitField(line)
		return ok && !framing(name)
	}
	return true
}

// beginMessage acts on a complete, good head.
func (g *headGuard) beginMessage() {
	h := g.head
	g.head = guardedHead{}
	g.heads++
	if h.disagree {
		g.disagreed.Store(true)
	}
	g.blank = false
	switch {
	case h.connect || h.upgrade && !h.chunked && h.length <= 0:
		g.connect = h.connect
		g.state = switching // keeps ok: the head is not to share a read with what is before it
		return
	case h.chunked:
		g.state = atChunk
	case h.length > 0:
		g.state, g.left = inBody, h.length
	default:
		g.state = atHead
	}
	g.ok = g.at
}
