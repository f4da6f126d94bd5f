package console

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// OIDC says who else may log in: people whom an OpenID provider identifies.
type OIDC struct {
	Issuer   string // URL, as in the provider's tokens
	ClientID string
	Secret   string // "" for a public client
	Claim    string // that gives a role; "": groups
	Roles    map[string]access.Role
	Redirect string       // URL of this console's callback; "": made of the name it is asked for
	Client   *http.Client // nil: the usual one
}

// CallbackPath is where a provider sends people back to.
const CallbackPath = base + "/oidc/callback"

// oidcName is before the names of those who log in through a provider.
const oidcName = "oidc:"

const (
	flowCookie = "gnomon_login"
	flowLife   = 10 * time.Minute

	// maxFlows bounds the logins under way: the oldest goes first.
	maxFlows = 256

	// ProviderWait bounds each question to the provider.
	ProviderWait = 10 * time.Second
)

// flow is a login under way. It is good once, and only in the browser that it
// began in.
type flow struct {
	nonce, verifier, redirect string
	browser                   [32]byte // hash of its cookie
	until                     time.Time
}

// logins are those that go through a provider.
type logins struct {
	cfg OIDC

	mu       sync.Mutex
	provider *oidc.Provider // nil until it has answered
	flows    map[[32]byte]flow
}

// ask returns the provider: it is asked for its keys and addresses when somebody
// first logs in, so that a gateway starts without it.
func (l *logins) ask() (*oidc.Provider, error) {
	l.mu.Lock()
	p := l.provider
	l.mu.Unlock()
	if p != nil {
		return p, nil
	}
	// The provider keeps the context for its keys: it must not be that of a request.
	p, err := oidc.NewProvider(oidc.ClientContext(context.Background(), l.client()), l.cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("asking the OpenID provider: %w", err)
	}
	l.mu.Lock()
	l.provider = p
	l.mu.Unlock()
	return p, nil
}

func (l *logins) client() *http.Client {
	if l.cfg.Client != nil {
		return l.cfg.Client
	}
	return &http.Client{Timeout: ProviderWait}
}

// close frees connections to the provider. l may be nil.
func (l *logins) close() {
	if l != nil && l.cfg.Client != nil {
		l.cfg.Client.CloseIdleConnections()
	}
}

func (l *logins) config(p *oidc.Provider, redirect string) *oauth2.Config {
	return &oauth2.Config{ClientID: l.cfg.ClientID, ClientSecret: l.cfg.Secret, Endpoint: p.Endpoint(), RedirectURL: redirect, Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
}

// begin notes a login and returns its state and the cookie of its browser.
func (l *logins) begin(now time.Time, redirect string) (state, browser string, f flow) {
	state, browser = randomText(), randomText()
	f = flow{nonce: randomText(), verifier: oauth2.GenerateVerifier(), redirect: redirect, browser: sha256.Sum256([]byte(browser)), until: now.Add(flowLife)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.flows == nil {
		l.flows = make(map[[32]byte]flow)
	}
	for len(l.flows) >= maxFlows {
		var oldest [32]byte
		var first time.Time
		for k, one := range l.flows {
			if first.IsZero() || one.until.Before(first) {
				oldest, first = k, one.until
			}
		}
		delete(l.flows, oldest)
	}
	l.flows[sha256.Sum256([]byte(state))] = f
	return state, browser, f
}

// take returns the login of a state, once.
func (l *logins) take(now time.Time, state, browser string) (flow, bool) {
	key := sha256.Sum256([]byte(state))
	l.mu.Lock()
	defer l.mu.Unlock()
	f, ok := l.flows[key]
	delete(l.flows, key)
	return f, ok && now.Before(f.until) && f.browser == sha256.Sum256([]byte(browser))
}

// oidcStart sends a browser to the provider.
func (s *Server) oidcStart(w http.ResponseWriter, r *http.Request) {
	p, err := s.logins.ask()
	if err != nil {
		s.cfg.Log.Error("login through OpenID failed", "error", err)
		writeError(w, http.StatusBadGateway, "the OpenID provider does not answer: see the log")
		return
	}
	redirect := s.logins.redirect(r)
	state, browser, f := s.logins.begin(time.Now(), redirect)
	http.SetCookie(w, &http.Cookie{
		Name: flowCookie, Value: browser, Path: CallbackPath, MaxAge: int(flowLife.Seconds()), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: s.secure(), // Lax: it comes back from another site
	})
	http.Redirect(w, r, s.logins.config(p, redirect).AuthCodeURL(state, oidc.Nonce(f.nonce), oauth2.S256ChallengeOption(f.verifier)), http.StatusFound)
}

// secure reports whether browsers reach the console by TLS alone.
func (s *Server) secure() bool {
	if s.logins == nil {
		return false
	}
	u, err := url.Parse(s.logins.cfg.Redirect)
	return err == nil && u.Scheme == "https"
}

// oidcEnd takes who comes back from the provider.
func (s *Server) oidcEnd(w http.ResponseWriter, r *http.Request) {
	who, err := s.logins.identify(r)
	if err != nil {
		s.failures.take(time.Now(), addressOf(r.RemoteAddr))
		s.cfg.Log.Warn("login through OpenID refused", "error", err)
		writeError(w, http.StatusUnauthorized, "the login was refused: begin it anew; the log says why")
		return
	}
	s.cfg.Log.Info("logged in through OpenID", "who", who.Name, "role", string(who.Role))
	s.setCookie(w, s.sessions.enter(time.Now(), who), int(sessionLife.Seconds()))
	// A page, not a redirect: a strict cookie does not follow a chain of
	// redirects that began at another site.
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write([]byte(`<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/"><title>Gnomon</title><a href="/">Go on</a></html>`))
}

// identify checks what a provider has sent a browser back with.
func (l *logins) identify(r *http.Request) (who access.Identity, err error) {
	q := r.URL.Query()
	var browser string
	if c, err := r.Cookie(flowCookie); err == nil {
		browser = c.Value
	}
	f, ok := l.take(time.Now(), q.Get("state"), browser)
	if !ok {
		return who, errors.New("no such login is under way in this browser")
	}
	p, err := l.ask()
	if err != nil {
		return who, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(r.Context(), l.client()), ProviderWait)
	defer cancel()
	token, err := l.config(p, f.redirect).Exchange(ctx, q.Get("code"), oauth2.VerifierOption(f.verifier))
	if err != nil {
		return who, errors.New("the provider did not take the code") // its answer may hold secrets
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.VerifierContext(ctx, &oidc.Config{ClientID: l.cfg.ClientID, SupportedSigningAlgs: algorithms(), Now: lenient}).Verify(ctx, raw)
	if err != nil {
		return who, fmt.Errorf("its token does not hold: %w", err)
	}
	if !sameSecret(id.Nonce, f.nonce) {
		return who, errors.New("its token is of another login")
	}
	claims := make(map[string]any)
	if err := id.Claims(&claims); err != nil {
		return who, fmt.Errorf("reading the token: %w", err)
	}
	if !l.meant(id.Audience, claims) {
		return who, errors.New("its token was made for another client")
	}
	if who.Role = l.role(claims); who.Role == "" {
		return who, fmt.Errorf("%q has no role here: no value of the claim gives one", id.Subject)
	}
	name := id.Subject
	if mail, _ := claims["email"].(string); mail != "" && claims["email_verified"] == true {
		name = mail
	}
	who.Name = oidcName + name
	return who, nil
}

// clockSkew is how far the clocks of provider and gateway may differ.
const clockSkew = time.Minute

// lenient is now for who checks when a token ends. That it has begun is checked
// with five minutes of patience.
func lenient() time.Time { return time.Now().Add(-clockSkew) }

// algorithms are those that a token may be signed with: with a key that only the
// provider has. "none" and HS256, whose key we have, too, are not among them.
func algorithms() []string {
	return []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}
}

// meant reports whether a token that names us among others was made for us
// (OpenID Connect Core, section 3.1.3.7, steps 3 to 5).
func (l *logins) meant(audience []string, claims map[string]any) bool {
	party, named := claims["azp"]
	if !named {
		return len(audience) == 1
	}
	return party == l.cfg.ClientID
}

// end returns where a browser ends its session at the provider, too, "" when the
// provider has no such place (OpenID Connect RP-Initiated Logout, section 2).
func (l *logins) end(r *http.Request) string {
	l.mu.Lock()
	p := l.provider
	l.mu.Unlock()
	if p == nil {
		return ""
	}
	var more struct {
		End string `json:"end_session_endpoint"`
	}
	if p.Claims(&more) != nil || more.End == "" {
		return ""
	}
	u, err := url.Parse(more.End)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	q := u.Query()
	q.Set("client_id", l.cfg.ClientID)
	q.Set("post_logout_redirect_uri", strings.TrimSuffix(l.redirect(r), CallbackPath)+"/")
	u.RawQuery = q.Encode()
	return u.String()
}

// redirect returns where a provider sends people back to.
func (l *logins) redirect(r *http.Request) string {
	return cmp.Or(l.cfg.Redirect, "http://"+r.Host+CallbackPath)
}

// role returns the strongest role that a claim gives, "" for none.
func (l *logins) role(claims map[string]any) access.Role {
	var values []any
	switch v := claims[cmp.Or(l.cfg.Claim, "groups")].(type) {
	case []any:
		values = v
	case string:
		values = []any{v}
	}
	for _, role := range []access.Role{access.Admin, access.Reviewer, access.Auditor, access.Viewer} {
		if slices.ContainsFunc(values, func(v any) bool {
			name, ok := v.(string)
			return ok && l.cfg.Roles[name] == role
		}) {
			return role
		}
	}
	return ""
}
