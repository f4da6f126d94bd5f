package console

import (
	"net/http"
	"strings"
	"time"
)

// Link returns a new link that logs an administrator in. It works once, for 15
// minutes. The token stands behind the "#": it reaches no server log.
func (s *Server) Link() string {
	if s.tcp == nil {
		return ""
	}
	return "http://" + s.tcp.Addr().String() + "/#token=" + s.sessions.newLink(time.Now())
}

func (s *Server) link(w http.ResponseWriter, _ *http.Request) {
	link := s.Link()
	if link == "" {
		writeError(w, http.StatusNotImplemented, "this gateway has no console")
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"link": link})
}

// login trades the token of a link for a cookie that no script can read.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Token string `json:"token"`
	}
	if !readJSON(w, r, &body, maxBody) {
		return
	}
	cookie, ok := s.sessions.login(time.Now(), body.Token)
	if !ok {
		s.failures.take(time.Now(), addressOf(r.RemoteAddr))
		writeError(w, http.StatusUnauthorized, "this link was used before, or is older than 15 minutes: gnomon console prints a new one, on the gateway's machine")
		return
	}
	s.setCookie(w, cookie, int(sessionLife.Seconds()))
	writeJSON(w, http.StatusOK, map[string]bool{"ok": true})
}

// logout ends a session, and says where the one at the provider is ended: else
// the next to press "Log in" in this browser would be the same person.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	next := ""
	if who, ok := s.session(r); ok && s.logins != nil && strings.HasPrefix(who.Name, oidcName) {
		next = s.logins.end(r)
	}
	if c, err := r.Cookie(cookieName); err == nil {
		s.sessions.logout(c.Value)
	}
	s.setCookie(w, "", -1)
	writeJSON(w, http.StatusOK, map[string]any{"ok": true, "next": next})
}

func (s *Server) setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.secure(),
	})
}
