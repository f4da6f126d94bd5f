package proxy

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// innerContext gives the requests on an intercepted connection what is known of
// it.
func innerContext(ctx context.Context, c net.Conn) context.Context {
	if in, ok := unwrap[*connectConn](c); ok {
		in.guard, _ = c.(*headGuard)
		return context.WithValue(ctx, sessionKey{}, &in.session)
	}
	return context.WithValue(ctx, sessionKey{}, &session{}) // no host agrees with it
}

// serveInner serves a decrypted request. Its names have to be those of CONNECT,
// which was classified: otherwise a request could hide behind an allowed name.
func (s *Server) serveInner(w http.ResponseWriter, r *http.Request) {
	sess := sessionOf(r.Context())
	early(w, r)
	if !agrees(sess, r) {
		s.stats.Mismatches.Add(1)
		s.log.Warn("request names another host than CONNECT", "connect", sess.host)
		w.Header().Set("Connection", "close")
		writeNotice(w, r, notice{Code: http.StatusMisdirectedRequest, Kind: "misdirected", Host: sess.host,
			Reason: "The host that this request names is not the one that the connection was opened to."})
		s.leave(w, r, r.Body)
		return
	}
	if r.Method == http.MethodConnect || r.URL.Path == "*" {
		writeNotice(w, r, notice{Code: http.StatusNotImplemented, Kind: "method", Host: sess.host, Reason: "The gateway does not pass this method on."})
		s.leave(w, r, r.Body)
		return
	}
	if r.Host == "" { // HTTP/1.0
		r.Host = sess.host
	}
	delete(r.Header, "Host") // HTTP/2 may send it beside :authority
	// Where it is dialled and verified is the canonical name; Host stays as sent.
	r.URL.Scheme, r.URL.Host = sess.scheme, sess.authority()
	s.serve(w, r, sess.flow())
}

// agrees reports whether a request goes where its connection was opened to.
func agrees(sess *session, r *http.Request) bool {
	if sess.guard != nil && sess.guard.disagreed.Load() {
		return false
	}
	if sess.host == "" || r.URL.Scheme != "" && !strings.EqualFold(r.URL.Scheme, sess.scheme) {
		return false
	}
	for _, name := range append([]string{r.Host, r.URL.Host}, r.Header["Host"]...) {
		if name != "" && !sameTarget(name, sess) {
			return false
		}
	}
	return r.Host != "" || !r.ProtoAtLeast(1, 1)
}

// sameTarget compares a name with an optional port to the target of CONNECT.
func sameTarget(name string, sess *session) bool {
	if traffic.CanonicalHost(name) != sess.host {
		return false
	}
	std := "443"
	if sess.scheme == "http" {
		std = "80"
	}
	_, port, err := splitHostPort(withPort(name, std))
	return err == nil && (port == sess.port || !hasPort(name))
}

func hasPort(name string) bool {
	return strings.LastIndexByte(name, ':') > strings.LastIndexByte(name, ']')
}

// serve sends a request, whose URL is absolute, on its way: through goproxy's
// handlers, see onRequest, unless it came over HTTP/2, where so many requests
// share a connection that a second copy of both heads shows.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, f traffic.Flow) {
	s.stats.Requests.Add(1)
	if r.Method == http.MethodTrace { // its answer would show scripts the cookies
		writeNotice(w, r, notice{Code: http.StatusNotImplemented, Kind: "method", Host: f.Host, Reason: "The gateway does not pass this method on."})
		s.leave(w, r, r.Body)
		return
	}
	keepPath(r.URL, r.RequestURI)
	if isWebSocket(r) {
		s.serveWebSocket(w, r, f)
		return
	}
	if r.ContentLength == 0 {
		r.Body = http.NoBody // else a transport sends an empty body behind the head
	}
	stripHopByHop(r.Header)
	if _, sent := r.Header["User-Agent"]; !sent {
		r.Header["User-Agent"] = nil // else net/http sends its own
	}
	r.RequestURI = "" // it is a client's request from here on
	e, body := newExchange(s, f, w), r.Body
	e.serve(r)
	if !e.body.stopped.Load() { // else no request can follow anyway
		s.leave(w, r, body)
	}
}

// serve has a request that net/http has read answered, and ends its record.
func (e *exchange) serve(r *http.Request) {
	defer e.finish() // whatever panics
	if r.ProtoMajor == 2 {
		e.pass(r)
	} else {
		e.server.engine.ServeHTTP(&e.answer, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, e)))
	}
	e.cutShort()
}

// keepPath has the path of a target sent on byte for byte: net/url would escape
// what it finds wanting ("|", "{").
func keepPath(u *url.URL, target string) {
	path, _, _ := strings.Cut(target, "?")
	if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && path != u.EscapedPath() {
		u.Opaque = path
	}
}
