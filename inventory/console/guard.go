package console

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

const cookieName = "gnomon_session"

// allowedHosts returns the names that the console answers to beside addresses:
// localhost, and those of the settings. Any other may be a page of an attacker
// who lets his name resolve to this machine (DNS rebinding).
func allowedHosts(addr net.Addr, more []string) map[string]bool {
	_, port, _ := net.SplitHostPort(addr.String())
	hosts := make(map[string]bool)
	for _, name := range append([]string{"localhost"}, more...) {
		name = strings.ToLower(name)
		hosts[name] = true // on the default port, or with the one it names
		hosts[name+":"+port] = true
	}
	return hosts
}

// hostAllowed refuses requests for a name that is not the console's. An address
// literal can't be rebound, so any is fine: the console may listen on all.
func (s *Server) hostAllowed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.hosts[strings.ToLower(r.Host)] || isAddress(r.Host) {
			next.ServeHTTP(w, r)
			return
		}
		writeError(w, http.StatusMisdirectedRequest, "this console does not go by that name: use its address, or name it in the settings")
	})
}

func isAddress(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// headers sets what holds for every answer on the network.
func headers(next http.Handler) http.Handler {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
		"form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// loggedIn reports whether r carries the cookie of a session.
func (s *Server) loggedIn(r *http.Request) bool {
	_, ok := s.session(r)
	return ok
}

// session returns whose session r belongs to.
func (s *Server) session(r *http.Request) (access.Identity, bool) {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return access.Identity{}, false
	}
	return s.sessions.who(time.Now(), c.Value)
}

// mayReadMetrics reports whether r comes from this machine, a session, or a
// holder of the token.
func (s *Server) mayReadMetrics(r *http.Request) bool {
	if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && ap.Addr().Unmap().IsLoopback() {
		return true
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return s.loggedIn(r) || ok && sameSecret(token, s.cfg.MetricsToken)
}
