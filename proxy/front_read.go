package proxy

import (
	"errors"
	"os"
	"time"
)

// coming is what comes next on a connection.
type coming uint8

const (
	nextRequest coming = iota // a request, in order
	nextForeign               // something for net/http
	nextEnd                   // nothing
)

// next waits for a request. A head has headTimeout to come whole: the first
// from the start of the connection on, others from their first byte.
func (f *front) next() coming {
	f.in, f.at = f.in[:copy(f.in, f.in[f.at:])], 0
	f.part = partHead{}
	if cap(f.in) == 0 || len(f.in) == 0 && cap(f.in) > frontRead { // it may idle now
		f.in = make([]byte, 0, frontRead)
	}
	switch {
	case f.first:
		f.deadline(time.Now().Add(headTimeout), 0)
	case len(f.in) == 0:
		f.deadline(time.Now().Add(idleTimeout), frontPatience)
	}
	for begun := f.first; ; begun = true {
		if len(f.in) > 0 {
			if !f.begun() {
				return nextEnd
			}
			switch f.order.parse(f) {
			case headWhole:
				f.first = false
				return nextRequest
			case headOther:
				return nextForeign
			}
			if !begun {
				f.deadline(time.Now().Add(headTimeout), 0)
			}
		}
		if !f.room() {
			return nextForeign
		}
		n, err := f.conn.Read(f.in[len(f.in):cap(f.in)])
		f.in = f.in[:len(f.in)+n]
		switch {
		case n > 0, err == nil: // an error comes again
		case len(f.in) == 0, errors.Is(err, os.ErrDeadlineExceeded):
			return nextEnd
		default:
			return nextForeign // what to say of a head that breaks off net/http knows
		}
	}
}

// begun notes that a request has begun, unless the connection was ended before.
func (f *front) begun() bool {
	f.phase.CompareAndSwap(phaseIdle, phaseBusy)
	return f.phase.Load() != phaseEnded
}

// room makes room for more of a head, unless that is long.
func (f *front) room() bool {
	if len(f.in) < cap(f.in) {
		return true
	}
	if cap(f.in) >= frontHead {
		return false
	}
	bigger := make([]byte, len(f.in), 2*cap(f.in))
	copy(bigger, f.in)
	f.in = bigger
	return true
}

// read passes on what was read and is not used yet, then reads.
func (f *front) read(p []byte) (int, error) {
	if f.at < len(f.in) {
		n := copy(p, f.in[f.at:])
		f.at += n
		return n, nil
	}
	return f.conn.Read(p)
}
