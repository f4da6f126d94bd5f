package proxy

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"
)

// maxInterim bounds the interim answers to one request: a service could send
// them for ever.
const maxInterim = 32

var errInterim = errors.New("the service sends one interim answer after another")

// interims passes interim answers (RFC 9110, section 15.2) on to the client,
// such as early hints. The Transport calls pass from a goroutine of its own,
// perhaps when its RoundTrip is over; after end nothing is passed on.
type interims struct {
	mu sync.Mutex
	to client // nil: nobody wants them
	n  int
}

// begin sends interim answers to c, if the client of r can take them.
func (i *interims) begin(r *http.Request, c client) {
	// Where the client waits for 100, net/http writes that by itself, at any time.
	if r.ProtoAtLeast(1, 1) && r.Header["Expect"] == nil {
		i.to = c
	}
}

// traced returns ctx for the Transport to pass interim answers on.
func (i *interims) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{Got1xxResponse: i.pass})
}

// pass sends one interim answer, but 100, which is about one connection only.
func (i *interims) pass(code int, h textproto.MIMEHeader) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.n++; i.n > maxInterim {
		return errInterim
	}
	if i.to == nil || code <= http.StatusSwitchingProtocols || code > 199 {
		return nil
	}
	stripHopByHop(http.Header(h))
	i.to.interim(code, http.Header(h))
	return nil
}

func (i *interims) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.to = nil
}
