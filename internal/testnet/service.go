package testnet

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// service is every stand-in: the path, as with the real ones, says which format
// is spoken.
type service struct{ log *record }

// maxBody bounds a request body.
const maxBody = 256 << 20

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{w: w, r: r, host: hostOnly(r.Host), log: s.log}
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		c.keep(nil)
		c.realtime()
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		c.log.hungUp() // the client left in the middle of its request
		return
	}
	c.keep(raw)
	if c.body, err = decode(r.Header.Get("Content-Encoding"), raw); err != nil {
		http.Error(w, "stand-in: "+err.Error(), http.StatusBadRequest)
		return
	}
	c.route()
}

// call is one request and its answer.
type call struct {
	w    http.ResponseWriter
	r    *http.Request
	host string
	body []byte // decoded
	log  *record
}

func (c *call) keep(raw []byte) {
	rec := Received{
		Time: time.Now(), Host: c.host, Proto: c.r.Proto, Remote: c.r.RemoteAddr, Method: c.r.Method, URI: c.r.RequestURI,
		Header: c.r.Header.Clone(), Body: raw, Trailer: c.r.Trailer.Clone(), Chunked: c.r.ContentLength < 0,
	}
	if t := c.r.TLS; t != nil {
		rec.SNI, rec.Resumed = t.ServerName, t.DidResume
	}
	c.log.add(rec)
}

func (c *call) route() {
	path := c.r.URL.Path
	switch {
	case strings.HasPrefix(path, "/knob/"):
		c.knob(strings.TrimPrefix(path, "/knob/"))
	case c.host == HostSite:
		c.site()
	case c.host == HostGemini || strings.Contains(path, ":generateContent"):
		c.gemini()
	case strings.HasPrefix(path, "/v1/messages"):
		c.anthropic()
	case strings.HasPrefix(path, "/echo.Echo/"):
		c.grpc()
	default:
		c.openAI()
	}
}

func (c *call) site() {
	c.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(c.w, "<!doctype html><title>intranet</title><p>%d bytes received\n", len(c.body))
}

func hostOnly(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return host
}
