package proxy

import (
	"io"
	"net/http"
	"time"
)

// answer is the way back to the client. Whenever the length of an answer is
// unknown each piece is flushed as it comes: an event must not wait for the
// next one.
type answer struct {
	http.ResponseWriter
	streams bool // pieces are flushed
	empty   bool // no body follows: the head may end the stream (gRPC's "trailers only")
}

// client is where an exchange comes from and its answer goes to.
type client interface {
	// SetReadDeadline has reads of the request's body fail from then on.
	SetReadDeadline(time.Time) error
	// interim sends an interim answer.
	interim(code int, h http.Header)
}

// SetReadDeadline implements client.
func (a *answer) SetReadDeadline(t time.Time) error {
	return http.NewResponseController(a.ResponseWriter).SetReadDeadline(t)
}

func (a *answer) interim(code int, h http.Header) {
	to := a.Header()
	for k, v := range h {
		to[k] = v
	}
	a.ResponseWriter.WriteHeader(code)
	for k := range h { // they are not those of the answer to come
		delete(to, k)
	}
}

// Unwrap serves http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader implements http.ResponseWriter. net/http is kept from adding
// headers that the service did not send.
func (a *answer) WriteHeader(code int) {
	h := a.Header()
	for _, name := range []string{"Date", "Content-Type"} {
		if _, sent := h[name]; !sent {
			h[name] = nil
		}
	}
	_, sized := h["Content-Length"]
	a.streams = !sized && !a.empty
	a.ResponseWriter.WriteHeader(code)
	if a.streams {
		a.flush()
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	n, err := a.ResponseWriter.Write(p)
	if err == nil && a.streams {
		err = a.flush()
	}
	return n, err
}

// FlushError serves http.ResponseController, which goproxy asks to force
// trailers out.
func (a *answer) FlushError() error { return a.flush() }

// pass serves a request that net/http has read.
func (e *exchange) pass(r *http.Request) {
	resp := e.decide(r)
	if resp == nil {
		resp, _ = e.RoundTrip(r, nil) // errors are answers by now
	}
	defer resp.Body.Close()
	h := e.answer.Header()
	for k, v := range resp.Header {
		h[k] = v
	}
	for name := range resp.Trailer {
		h["Trailer"] = append(h["Trailer"], name)
	}
	e.answer.WriteHeader(resp.StatusCode)
	io.Copy(&e.answer, resp.Body)
	for name, v := range resp.Trailer { // also those that were not announced
		h[http.TrailerPrefix+name] = v
	}
}

func (a *answer) flush() error {
	return http.NewResponseController(a.ResponseWriter).Flush()
}
