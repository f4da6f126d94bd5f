package proxy

import (
	"io"
	"net/http"
	"time"
)

const (
	// leaveTime is how long the rest of a body that nobody wants may take to
	// come, once its request is answered: without a limit, a client that never
	// sends it holds its connection for ever, and needs no credentials for that.
	leaveTime = 5 * time.Second
	// leaveMost is how much of it is read: a client that sends all before it
	// reads must get to its answer, and one that never ends must not.
	leaveMost = 16 << 20
)

// early lets the answer to a request go out before the request's body has come:
// net/http would first read up to 256 KiB of it.
func early(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 1 && r.Method != http.MethodConnect { // CONNECT is hijacked, and has no body
		http.NewResponseController(w).EnableFullDuplex()
	}
}

// leave follows the answer to a request: what is left of its body, b, is read and
// dropped, within limits. Then the connection can take a next request; else net/http
// closes it, as the head guard lets nothing pass behind a body that was late.
func (s *Server) leave(w http.ResponseWriter, r *http.Request, b io.Reader) {
	if r.ProtoMajor != 1 || r.ContentLength == 0 || b == nil || b == http.NoBody {
		return
	}
	to := http.NewResponseController(w)
	_, whole := w.Header()["Content-Length"]
	if whole && to.Flush() != nil { // the client is gone, or the connection is not net/http's any more
		return
	}
	if to.SetReadDeadline(time.Now().Add(min(leaveTime, s.cfg.holdTimeout))) == nil && whole {
		io.CopyN(io.Discard, b, leaveMost)
	}
}
