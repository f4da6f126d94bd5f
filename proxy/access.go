package proxy

import (
	"context"
	"encoding/base64"
	"net"
	"net/http"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

type sessionKey struct{}

// sessionOf returns the session of a request's connection.
func sessionOf(ctx context.Context) *session { return ctx.Value(sessionKey{}).(*session) }

func (s *Server) outerContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, sessionKey{}, &session{identity: identity{client: clientOf(c)}, scheme: "http"})
}

// serveOuter answers what clients ask of the proxy itself: who they are is
// settled here, before anything else is looked at.
func (s *Server) serveOuter(w http.ResponseWriter, r *http.Request) {
	sess, body := *sessionOf(r.Context()), r.Body
	early(w, r)
	target, ok := s.enter(w, r, &sess)
	if !ok {
		s.leave(w, r, body)
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), sessionKey{}, &sess))
	if r.Method == http.MethodConnect {
		sess.host, sess.port = target.host, target.port
		s.engine.ServeHTTP(hijackable{w}, r)
		return
	}
	flow := sess.flow()
	flow.Host = target.host
	s.serve(w, r, flow)
}

// target is where a request for the proxy wants to go.
type target struct {
	host string
	port uint16
}

// enter reports whether a request may go on, and to where. Else it has answered.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, sess *session) (to target, ok bool) {
	switch {
	case !s.mayUse(sess):
		s.deny(w, r, "client", http.StatusForbidden, "This proxy does not serve your address.")
		return
	case r.Method != http.MethodConnect && !r.URL.IsAbs():
		s.serveLocal(w, r)
		return
	case !s.authenticate(sess, r):
		w.Header().Set("Proxy-Authenticate", `Basic realm="Gnomon", charset="UTF-8"`)
		s.deny(w, r, "auth", http.StatusProxyAuthRequired, "This proxy asks for a user name and a password.")
		return
	case isOwn(r):
		s.enterOwn(w, r, sess)
		return
	}
	name := r.URL.Host
	if r.Method != http.MethodConnect {
		if r.URL.Scheme != "http" {
			s.deny(w, r, "scheme", http.StatusBadRequest, "This proxy takes http URLs; use CONNECT for others.")
			return
		}
		name = withPort(r.URL.Host, "80")
	}
	var err error
	if to.host, to.port, err = splitHostPort(name); err != nil {
		s.deny(w, r, "target", http.StatusBadRequest, "The destination is not a host and a port.")
		return
	}
	if !s.mayReach(to.port, r.Method) {
		s.deny(w, r, "port", http.StatusForbidden, "The gateway does not connect to this port: an administrator can open it with proxy.connect_ports.")
		return
	}
	return to, true
}

func (s *Server) mayUse(sess *session) bool {
	if len(s.cfg.Clients) == 0 {
		return s.cfg.Auth != nil || sess.client.Addr().IsLoopback()
	}
	for _, p := range s.cfg.Clients {
		if p.Contains(sess.client.Addr()) {
			return true
		}
	}
	return false
}

// authenticate checks Proxy-Authorization (RFC 7617) and notes the user.
func (s *Server) authenticate(sess *session, r *http.Request) bool {
	if s.cfg.Auth == nil {
		return true
	}
	scheme, credentials, _ := strings.Cut(r.Header.Get("Proxy-Authorization"), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return false
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(credentials))
	if err != nil {
		return false
	}
	user, password, ok := strings.Cut(string(plain), ":")
	if !ok {
		return false
	}
	groups, ok := s.cfg.Auth.Authenticate(user, password)
	if ok {
		sess.user, sess.groups = user, groups
	}
	return ok
}

// openPorts returns the ports that clients may connect to.
func openPorts(cfg *Config, d *dialer) map[uint16]bool {
	open := make(map[uint16]bool)
	for _, p := range cfg.ConnectPorts {
		open[p] = true
	}
	for _, to := range d.resolve {
		if to.Port() != 0 {
			open[to.Port()] = true
		}
	}
	return open
}

// mayReach reports whether a port is open; plain HTTP may also use its own.
func (s *Server) mayReach(port uint16, method string) bool {
	return s.ports[port] || port == 80 && method != http.MethodConnect
}

// deny answers a request that the rules of access turn away.
func (s *Server) deny(w http.ResponseWriter, r *http.Request, why string, code int, reason string) {
	s.stats.Denied.add(why)
	if r.Method == http.MethodConnect {
		w.Header().Set("Connection", "close")
	}
	writeNotice(w, r, notice{Code: code, Kind: "access_" + why, Reason: reason, Host: traffic.CanonicalHost(r.URL.Host)})
}

// serveLocal answers requests for the proxy itself. There is nothing here but a
// page that says what this is, and the certificate of the authority.
func (s *Server) serveLocal(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		s.deny(w, r, "target", http.StatusBadRequest, "This is a proxy: it takes CONNECT and absolute http URLs.")
	case r.URL.Path == "/":
		writeHome(w)
	case r.URL.Path == "/ca.pem":
		w.Header().Set("Content-Type", "application/x-pem-file")
		w.Header().Set("Content-Disposition", `attachment; filename="gnomon-ca.pem"`)
		w.Write(s.caPEM)
	default:
		s.deny(w, r, "target", http.StatusNotFound, "This is a proxy: there is nothing here but its certificate, ca.pem.")
	}
}

// withPort returns host with the default port where it has none.
func withPort(host, port string) string {
	if strings.LastIndexByte(host, ':') > strings.LastIndexByte(host, ']') {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}
