package proxy

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// TestWorkEnds: the end waits for what has begun, and nothing begins after it.
func TestWorkEnds(t *testing.T) {
	var w work
	began, over := make(chan struct{}), make(chan struct{})
	h := w.on(func(http.ResponseWriter, *http.Request) {
		w.hand(func() { <-over }) // as a tunnel goes on when its CONNECT is answered
		close(began)
	})
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("CONNECT", "a:443", nil))
	<-began
	var ended sync.WaitGroup
	waited := make(chan struct{})
	ended.Go(func() { w.wait(); close(waited) })
	for w.begin() { // until wait has been called
		w.end()
	}
	select {
	case <-waited:
		t.Error("the end did not wait for what a handler left behind")
	default:
	}
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("a request was served after the end")
		}
	}()
	close(over)
	ended.Wait()
	w.on(func(http.ResponseWriter, *http.Request) { t.Error("a request was served after the end") }).
		ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}
