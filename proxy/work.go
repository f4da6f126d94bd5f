package proxy

import (
	"net/http"
	"sync"
)

// work is what goes on for clients, so that the end can wait for all of it:
// net/http's Shutdown does not know connections that were hijacked (tunnels,
// WebSockets), and what it does know it leaves alone when the grace is over. The
// zero value is ready for use.
type work struct {
	mu    sync.Mutex
	over  bool // nothing more can begin
	going sync.WaitGroup
}

// begin reports whether something may begin; then it must call end.
func (w *work) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return false
	}
	w.going.Add(1)
	return true
}

func (w *work) end() { w.going.Done() }

// wait lets nothing more begin, and waits for the rest.
func (w *work) wait() {
	w.mu.Lock()
	w.over = true
	w.mu.Unlock()
	w.going.Wait()
}

// on returns h as a part of the work.
func (w *work) on(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		if !w.begin() {
			panic(http.ErrAbortHandler)
		}
		defer w.end()
		h(to, r)
	})
}

// hand goes on with do in a goroutine of its own. Who calls it is work itself.
func (w *work) hand(do func()) { w.going.Go(do) }
