package proxy

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// maxWSMessage bounds a text message that is read as a whole. What is longer
// passes frame by frame and is not inspected.
const maxWSMessage = 16 << 20

// wsPatience is how long the relay waits for ends that it has closed to say so;
// after an end has closed of itself, the other one has five times as long, as it
// may have data to send first.
const wsPatience = 2 * time.Second

// wsRelay passes the frames of one WebSocket connection (RFC 6455) between a
// client and a server and has the text messages inspected on their way.
//
// What inspect leaves alone is passed on byte for byte in the frames it came
// in. Binary messages that are text are inspected like texts; others stream from
// their first byte on that is none. Messages that are compressed
// (RFC 7692) are inflated to be read and, where nothing has to change, passed
// on as they were compressed. A rewritten message is sent uncompressed in one
// frame; where the sender's compression refers back to earlier messages, all
// its later compressed messages are then sent uncompressed too, as the receiver
// no longer has what they refer to. The protocol leaves that choice to the
// sender for each message.
type wsRelay struct {
	client, server io.ReadWriteCloser
	ext            string // the agreed Sec-WebSocket-Extensions, as in the 101

	// inspect returns what to pass on in place of text (nil or the same bytes:
	// text itself) and whether to pass it on at all. text is valid during the
	// call only. There is one call at a time.
	inspect func(from traffic.Direction, text []byte) ([]byte, bool)

	// ahead, if not nil, returns messages that have to be passed on before the one
	// of the server that was inspected last.
	ahead func() [][]byte

	// missed, if not nil, is told of each text message that can't be inspected,
	// and why (a reason of a coverage), before any of it is passed on, and of
	// the first binary one of each side. It returns whether it may pass.
	missed func(from traffic.Direction, reason string) bool

	memory *budget    // for messages that are held; nil: not shared
	owner  netip.Addr // of what is held
	limit  int        // of a text message; 0: maxWSMessage

	patience time.Duration // with closing ends; 0: wsPatience

	frames atomic.Int64 // both ways

	toClient, toServer wsSink
	inspecting         sync.Mutex
	hangUpOnce         sync.Once

	mu      sync.Mutex
	first   error // guarded by mu: what ended the connection
	failing bool  // guarded by mu: close frames of ours are on their way
	timer   *time.Timer
}

// run relays until the connection is closed, broken or ctx ends; it closes
// client and server and leaves no goroutine. up and down are the bytes read from
// the client and from the server; err is nil after a closing handshake, and a
// *wsError where the relay itself ended the connection. It may be called once.
func (r *wsRelay) run(ctx context.Context) (up, down int64, err error) {
	defer r.hangUp()
	agreed, err := parseDeflate(r.ext)
	if err != nil {
		return 0, 0, err
	}
	if r.limit == 0 {
		r.limit = maxWSMessage
	}
	if r.patience == 0 {
		r.patience = wsPatience
	}
	r.toClient = wsSink{w: r.client}
	r.toServer = wsSink{w: r.server, masked: true}
	defer context.AfterFunc(ctx, func() { r.end(context.Cause(ctx)); r.hangUp() })()

	fromClient := newLeg(r, traffic.FromClient, r.client, &r.toServer, agreed.on, agreed.clientFresh)
	fromServer := newLeg(r, traffic.FromServer, r.server, &r.toClient, agreed.on, agreed.serverFresh)
	var wg sync.WaitGroup
	wg.Go(fromServer.pump)
	fromClient.pump()
	wg.Wait()

	r.mu.Lock()
	defer r.mu.Unlock()
	if r.timer != nil {
		r.timer.Stop()
	}
	return fromClient.count, fromServer.count, r.first
}

// end notes what ended the connection; the first word counts.
func (r *wsRelay) end(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == nil {
		r.first = err
	}
}

// broken ends the connection after an error of reading or writing, but leaves
// the close frames of fail their time: one end may be gone before the other has
// been told.
func (r *wsRelay) broken(err error) {
	r.end(noEOF(err))
	r.mu.Lock()
	failing := r.failing
	r.mu.Unlock()
	if !failing {
		r.hangUp()
	}
}

// hangUp closes both connections, which ends both pumps.
func (r *wsRelay) hangUp() {
	r.hangUpOnce.Do(func() {
		r.client.Close()
		r.server.Close()
	})
}

// hangUpAfter bounds a closing handshake. The shorter of two waits counts.
func (r *wsRelay) hangUpAfter(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.timer == nil {
		r.timer = time.AfterFunc(d, r.hangUp)
	} else if d == r.patience {
		r.timer.Reset(d)
	}
}

// fail closes both sides with a close frame; from is who caused it.
func (r *wsRelay) fail(from traffic.Direction, e *wsError) {
	r.end(e)
	r.mu.Lock()
	r.failing = true
	r.mu.Unlock()
	r.hangUpAfter(r.patience) // first: a side that does not read must not hold us
	toClient, toServer := e, e
	if e.code != closePolicy { // the other side did nothing wrong
		other := &wsError{closeGoingAway, "the other side broke the protocol"}
		if from == traffic.FromClient {
			toServer = other
		} else {
			toClient = other
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() { r.toServer.close(toServer) })
	r.toClient.close(toClient)
	wg.Wait()
}

// wsSink is the sending side towards one end. A frame is written under its
// lock, so that a close frame never lands in the middle of one.
type wsSink struct {
	mu     sync.Mutex
	w      io.Writer
	masked bool
	closed bool // guarded by mu: a close frame has been sent, nothing may follow
}

var errSinkClosed = errors.New("websocket: closed by the relay")

// begin takes the sink for a frame; done gives it back.
func (s *wsSink) begin() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return errSinkClosed
	}
	return nil
}

func (s *wsSink) done() { s.mu.Unlock() }

// write sends whole frames.
func (s *wsSink) write(b []byte) error {
	if err := s.begin(); err != nil {
		return err
	}
	defer s.done()
	_, err := s.w.Write(b)
	return err
}

// last sends a close frame that came from the other end.
func (s *wsSink) last(b []byte) error {
	if err := s.begin(); err != nil {
		return err
	}
	defer s.done()
	s.closed = true
	_, err := s.w.Write(b)
	return err
}

func (s *wsSink) close(e *wsError) {
	payload := append([]byte{byte(e.code >> 8), byte(e.code)}, e.reason...)
	s.last(appendFrame(nil, opClose, true, s.masked, payload)) // an end that can't be told is hung up on
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n *int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	return n, err
}

// wsReadBuffer is small, as most connections idle; payloads are read past it.
const wsReadBuffer = 1 << 10

func newLeg(r *wsRelay, from traffic.Direction, src io.Reader, dst *wsSink, deflate, fresh bool) *wsLeg {
	l := &wsLeg{relay: r, from: from, dst: dst, deflate: deflate, loan: r.memory.loan(r.owner)}
	l.src = bufio.NewReaderSize(counted{src, &l.count}, wsReadBuffer)
	l.inflater.fresh = fresh
	return l
}
