package proxy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// wsLeg is one direction of a relay. It belongs to one goroutine.
type wsLeg struct {
	relay   *wsRelay
	from    traffic.Direction
	src     *bufio.Reader
	dst     *wsSink
	count   int64 // bytes read
	deflate bool  // was agreed on

	inflater wsInflater
	diverged bool // the receiver's window is not the sender's any more

	// Of the message under way:
	frame wsFrame
	left  int64  // of the frame's payload
	over  string // why the message is not inspected
	text  int    // bytes of a binary message that have been seen to be text
	mode  echoMode
	spill echoMode // the mode to go on with when too much is held
	raw   *[]byte  // frames as they came, not passed yet
	loan  loan     // of the relay's memory

	binary bool // a binary message has been reported as missed
	taken  bool // the sink is ours, in the middle of a frame
}

// echoMode says what happens to the frames of a message while it is read.
type echoMode uint8

const (
	hold echoMode = iota // keep them in raw
	pass                 // send them on
	mute                 // forget them
)

// errWSClosed ends a leg in order: its close frame has been passed on.
var errWSClosed = errors.New("websocket: closed")

// pump runs until the leg ends.
func (l *wsLeg) pump() {
	err := l.messages()
	l.release()
	if e, ok := errors.AsType[*wsError](err); ok {
		l.relay.fail(l.from, e)
		err = errSinkClosed
	}
	switch {
	case errors.Is(err, errWSClosed):
		l.relay.hangUpAfter(5 * l.relay.patience)
	case errors.Is(err, errSinkClosed):
		l.drain()
	default:
		l.relay.broken(err)
	}
}

// drain waits for the sender's close frame: hanging up on unread data would
// make its system drop the one that we have sent.
func (l *wsLeg) drain() {
	for {
		if _, err := io.CopyN(io.Discard, l.src, l.left); err != nil {
			return
		}
		l.left = 0
		if err := l.frame.read(l.src, l.from == traffic.FromClient, l.deflate); err != nil {
			io.Copy(io.Discard, l.src) // not frames: all there is, until it ends or we hang up
			return
		}
		if l.frame.op == opClose {
			return
		}
		l.left = l.frame.length
	}
}

// messages passes message after message.
func (l *wsLeg) messages() error {
	for {
		if err := l.next(); err != nil {
			return err
		}
		f := &l.frame
		if f.op == opContinuation {
			return protocolError("continuation of nothing")
		}
		compressed, op := f.rsv1, f.op
		l.over, l.left, l.text = "", f.length, 0
		l.mode, l.spill = hold, pass
		if compressed && l.diverged {
			l.spill = mute
		}
		if err := l.echoHead(); err != nil {
			return err
		}
		if err := l.message(op, compressed); err != nil {
			return err
		}
		l.release()
	}
}

// next reads the next frame of data; control frames on the way are passed on.
func (l *wsLeg) next() error {
	for {
		if err := l.frame.read(l.src, l.from == traffic.FromClient, l.deflate); err != nil {
			return err
		}
		l.relay.frames.Add(1)
		if !l.frame.control() {
			return nil
		}
		if err := l.passControl(); err != nil {
			return err
		}
	}
}

func (l *wsLeg) passControl() error {
	f := &l.frame
	var b [maxFrameHead + maxControl]byte
	n := copy(b[:], f.raw[:f.size])
	payload := b[n : n+int(f.length)]
	if _, err := io.ReadFull(l.src, payload); err != nil {
		return noEOF(err)
	}
	whole := b[:n+len(payload)]
	if f.op != opClose {
		return l.dst.write(whole)
	}
	plain := bytes.Clone(payload)
	if f.masked {
		mask(f.key, 0, plain)
	}
	if err := checkClose(plain); err != nil {
		return err
	}
	if err := l.dst.last(whole); err != nil && !errors.Is(err, errSinkClosed) { // or it answers ours
		return err
	}
	return errWSClosed
}

// message passes the message that has just begun.
func (l *wsLeg) message(op byte, compressed bool) error {
	var src io.Reader = (*wsPayload)(l)
	if compressed {
		if err := l.inflater.begin(src); err != nil {
			return err
		}
		defer l.inflater.end()
		src = &l.inflater
	}
	return l.whole(op, src, compressed)
}

// whole reads a message, has it inspected and sends what comes of it. Many
// services take JSON in binary messages as well, so those that are text are read
// as such; any other goes on with its first bytes.
func (l *wsLeg) whole(op byte, src io.Reader, compressed bool) error {
	buf := getWSBuffer()
	defer putWSBuffer(buf)
	err := l.gather(op, buf, src)
	if err != nil {
		return err
	}
	if op == opBinary && l.over == "" && l.text < len(*buf) { // ends within a letter
		if err := l.giveUp(traffic.ReasonFormat); err != nil {
			return err
		}
	}
	if l.over != "" {
		switch {
		case l.mode == mute:
			return l.plain(op, *buf, src)
		case l.inflater.fresh: // no later message needs the window
			return discard((*wsPayload)(l))
		}
		return discard(src)
	}
	if op == opText && !utf8.Valid(*buf) {
		return &wsError{closeBadData, "text is not UTF-8"}
	}
	l.relay.inspecting.Lock()
	out, ok := l.relay.inspect(l.from, *buf)
	l.relay.inspecting.Unlock()
	if ok && l.from == traffic.FromServer && l.relay.ahead != nil {
		for _, more := range l.relay.ahead() {
			if err := l.replace(op, more); err != nil {
				return err
			}
		}
	}
	switch {
	case !ok:
		return &wsError{closePolicy, "blocked by policy"}
	case out != nil && !bytes.Equal(out, *buf):
		l.diverged = l.diverged || compressed && !l.inflater.fresh
		return l.replace(op, out)
	case compressed && l.diverged:
		return l.replace(op, *buf)
	}
	return l.dst.write(*l.raw)
}

// gather reads src into buf until it ends or is over a limit.
func (l *wsLeg) gather(op byte, buf *[]byte, src io.Reader) error {
	for {
		b := *buf
		if len(b) == cap(b) {
			if !l.loan.take(int64(cap(b))) {
				return l.giveUp(traffic.ReasonScanMemory)
			}
			b = slices.Grow(b, len(b)+1)
		}
		n, err := src.Read(b[len(b):cap(b)])
		*buf = b[:len(b)+n]
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case l.over != "":
			return nil
		case op == opBinary && !l.reads(*buf):
			return l.giveUp(traffic.ReasonFormat)
		case len(*buf) > l.relay.limit:
			return l.giveUp(traffic.ReasonOverLimit)
		}
	}
}

// reads reports whether a binary message is text so far: UTF-8 without control
// characters other than tabs and ends of lines.
func (l *wsLeg) reads(b []byte) bool {
	for l.text < len(b) {
		if c := b[l.text]; c < utf8.RuneSelf {
			if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
				return false
			}
			l.text++
			continue
		}
		if !utf8.FullRune(b[l.text:]) {
			return true // as far as it has come
		}
		r, size := utf8.DecodeRune(b[l.text:])
		if r == utf8.RuneError && size == 1 {
			return false
		}
		l.text += size
	}
	return true
}

// giveUp is overflow between two reads.
func (l *wsLeg) giveUp(reason string) error {
	if err := l.overflow(reason); err != nil || l.mode != pass {
		return err
	}
	return l.flush()
}

// replace sends a text of ours in one frame.
func (l *wsLeg) replace(op byte, text []byte) error {
	buf := getWSBuffer()
	defer putWSBuffer(buf)
	*buf = appendFrame(*buf, op, true, l.dst.masked, text)
	return l.dst.write(*buf)
}

// plain sends a compressed message uncompressed, in fragments: first head, then
// what src still holds.
func (l *wsLeg) plain(op byte, head []byte, src io.Reader) error {
	buf, piece := getWSBuffer(), getWSBuffer()
	defer putWSBuffer(buf)
	defer putWSBuffer(piece)
	in := (*piece)[:cap(*piece)]
	for {
		*buf = appendFrame((*buf)[:0], op, false, l.dst.masked, head)
		if err := l.dst.write(*buf); err != nil {
			return err
		}
		op = opContinuation
		n, err := src.Read(in)
		if err == io.EOF {
			return l.dst.write(appendFrame((*buf)[:0], op, true, l.dst.masked, nil))
		}
		if err != nil {
			return err
		}
		head = in[:n]
	}
}

// discard reads to the end; the frames have been passed on meanwhile.
func discard(src io.Reader) error {
	buf := getWSBuffer()
	defer putWSBuffer(buf)
	b := (*buf)[:cap(*buf)]
	for {
		if _, err := src.Read(b); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// release ends a message.
func (l *wsLeg) release() {
	if l.taken {
		l.dst.closed = l.dst.closed || l.left > 0 // nothing makes sense in the middle of a frame
		l.taken = false
		l.dst.done()
	}
	if l.raw != nil {
		putWSBuffer(l.raw)
		l.raw = nil
	}
	l.loan.end()
	l.loan.waited = 0
}

// wsBuffers holds buffers of a usual size, for as long as a message is under
// way: idle connections have none.
var wsBuffers = sync.Pool{New: func() any { b := make([]byte, 0, usualWSMessage); return &b }}

const usualWSMessage = 16 << 10

func getWSBuffer() *[]byte { return wsBuffers.Get().(*[]byte) }

func putWSBuffer(b *[]byte) {
	if cap(*b) > 4*usualWSMessage {
		return // one huge message must not pin memory
	}
	clear((*b)[:cap(*b)]) // messages are secrets
	*b = (*b)[:0]
	wsBuffers.Put(b)
}
