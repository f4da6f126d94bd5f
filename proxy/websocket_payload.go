package proxy

import (
	"io"
	"slices"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// wsPayload reads the payload of the leg's message, unmasked, over all its
// frames, and echoes the frames as the leg's mode says.
type wsPayload wsLeg

// Read implements io.Reader; the end of the message is io.EOF.
func (p *wsPayload) Read(b []byte) (int, error) {
	l := (*wsLeg)(p)
	for l.left == 0 {
		if l.frame.fin {
			return 0, io.EOF
		}
		if err := l.next(); err != nil {
			return 0, noEOF(err)
		}
		if l.frame.op != opContinuation {
			return 0, protocolError("message within a message")
		}
		l.left = l.frame.length
		if err := l.echoHead(); err != nil {
			return 0, err
		}
	}
	offset := l.frame.length - l.left
	n, err := l.src.Read(b[:min(int64(len(b)), l.left)])
	if n == 0 {
		return 0, noEOF(err)
	}
	l.left -= int64(n)
	if err := l.echo(b[:n]); err != nil {
		return 0, err
	}
	if l.frame.masked {
		mask(l.frame.key, offset, b[:n])
	}
	return n, nil
}

// echoHead echoes the head of the frame. Where there is a payload it waits for
// the first bytes of it: one write instead of two.
func (l *wsLeg) echoHead() error {
	if l.mode == mute {
		return nil
	}
	if l.mode == pass {
		if err := l.take(); err != nil {
			return err
		}
	}
	if err := l.keep(l.frame.raw[:l.frame.size]); err != nil {
		return err
	}
	if l.mode == pass && l.left == 0 {
		return l.flush()
	}
	return nil
}

// echo echoes a piece of payload as it came.
func (l *wsLeg) echo(b []byte) error {
	if l.mode == mute {
		return nil
	}
	if err := l.keep(b); err != nil {
		return err
	}
	if l.mode == pass {
		return l.flush()
	}
	return nil
}

// keep appends to raw.
func (l *wsLeg) keep(b []byte) error {
	if l.raw == nil {
		l.raw = getWSBuffer()
	}
	if l.mode == hold {
		if free := cap(*l.raw) - len(*l.raw); free < len(b) && !l.loan.take(int64(cap(*l.raw))) {
			if err := l.overflow(traffic.ReasonScanMemory); err != nil || l.mode == mute {
				return err
			}
		}
		if len(*l.raw) > l.relay.limit+wsHeadRoom {
			if err := l.overflow(traffic.ReasonOverLimit); err != nil || l.mode == mute {
				return err
			}
		}
	}
	if r := *l.raw; cap(r)-len(r) < len(b) {
		*l.raw = slices.Grow(r, len(r)+len(b))
	}
	*l.raw = append(*l.raw, b...)
	return nil
}

// wsHeadRoom is what the heads of a message's frames may add to it. It stops a
// message of a million empty frames.
const wsHeadRoom = 64 << 10

// overflow gives up holding the message: its frames go on as they come, if they
// may. Where they pass, the sink is taken until flush.
func (l *wsLeg) overflow(reason string) error {
	if l.mode != hold {
		return nil
	}
	if !l.mayMiss(reason) {
		return &wsError{closePolicy, "blocked by policy: can't be checked"}
	}
	l.over, l.mode = reason, l.spill
	if l.mode == mute {
		putWSBuffer(l.raw)
		l.raw = nil
		return nil
	}
	if err := l.take(); err != nil {
		return err
	}
	return l.send()
}

// mayMiss reports whether a message may pass that is not inspected. Of binary
// ones, of which sound and pictures make thousands, it asks at the first only.
func (l *wsLeg) mayMiss(reason string) bool {
	if l.relay.missed == nil || reason == traffic.ReasonFormat && l.binary {
		return true
	}
	l.binary = l.binary || reason == traffic.ReasonFormat
	return l.relay.missed(l.from, reason)
}

// take takes the sink for as long as the frame lasts.
func (l *wsLeg) take() error {
	if l.taken {
		return nil
	}
	if err := l.dst.begin(); err != nil {
		return err
	}
	l.taken = true
	return nil
}

// send sends what is kept.
func (l *wsLeg) send() error {
	_, err := l.dst.w.Write(*l.raw)
	*l.raw = (*l.raw)[:0]
	return err
}

// flush sends what is kept and gives the sink back at the end of the frame.
func (l *wsLeg) flush() error {
	if len(*l.raw) > 0 {
		if err := l.send(); err != nil {
			return err
		}
	}
	if l.left == 0 && l.taken {
		l.taken = false
		l.dst.done()
	}
	return nil
}
