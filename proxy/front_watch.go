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
// A client that ends only its sending side can't be told from one that is gone,
// and is taken for that, as net/http's server does.
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
}

// look reads until the client hangs up or disarm ends it. What the client sends
// meanwhile, which is the start of its next requests, is kept as far as a head
// may be long.
func (w *hangUp) look() {
	f := w.f
	for more := w.begin(); more; {
		more = w.end(f.conn.Read(f.in[len(f.in):cap(f.in)]))
	}
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
	f.until = time.Time{}     // also when reading ends before disarm: else the next deadline may be taken for set
	f.conn.SetReadDeadline(f.until)
	return true
}

// end takes what was read and reports whether to read on.
func (w *hangUp) end(n int, err error) (more bool) {
	w.mu.Lock()
	w.f.in = w.f.in[:len(w.f.in)+n]
	gone := err != nil && !(errors.Is(err, os.ErrDeadlineExceeded) && !w.armed)
	w.reading = err == nil && w.armed && w.f.room()
	more = w.reading
	w.left.Broadcast()
	w.mu.Unlock()
	if gone {
		w.abort()
	}
	return more
}

// abort ends what the request waits for. It may be called at any time.
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
