package proxy

import (
	"bufio"
	"container/list"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"time"
)

var (
	errLongHead  = errors.New("the head of the answer is too long")
	errBodyEnded = errors.New("the body of the answer is closed")
)

// leanInline is what the buffers of a socket take at once, however little the
// peer reads. A longer request is written beside the reading of the answer, as
// a service may answer and never read the rest.
const leanInline = 16 << 10

// leanConn is a connection to a service. It belongs to one request at a time,
// or to the pool.
type leanConn struct {
	pool *idlePool
	to   leanTarget
	sock *peekConn
	conn net.Conn // sock, or TLS over it
	br   *bufio.Reader
	end  func() // close, as context.AfterFunc wants it

	used  bool      // an answer has come over it
	heard bool      // a byte of the present answer has come
	sent  int       // bytes of the present request that are out
	limit int64     // bytes of answer that may yet be read
	wrote chan sent // by the writer that works beside, nil: none

	since time.Time // idle, of the pool
	age   *list.Element
}

// sent is how a write ended.
type sent struct {
	n   int
	err error
}

func newLeanConn(p *idlePool, to leanTarget, sock *peekConn, conn net.Conn) *leanConn {
	c := &leanConn{pool: p, to: to, sock: sock, conn: conn}
	c.br = bufio.NewReaderSize(c, 8<<10)
	c.end = c.close
	return c
}

// close ends the connection, whatever it waits for.
func (c *leanConn) close() { c.conn.Close() }

// stands reports whether an idle connection can take a request: the service
// has neither closed it nor said anything unasked. It does not wait.
func (c *leanConn) stands() bool {
	c.sock.peeking, c.sock.heard = true, false
	var b [1]byte
	n, err := c.conn.Read(b[:])
	c.sock.peeking = false
	return n == 0 && err == os.ErrDeadlineExceeded && !c.sock.heard && c.sock.mark.whole()
}

// mayRepeat reports whether a request that failed here may be sent over another
// connection.
func (c *leanConn) mayRepeat(r *http.Request, wire *wireRequest) bool {
	return c.used && !c.heard && wire.b != nil && r.Context().Err() == nil && (c.sent == 0 || repeatable(r.Method))
}

// repeatable reports whether sending a request twice does no harm (RFC 9110,
// section 9.2.1).
func repeatable(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// Read implements io.Reader for br.
func (c *leanConn) Read(p []byte) (int, error) {
	if c.limit <= 0 {
		return 0, errLongHead
	}
	n, err := c.conn.Read(p[:min(int64(len(p)), c.limit)])
	c.limit -= int64(n)
	c.heard = c.heard || n > 0
	return n, err
}

// roundTrip sends a request and reads the head of its answer. On an error the
// connection is closed.
func (c *leanConn) roundTrip(r *http.Request, wire *wireRequest, back *leanBody) (*http.Response, error) {
	back.bind(r.Context(), c)
	failed := c.send(wire)
	if failed == nil && !repeatable(r.Method) {
		wire.free() // now, as an answer may take minutes
	}
	resp, err := c.head(r, back)
	if err != nil {
		back.unbind(c)
		c.close()
		if c.wrote != nil {
			c.sent = (<-c.wrote).n
		}
		if failed != nil {
			err = failed
		}
		return nil, err
	}
	if back.c = c; resp.Body != back {
		back.src = resp.Body
	}
	back.keep = failed == nil && !resp.Close && resp.ProtoAtLeast(1, 1)
	c.used = true
	if resp.Body == http.NoBody {
		back.finish(true)
	} else {
		resp.Body = back
	}
	return resp, nil
}

// send writes a request. Where that fails the service may have answered before
// it closed: reading that must not wait.
func (c *leanConn) send(wire *wireRequest) error {
	c.limit, c.heard, c.sent, c.wrote = leanHeadMax, false, 0, nil
	if len(wire.b) > leanInline {
		b, wrote := wire.b, make(chan sent, 1)
		c.wrote = wrote
		go func() {
			n, err := c.conn.Write(b)
			wrote <- sent{n, err}
		}()
		return nil
	}
	var err error
	if c.sent, err = c.conn.Write(wire.b); err != nil {
		c.sock.SetReadDeadline(time.Now().Add(time.Second))
	}
	return err
}

// head reads the head of the answer and passes on interim ones before it (RFC
// 9110, section 15.2).
func (c *leanConn) head(r *http.Request, back *leanBody) (*http.Response, error) {
	before := back.interims
	for {
		c.br.Peek(1) // an error comes again
		head, _ := c.br.Peek(c.br.Buffered())
		if back.fields != nil {
			if resp := c.plainHead(r, head, back); resp != nil {
				c.limit = math.MaxInt64
				return resp, nil
			}
		}
		listed := closeLists(head)
		resp, err := http.ReadResponse(c.br, r)
		if err == nil && listed != "" && resp.Header["Connection"] == nil {
			resp.Header["Connection"] = []string{listed} // for stripHopByHop
		}
		switch {
		case err != nil:
			return nil, err
		case resp.StatusCode == http.StatusSwitchingProtocols:
			return nil, errUnasked
		case resp.StatusCode > 199, resp.StatusCode < 100: // see checkStatus
			c.limit = math.MaxInt64
			return resp, nil
		case before != nil:
			if err := before.pass(resp.StatusCode, textproto.MIMEHeader(resp.Header)); err != nil {
				return nil, err
			}
		}
	}
}

// settled reports whether the request is out whole and nothing follows the
// answer.
func (c *leanConn) settled() bool {
	if c.wrote != nil {
		select {
		case s := <-c.wrote:
			if s.err != nil {
				return false
			}
		default:
			return false
		}
	}
	return c.br.Buffered() == 0
}

// leanBody is the body of an answer. At its clean end the connection goes back
// to the pool; otherwise it is closed.
type leanBody struct {
	src  io.Reader
	c    *leanConn // nil: given back or closed
	keep bool
	err  error // after the end

	fields   *fields     // for the head of the answer, nil: net/http reads it
	left     int64       // of a body of known length
	watch    *hangUp     // of the client, nil: its context tells
	stop     func() bool // ends waiting for the context
	interims *interims   // where interim answers go, nil: nowhere
}

// bind has c closed when the client is gone.
func (b *leanBody) bind(ctx context.Context, c *leanConn) {
	if b.watch != nil {
		b.watch.bind(c)
		return
	}
	b.stop = context.AfterFunc(ctx, c.end)
}

// unbind ends bind and reports whether c was left alone.
func (b *leanBody) unbind(c *leanConn) bool {
	if b.watch != nil {
		return b.watch.unbind(c)
	}
	return b.stop()
}

// Read implements io.Reader.
func (b *leanBody) Read(p []byte) (int, error) {
	if b.c == nil {
		return 0, b.err
	}
	n, err := b.read(p)
	if err != nil {
		b.err = err
		b.finish(err == io.EOF)
	}
	return n, err
}

// Close implements io.Closer.
func (b *leanBody) Close() error {
	if b.c != nil {
		b.err = errBodyEnded
		b.finish(false)
	}
	return nil
}

func (b *leanBody) finish(whole bool) {
	c := b.c
	b.c, b.src = nil, nil
	if !b.unbind(c) || !whole || !b.keep || !c.settled() {
		c.close()
		return
	}
	c.pool.put(c)
}
