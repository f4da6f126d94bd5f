package proxy

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/traffic"
)

const (
	// ownTime bounds one look, ownBody what a person may send and ownRead how long
	// that takes, ownAtOnce the looks at one time: the record is there for the
	// traffic first.
	ownTime   = 30 * time.Second
	ownRead   = 10 * time.Second
	ownBody   = 16 << 10
	ownAtOnce = 4
)

// ownCSP is pageCSP with one form, which goes nowhere else.
const ownCSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// ownPages serves what is kept of people to these people.
type ownPages struct {
	own    Own
	key    traffic.Key // of the forms' tokens
	rate   *ownRate
	busy   chan struct{}
	origin *http.CrossOriginProtection
}

func newOwnPages(own Own, key traffic.Key) *ownPages {
	if key == (traffic.Key{}) {
		rand.Read(key[:]) // never fails (crypto/rand)
	}
	return &ownPages{own: own, key: key, rate: newOwnRate(), busy: make(chan struct{}, ownAtOnce), origin: http.NewCrossOriginProtection()}
}

// enterOwn takes what comes for OwnHost: plain HTTP alone. It is never looked up
// and never dialled.
func (s *Server) enterOwn(w http.ResponseWriter, r *http.Request, sess *session) {
	_, port, err := splitHostPort(withPort(r.URL.Host, "80"))
	if r.Method == http.MethodConnect || r.URL.Scheme != "http" || err != nil || port != 80 {
		if r.Method == http.MethodConnect {
			w.Header().Set("Connection", "close")
		}
		s.denyOwn(w, r, http.StatusNotFound, "scheme", languageOf(r).say("nothing"))
		return
	}
	s.serveOwn(w, r, sess)
}

// serveOwn answers a request for OwnHost. Who asks has been settled by the
// connection and its credentials; nothing in the request has a say in it.
func (s *Server) serveOwn(w http.ResponseWriter, r *http.Request, sess *session) {
	l := languageOf(r)
	switch {
	case s.own == nil:
		s.denyOwn(w, r, http.StatusNotFound, "off", l.say("off"))
	case r.URL.Path == "/" && r.Method == http.MethodGet:
		w.Header().Set("Location", "http://"+OwnHost+"/me")
		w.WriteHeader(http.StatusFound)
	case r.URL.Path == "/me" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		s.showOwn(w, r, s.asker(sess), l)
	case r.URL.Path == "/me/exception" && r.Method == http.MethodPost:
		s.askOwn(w, r, s.asker(sess), l)
	default:
		s.denyOwn(w, r, http.StatusNotFound, "path", l.say("nothing"))
	}
}

func (s *Server) denyOwn(w http.ResponseWriter, r *http.Request, code int, why, reason string) {
	s.stats.Denied.add("own_" + why)
	writeNotice(w, r, notice{Code: code, Kind: "own_" + why, Reason: reason, Host: OwnHost})
}

// beginOwn reports whether a look may be taken now; the caller calls endOwn then. A
// page of another site can't read the answer, and can't make us look either.
func (s *Server) beginOwn(w http.ResponseWriter, r *http.Request, who Asker, cost int, l *language) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); (site == "cross-site" || site == "same-site") && r.Header.Get("Sec-Fetch-Mode") != "navigate" {
		s.denyOwn(w, r, http.StatusForbidden, "site", l.say("site"))
		return false
	}
	if !s.own.rate.allow(who, cost, time.Now()) {
		w.Header().Set("Retry-After", "60")
		s.denyOwn(w, r, http.StatusTooManyRequests, "rate", l.say("rate"))
		return false
	}
	select {
	case s.own.busy <- struct{}{}:
		return true
	default:
		w.Header().Set("Retry-After", "5")
		s.denyOwn(w, r, http.StatusServiceUnavailable, "busy", l.say("busy"))
		return false
	}
}

func (s *Server) endOwn() { <-s.own.busy }

func (s *Server) showOwn(w http.ResponseWriter, r *http.Request, who Asker, l *language) {
	if !s.beginOwn(w, r, who, 1, l) {
		return
	}
	defer s.endOwn()
	s.renderOwn(w, r, who, l, http.StatusOK, "", wishOf(r.URL.Query()))
}

// renderOwn shows the page, with what went wrong before and what was wished for.
func (s *Server) renderOwn(w http.ResponseWriter, r *http.Request, who Asker, l *language, code int, problem string, wish OwnWish) {
	if problem != "" && !wantsPage(r) {
		s.denyOwn(w, r, code, "form", problem)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), ownTime)
	defer cancel()
	view, err := s.own.own.See(ctx, who)
	if err != nil {
		s.log.Error("what is kept of a person can't be read", "error", err)
		s.denyOwn(w, r, http.StatusServiceUnavailable, "unread", l.say("unread"))
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Vary", "Accept, Accept-Language")
	if !wantsPage(r) {
		h.Set("Content-Type", "application/json")
		w.WriteHeader(code)
		if r.Method != http.MethodHead {
			json.NewEncoder(w).Encode(view)
		}
		return
	}
	var page strings.Builder
	if err := l.own.Execute(&page, ownData{View: view, Problem: problem, Wish: wish, Token: s.own.token(who, time.Now()), MayAsk: view.Known == "user" || view.Known == "address"}); err != nil {
		s.log.Error("the page of what is kept of a person can't be made", "error", err)
		s.denyOwn(w, r, http.StatusInternalServerError, "page", l.say("unread"))
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", l.code)
	h.Set("Content-Security-Policy", ownCSP)
	h.Set("Referrer-Policy", "same-origin") // with "no-referrer" a browser would not name the origin of the form
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		io.WriteString(w, visible.Page(page.String()))
	}
}

// wantsPage reports whether a person asks and not a program.
func wantsPage(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "text/html") || !strings.Contains(accept, "application/json") && accept != "" && accept != "*/*"
}

// askOwn takes a wish for an exception: from the form of the page, which has a
// token that no other site knows, or as JSON, which no other site can send
// without being asked first (a preflight, which is not answered).
func (s *Server) askOwn(w http.ResponseWriter, r *http.Request, who Asker, l *language) {
	if err := s.own.origin.Check(r); err != nil {
		s.denyOwn(w, r, http.StatusForbidden, "site", l.say("site"))
		return
	}
	if !s.beginOwn(w, r, who, 2, l) {
		return
	}
	defer s.endOwn()
	wish, token, err := readWish(w, r)
	switch {
	case err != nil:
		s.denyOwn(w, r, http.StatusBadRequest, "body", l.say("body"))
		return
	case token != nil && !s.own.good(*token, who, time.Now()):
		s.renderOwn(w, r, who, l, http.StatusForbidden, l.say("stale"), wish)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), ownTime)
	defer cancel()
	id, err := s.own.own.Ask(ctx, who, wish)
	mistake, ok := errors.AsType[*OwnError](err)
	switch {
	case ok && token != nil:
		s.renderOwn(w, r, who, l, http.StatusUnprocessableEntity, mistake.Problem, wish)
	case ok:
		s.denyOwn(w, r, http.StatusUnprocessableEntity, "wish", mistake.Problem)
	case err != nil:
		s.log.Error("a wish for an exception can't be put on record", "error", err)
		s.denyOwn(w, r, http.StatusServiceUnavailable, "unwritten", l.say("unwritten"))
	case token != nil:
		w.Header().Set("Location", "http://"+OwnHost+"/me#exceptions")
		w.WriteHeader(http.StatusSeeOther)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		json.NewEncoder(w).Encode(map[string]string{"exception": id})
	}
}

// readWish reads a form, then token is not nil, or JSON.
func readWish(w http.ResponseWriter, r *http.Request) (wish OwnWish, token *string, err error) {
	to := http.NewResponseController(w)
	to.SetReadDeadline(time.Now().Add(ownRead))
	defer to.SetReadDeadline(time.Time{})
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, ownBody))
	if err != nil {
		return wish, nil, err
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return wish, nil, err
	}
	switch kind {
	case "application/json":
		return wish, nil, json.Unmarshal(body, &wish)
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		t := form.Get("token")
		return wishOf(form), &t, err
	}
	return wish, nil, errors.New("neither a form nor JSON")
}

func wishOf(v url.Values) OwnWish {
	return OwnWish{Service: v.Get("service"), Rule: v.Get("rule"), Reason: v.Get("reason"), Until: v.Get("until")}
}
