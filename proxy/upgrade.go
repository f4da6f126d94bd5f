package proxy

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// serveWebSocket relays a WebSocket (RFC 6455) whose texts pass the pipeline.
// It does not go through goproxy, which copies frames unseen.
func (s *Server) serveWebSocket(w http.ResponseWriter, r *http.Request, f traffic.Flow) {
	e := newExchange(s, f, w)
	e.begin(r)
	defer e.finish()
	w.Header().Set("Connection", "close") // unless it becomes a WebSocket, nothing follows
	if !e.refused() && e.x.Need == traffic.NeedAll {
		s.pipeline.InspectQuery(e.x)
		e.rewrite(r)
	}
	if e.refused() {
		send(w, r, e.refusal(r))
		return
	}
	e.x.Prompt = nil // what is said are the messages
	resp, err := s.upstream.h1.RoundTrip(webSocketRequest(r))
	if err != nil {
		send(w, r, e.unanswered(r, err))
		return
	}
	defer resp.Body.Close()
	server, ok := resp.Body.(io.ReadWriteCloser)
	if resp.StatusCode != http.StatusSwitchingProtocols || !ok {
		if err := checkStatus(resp); err != nil {
			send(w, r, e.unanswered(r, err))
			return
		}
		stripHopByHop(resp.Header)
		e.answ.Code, e.answ.Header = resp.StatusCode, resp.Header
		e.back = answerBody{ReadCloser: resp.Body, e: e}
		resp.Body = &e.back
		send(w, r, resp)
		e.cutShort()
		return
	}
	e.answ.Code, e.answ.Header = resp.StatusCode, resp.Header
	e.relay(w, r, resp, server)
}

// webSocketRequest returns r as it goes on: the handshake's own fields stay,
// those of our connection don't.
func webSocketRequest(r *http.Request) *http.Request {
	upgrade := r.Header.Get("Upgrade")
	stripHopByHop(r.Header)
	r.Header["Connection"], r.Header["Upgrade"] = []string{"Upgrade"}, []string{upgrade}
	if _, sent := r.Header["User-Agent"]; !sent {
		r.Header["User-Agent"] = nil
	}
	offerExtensions(r.Header)
	r.RequestURI, r.Body = "", nil
	return r
}

// relay answers 101 and copies until one side ends. The pipeline sees one text
// at a time, though two directions bring them.
func (e *exchange) relay(w http.ResponseWriter, r *http.Request, resp *http.Response, server io.ReadWriteCloser) {
	s := e.server
	client, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	client.SetDeadline(time.Time{})
	if err := writeSwitching(client, resp); err != nil {
		return
	}
	below, early := release(client, rw.Reader)
	s.stats.WebSockets.Add(1)
	var mu sync.Mutex
	relay := &wsRelay{
		client: &earlyConn{below, early}, server: server, memory: s.memory, owner: e.flow.Client,
		ext: strings.Join(resp.Header["Sec-Websocket-Extensions"], ", "),
		inspect: func(from traffic.Direction, text []byte) ([]byte, bool) {
			mu.Lock()
			defer mu.Unlock()
			s.stats.Messages.Add(1)
			out, d := s.pipeline.Message(e.x, from, text)
			if d.Action == traffic.ActionBlock {
				s.stats.Dropped.Add(1)
				return nil, false
			}
			if from == traffic.FromServer {
				out = e.restored(out)
			}
			return out, true
		},
		ahead: func() [][]byte {
			mu.Lock()
			defer mu.Unlock()
			list := e.ahead
			e.ahead = nil
			return list
		},
		missed: func(from traffic.Direction, reason string) bool {
			mu.Lock()
			defer mu.Unlock()
			if reason == traffic.ReasonFormat && !e.x.Verdict.AI() {
				return true
			}
			if from == traffic.FromServer { // what the service says is never stopped
				e.x.Coverage = traffic.Coverage{Depth: traffic.Blind, Reason: reason}
				return true
			}
			s.pipeline.Fail(e.x, reason)
			return !e.refused()
		},
	}
	up, down, _ := relay.run(s.lives)
	s.stats.Frames.Add(relay.frames.Load())
	e.body.n.Store(up)
	e.answ.Down = down
}

func writeSwitching(client net.Conn, resp *http.Response) error {
	b := bufio.NewWriterSize(client, 2<<10)
	b.WriteString("HTTP/1.1 101 Switching Protocols\r\n")
	resp.Header.Write(b)
	b.WriteString("\r\n")
	return b.Flush()
}

// send writes a response that net/http is to frame.
func send(w http.ResponseWriter, r *http.Request, resp *http.Response) {
	defer resp.Body.Close()
	a := &answer{ResponseWriter: w}
	for k, v := range resp.Header {
		a.Header()[k] = v
	}
	a.WriteHeader(resp.StatusCode)
	if r.Method != http.MethodHead {
		io.Copy(a, resp.Body)
	}
}

// earlyConn is a connection of which something has been read already.
type earlyConn struct {
	net.Conn
	early []byte
}

// Read implements net.Conn.
func (c *earlyConn) Read(p []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(p, c.early)
		if c.early = c.early[n:]; len(c.early) == 0 {
			c.early = nil
		}
		return n, nil
	}
	return c.Conn.Read(p)
}

// NetConn returns the connection below.
func (c *earlyConn) NetConn() net.Conn { return c.Conn }

// CloseWrite ends the writing side where the connection below can.
func (c *earlyConn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return errors.ErrUnsupported
}
