package proxy

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// hangUpDelay is how long a request is under way before anybody looks whether
// its client is still there: most are answered by then, and looking takes a
// goroutine.
const hangUpDelay = 20 * time.Millisecond

// hangUp finds out that the client of a front hangs up while its request is
// under way: then what the request waits for has no use any more. It reads
// ahead to that end, between the last byte of a request and that of its answer.
type hangUp struct {
	f     *front
	timer *time.Timer

	mu      sync.Mutex
	left    sync.Cond // reading ended
	armed   bool
	reading bool

	gone     atomic.Bool
	upstream atomic.Pointer[leanConn] // what waits for an answer
}

func (w *hangUp) init(f *front) {
	w.f = f
	w.left.L = &w.mu
}

// arm begins the watch. Nobody else may read the connection until disarm.
func (w *hangUp) arm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = true
	if w.timer == nil {
		w.timer = time.AfterFunc(hangUpDelay, w.look)
	} else {
		w.timer.Reset(hangUpDelay)
	}
}

// disarm ends the watch. What was read ahead is in f.in.
func (w *hangUp) disarm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.armed {
		return
	}
	w.armed = false
	w.timer.Stop()
	if !w.reading {
		return
	}
	w.f.conn.SetReadDeadline(time.Unix(1, 0))
	for w.reading {
		w.left.Wait()
	}
	w.f.conn.SetReadDeadline(time.Time{})
	w.f.until = time.Time{}
}

// look reads until the client hangs up, sends something, or disarm ends it.
func (w *hangUp) look() {
	if !w.begin() {
		return
	}
	f := w.f
	n, err := f.conn.Read(f.in[len(f.in):cap(f.in)])
	w.end(n, err)
}

func (w *hangUp) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.armed || w.reading {
		return false
	}
	w.reading = true
	f := w.f
	f.in, f.at = append(f.in[:copy(f.in, f.in[f.at:])], 0), 0
	f.in = f.in[:len(f.in)-1] // there is room for a byte at least
	f.conn.SetReadDeadline(time.Time{})
	return true
}

func (w *hangUp) end(n int, err error) {
	w.mu.Lock()
	w.f.in = w.f.in[:len(w.f.in)+n]
	gone := err != nil && !(errors.Is(err, os.ErrDeadlineExceeded) && !w.armed)
	w.reading = false
	w.left.Broadcast()
	w.mu.Unlock()
	if gone {
		w.abort()
	}
}

// abort ends what the request waits for.
func (w *hangUp) abort() {
	w.gone.Store(true)
	w.f.gone()
	if c := w.upstream.Swap(nil); c != nil {
		c.close()
	}
}

// bind has c closed when the client hangs up.
func (w *hangUp) bind(c *leanConn) {
	w.upstream.Store(c)
	if w.gone.Load() && w.upstream.CompareAndSwap(c, nil) {
		c.close()
	}
}

// unbind ends bind and reports whether c was left alone.
func (w *hangUp) unbind(c *leanConn) bool { return w.upstream.CompareAndSwap(c, nil) }
