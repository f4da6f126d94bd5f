package testnet

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Received is one request, or one WebSocket message, as it arrived at a
// stand-in.
type Received struct {
	Time    time.Time
	Host    string // as in the Host header or :authority, without a port
	SNI     string
	Proto   string // "HTTP/1.1", "HTTP/2.0", "websocket"
	Resumed bool   // the TLS session was resumed
	Remote  string // the client's address: tells connections apart
	Method  string
	URI     string // as sent, with the query
	Header  http.Header
	Body    []byte // as it came over the wire, after transfer decoding
	Trailer http.Header
	Chunked bool // no length was announced
}

// maxReceived bounds the record; older requests are forgotten first.
const maxReceived = 1 << 14

// record keeps what arrived. The zero value is ready to use.
type record struct {
	mu    sync.Mutex
	list  []Received
	gone  []time.Time
	woken chan struct{} // closed and replaced at each hang-up
}

func (l *record) add(r Received) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) >= maxReceived {
		l.list = append(l.list[:0], l.list[maxReceived/2:]...)
	}
	l.list = append(l.list, r)
}

func (l *record) all(host string) []Received {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Received, 0, len(l.list))
	for _, r := range l.list {
		if host == "" || r.Host == host {
			out = append(out, r)
		}
	}
	return out
}

func (l *record) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list, l.gone = nil, nil
}

func (l *record) hungUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone = append(l.gone, time.Now())
	if l.woken != nil {
		close(l.woken)
		l.woken = nil
	}
}

func (l *record) hangups() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.gone)
}

func (l *record) waitHangup(ctx context.Context, more int) (time.Time, error) {
	for {
		l.mu.Lock()
		if len(l.gone) > more {
			t := l.gone[len(l.gone)-1]
			l.mu.Unlock()
			return t, nil
		}
		if l.woken == nil {
			l.woken = make(chan struct{})
		}
		woken := l.woken
		l.mu.Unlock()
		select {
		case <-woken:
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		}
	}
}
