package proxy

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	// holdTimeout is how long a body that we hold may stand still, and what it
	// has beyond the time that minRate gives it: memory must come back.
	holdTimeout = 30 * time.Second
	minRate     = 64 << 10 // bytes a second
	prefixBytes = 4 << 10  // of an answer, to recognise an unknown service
	firstHold   = 16 << 10
)

// holds are the first buffers of bodies: most bodies need no other, and one
// made for each was a quarter of all that a request allocated.
var holds = sync.Pool{New: func() any { return new([firstHold]byte) }}

var (
	errScanMemory = errors.New("proxy.scan_memory is used up")
	errNotWhole   = errors.New("a body that is not known whole can't be rewritten")
	errBadStatus  = errors.New("the service answered with no valid status")
	errUnasked    = errors.New("the service switched protocols without being asked")
)

// body is that of a request: it is held as far as the pipeline wants to see it,
// then sent, the rest of it streaming behind.
type body struct {
	src    io.ReadCloser // nil: none
	client client
	loan   loan          // of the scan memory
	still  time.Duration // holdTimeout
	timer  *time.Timer   // of a read of src, see allow
	timing sync.Mutex    // held by the timer while it works
	timed  bool          // guarded by timing: the timer may make a read fail

	length int64 // as told by the client, -1: not told

	wire  []byte // held, as the client sent it
	rest  bool   // more follows in src
	shown int    // bytes of wire that the pipeline has seen
	plain bool   // it was shown as it is: no content coding
	cut   bool   // it was not shown whole
	out   []byte // goes in the place of wire, when not nil
	first sender
	lent  *[firstHold]byte // of holds, nil: none

	open atomic.Int32 // senders that the transport may still read

	n       atomic.Int64 // read from the client
	reading atomic.Bool  // a sender waits for the client
	closed  atomic.Bool  // the transport is done with it
	stopped atomic.Bool  // a read was made to fail: no request can follow
}

func (b *body) init(r *http.Request, e *exchange) {
	b.loan, b.still = e.server.memory.loan(e.flow.Client), e.server.cfg.holdTimeout
	if r.Body != nil && r.Body != http.NoBody {
		b.src, b.rest, b.length = r.Body, true, r.ContentLength
		b.client = e.client
	}
}

// stop makes a read that waits for the client fail.
func (b *body) stop() {
	b.stopped.Store(true)
	b.client.SetReadDeadline(longPast)
}

func (b *body) present() bool { return b.src != nil }

// sent returns how many bytes the client has sent.
func (b *body) sent() int64 { return b.n.Load() }

// hold reads until more than most bytes or all are held. Memory grows with what
// has come, not with what a Content-Length promises. A body that comes too
// slowly gives os.ErrDeadlineExceeded.
func (b *body) hold(most int64) error {
	began := time.Now()
	defer b.allow(time.Time{})
	for b.rest && int64(len(b.wire)) <= most {
		if len(b.wire) == cap(b.wire) {
			if err := b.grow(most + 1); err != nil {
				return err
			}
		}
		now := began
		if len(b.wire) > 0 {
			now = time.Now()
		}
		b.allow(earlier(now.Add(b.still), began.Add(b.still+time.Duration(len(b.wire))*time.Second/minRate)))
		n, err := b.src.Read(b.wire[len(b.wire):min(int64(cap(b.wire)), most+1)])
		b.wire = b.wire[:len(b.wire)+n]
		b.n.Add(int64(n))
		if err == io.EOF {
			b.rest = false
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// allow has reads of src fail at t; zero: not at all.
func (b *body) allow(t time.Time) {
	switch own, ok := b.src.(interface{ allow(time.Time) }); {
	case ok:
		own.allow(t)
	case t.IsZero():
		if b.timer != nil {
			b.timer.Stop()
			b.mayExpire(false) // waits for one that works: net/http takes no deadline for a request that is over
		}
	case b.timer == nil:
		b.mayExpire(true)
		b.timer = time.AfterFunc(time.Until(t), b.expire)
	default:
		b.mayExpire(true)
		b.timer.Reset(time.Until(t))
	}
}

// mayExpire says whether the timer may make a read fail.
func (b *body) mayExpire(may bool) {
	b.timing.Lock()
	b.timed = may
	b.timing.Unlock()
}

// expire is what the timer does.
func (b *body) expire() {
	b.timing.Lock()
	defer b.timing.Unlock()
	if b.timed {
		b.stop()
	}
}

func (b *body) grow(most int64) error {
	size := int64(firstHold)
	if has := int64(cap(b.wire)); has > 0 {
		size = 2 * has
		if b.length >= size { // few steps spare copies, yet a promise alone gets no more than eight times what came
			size = min(b.length+1, 8*has+1) // one more to see the end in
		}
	}
	size = min(size, most)
	if !b.loan.take(size - int64(cap(b.wire))) {
		return errScanMemory
	}
	if b.wire == nil {
		b.lent = holds.Get().(*[firstHold]byte)
		b.wire = b.lent[:0:size]
		return nil
	}
	bigger := make([]byte, len(b.wire), size)
	copy(bigger, b.wire)
	b.giveBack()
	b.wire = bigger
	return nil
}

// giveBack returns the first buffer, emptied: prompts are secrets.
func (b *body) giveBack() {
	if b.lent != nil {
		clear(b.lent[:])
		holds.Put(b.lent)
		b.lent = nil
	}
}

// codings returns the Content-Encoding of a head, "" for none.
func codings(h http.Header) string {
	c := strings.ToLower(strings.Join(h["Content-Encoding"], ", "))
	if c == "identity" {
		return ""
	}
	return c
}

// shape returns the start of the body, decoded as far as that can be done.
func (b *body) shape(h http.Header) (plain []byte, cut bool) {
	wire := b.wire[:min(len(b.wire), traffic.ShapeBytes)]
	if c := codings(h); c != "" {
		if plain, _, _ = decode(c, wire, traffic.ShapeBytes); len(plain) == 0 {
			plain = wire // it may be no such coding
		}
		return plain, true
	}
	return wire, b.rest || len(wire) < len(b.wire)
}

// decoded returns what is held without its content coding, and whether it goes
// on behind that.
func (b *body) decoded(h http.Header, most int64) (plain []byte, cut bool, err error) {
	b.shown = min(len(b.wire), int(most))
	b.cut = b.rest || b.shown < len(b.wire)
	c := codings(h)
	if b.plain = c == ""; b.plain {
		return b.wire[:b.shown], b.cut, nil
	}
	if plain, cut, err = b.unpack(c, b.usualSize(most)); cut && err == nil {
		plain, cut, err = b.unpack(c, most)
	}
	b.cut = b.cut || cut
	if b.cut && len(plain) > 0 {
		err = nil // the end of a compressed body is missing because we did not read it
	}
	return plain, b.cut, err
}

// asItStands returns what is held with its content coding: what can't be decoded
// may be no such coding at all. What replaces it is sent as it is, too.
func (b *body) asItStands() (wire []byte, cut bool) {
	b.plain = true
	return b.wire[:b.shown], b.rest || b.shown < len(b.wire)
}

// usualSize is what a compressed text may come to: a bomb has to ask for more
// memory before it gets it.
func (b *body) usualSize(most int64) int64 {
	return min(most, 16*int64(b.shown)+traffic.ShapeBytes)
}

func (b *body) unpack(coding string, most int64) ([]byte, bool, error) {
	if !b.loan.take(most) {
		return nil, false, errScanMemory
	}
	plain, cut, err := decode(coding, b.wire[:b.shown], int(most))
	b.loan.give(most - int64(len(plain)))
	return plain, cut, err
}

// replace sends rewritten in the place of what was shown.
func (b *body) replace(r *http.Request, rewritten []byte) error {
	switch {
	case b.plain:
		b.out = append(rewritten[:len(rewritten):len(rewritten)], b.wire[b.shown:]...)
	case b.cut:
		return errNotWhole
	default:
		packed, err := encode(codings(r.Header), rewritten)
		if err != nil {
			return err
		}
		b.out = packed
	}
	if r.ContentLength >= 0 {
		r.ContentLength += int64(len(b.out) - len(b.wire))
	}
	return nil
}

// attach makes the body that of the request to send.
func (b *body) attach(r *http.Request) {
	if b.src == nil {
		return
	}
	b.first.start(b)
	r.Body = &b.first
}

// payload returns what is to be sent where that is known whole and not long,
// and nothing but the gateway has touched it.
func (b *body) payload(r *http.Request) (p []byte, whole bool) {
	if b.src == nil {
		return nil, r.ContentLength == 0 && (r.Body == nil || r.Body == http.NoBody)
	}
	if p = b.wire; b.out != nil {
		p = b.out
	}
	return p, r.Body == &b.first && !b.rest && len(p) > 0 && len(p) <= leanBodyMax && r.ContentLength == int64(len(p))
}

// rewindable lets the Transport try another connection when the first was stale.
func (b *body) rewindable(r *http.Request) {
	if b.src != nil && !b.rest {
		r.GetBody = func() (io.ReadCloser, error) { return new(sender).start(b), nil }
	}
}

// unblock ends a read that waits for the client when nobody wants the rest: the
// service has answered already. Closing the body would not do, as it waits for
// the read. The connection can't be used for another request then.
func (b *body) unblock() {
	b.closed.Store(true)
	if b.reading.Load() {
		b.stop()
	}
}

// release frees what is held.
func (b *body) release() {
	b.loan.end()
	if b.open.Load() == 0 { // else the garbage collector gets it: a sender must never see another body's bytes
		b.giveBack()
	}
	b.wire, b.out, b.lent = nil, nil, nil
}

// sender is a body as the transport reads it.
type sender struct {
	b *body

	mu   sync.Mutex // Close may come while Read waits
	held bytes.Reader
	done bool
}

func (s *sender) start(b *body) *sender {
	s.b = b
	b.open.Add(1)
	if s.held.Reset(b.wire); b.out != nil {
		s.held.Reset(b.out)
	}
	return s
}

// Read implements io.Reader.
func (s *sender) Read(p []byte) (int, error) {
	s.mu.Lock()
	n, _ := s.held.Read(p)
	s.mu.Unlock()
	if n > 0 {
		return n, nil
	}
	if !s.b.rest {
		return 0, io.EOF
	}
	s.b.reading.Store(true)
	defer s.b.reading.Store(false)
	if s.b.closed.Load() { // after reading is set: unblock sees one or the other
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := s.b.src.Read(p)
	s.b.n.Add(int64(n))
	return n, err
}

// Close implements io.Closer. What is held can be freed now, though the answer
// may stream for an hour yet.
func (s *sender) Close() error {
	s.mu.Lock()
	s.held.Reset(nil)
	if !s.done {
		s.done = true
		s.b.open.Add(-1)
	}
	s.mu.Unlock()
	s.b.unblock()
	return nil // the body itself belongs to net/http's server
}

// answerBody is the body of an answer: counted, and its start kept where it may
// tell what the service is.
type answerBody struct {
	io.ReadCloser
	e      *exchange
	n      int64
	tee    bool
	prefix []byte
}

// Read implements io.Reader.
func (a *answerBody) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	a.n += int64(n)
	if a.tee && len(a.prefix) < prefixBytes {
		a.prefix = append(a.prefix, p[:min(n, prefixBytes-len(a.prefix))]...)
	}
	if err != nil && err != io.EOF {
		a.e.broken.Store(true)
	}
	return n, err
}

// WriteTo implements io.WriterTo: io.Copy would make a buffer for each answer.
func (a *answerBody) WriteTo(w io.Writer) (total int64, err error) {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	for {
		n, err := a.Read(*buf)
		if n > 0 {
			m, werr := w.Write((*buf)[:n])
			total += int64(m)
			if werr != nil {
				return total, werr
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}
