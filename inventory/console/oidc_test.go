package console_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/console"
	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// provider is a stand-in OpenID provider that speaks the real protocol: it
// checks PKCE, takes a code once, and signs with RS256.
type provider struct {
	*httptest.Server
	key, sign *rsa.PrivateKey // that is published, and that signs

	mu    sync.Mutex
	codes map[string]url.Values    // what the browser was sent with
	bend  func(header, claims obj) // makes a token wrong
}

type obj = map[string]any

func newProvider(t *testing.T) *provider {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key, sign: key, codes: make(map[string]url.Values)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(obj{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(obj{"keys": []obj{{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// authorize is what a browser does at the provider: it returns the code.
func (p *provider) authorize(q url.Values) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	code := rand.Text()
	p.codes[code] = q
	return code
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q, ok := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !ok || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") != b64(sum[:]) || q.Get("redirect_uri") != r.FormValue("redirect_uri") {
		w.WriteHeader(400)
		io.WriteString(w, `{"error":"invalid_grant"}`)
		return
	}
	now := time.Now()
	header := obj{"alg": "RS256", "kid": "1"}
	claims := obj{
		"iss": p.URL, "aud": "gnomon", "sub": "u1", "nonce": q.Get("nonce"), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"email": "ann@example.com", "email_verified": true, "groups": []string{"staff", "sec"},
	}
	if p.bend != nil {
		p.bend(header, claims)
	}
	h, _ := json.Marshal(header)
	c, _ := json.Marshal(claims)
	text := b64(h) + "." + b64(c)
	digest := sha256.Sum256([]byte(text))
	signature := []byte{}
	if header["alg"] != "none" {
		signature, _ = rsa.SignPKCS1v15(nil, p.sign, crypto.SHA256, digest[:])
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(obj{"access_token": "x", "token_type": "Bearer", "id_token": text + "." + b64(signature)})
}

// enter logs a browser in: at the provider and back. change alters the way back.
func (g *gateway) enter(t *testing.T, p *provider, change func(q url.Values, r *http.Request)) (*http.Response, string, string) {
	t.Helper()
	g.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, body := g.ask(t, "GET", "/api/v1/oidc/login", "", nil)
	at, err := resp.Location()
	if err != nil || resp.StatusCode != 302 || len(resp.Cookies()) != 1 {
		t.Fatalf("login: %d %s", resp.StatusCode, body)
	}
	q := url.Values{"state": {at.Query().Get("state")}, "code": {p.authorize(at.Query())}}
	cookie := resp.Cookies()[0]
	back := func(r *http.Request) {
		r.AddCookie(cookie)
		if change != nil {
			change(q, r)
		}
		r.URL.RawQuery = q.Encode()
	}
	resp, body = g.ask(t, "GET", "/api/v1/oidc/callback", "", back)
	again, _ := g.ask(t, "GET", "/api/v1/oidc/callback", "", back)
	if again.StatusCode != 401 {
		t.Errorf("the same answer works twice: %d", again.StatusCode)
	}
	for _, c := range resp.Cookies() {
		if c.Name == "gnomon_session" {
			if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
				t.Errorf("cookie = %v", c)
			}
			return resp, body, c.Value
		}
	}
	return resp, body, ""
}

func TestOIDC(t *testing.T) {
	p := newProvider(t)
	g := start(t, func(c *console.Config) {
		c.Limits = console.Limits{PerSecond: 1e6, Burst: 1e6, Failures: 1e6}
		c.OIDC = &console.OIDC{Issuer: p.URL, ClientID: "gnomon", Secret: "s", Roles: map[string]access.Role{"sec": access.Reviewer, "boss": access.Admin}, Client: p.Client()}
	})
	_, body, session := g.enter(t, p, nil)
	if session == "" {
		t.Fatalf("no session: %s", body)
	}
	with := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "gnomon_session", Value: session}) }
	if _, me := g.ask(t, "GET", "/api/v1/me", "", with); strings.TrimSpace(me) != `{"name":"oidc:ann@example.com","role":"reviewer"}` {
		t.Errorf("me = %s", me)
	}
	if resp, _ := g.ask(t, "POST", "/api/v1/reload", "", with); resp.StatusCode != 403 {
		t.Errorf("reload by a reviewer: %d, want 403", resp.StatusCode)
	}
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	set := func(name string, v any) func(_, c obj) { return func(_, c obj) { c[name] = v } }
	for _, tt := range []struct {
		name   string
		bend   func(header, claims obj)
		change func(q url.Values, r *http.Request)
		key    *rsa.PrivateKey
	}{
		{name: "wrong nonce", bend: set("nonce", "x")},
		{name: "no nonce", bend: func(_, c obj) { delete(c, "nonce") }},
		{name: "other audience", bend: set("aud", "other")},
		{name: "other issuer", bend: set("iss", "https://evil.test")},
		{name: "expired", bend: set("exp", time.Now().Add(-time.Hour).Unix())},
		{name: "no expiry", bend: func(_, c obj) { delete(c, "exp") }},
		{name: "from the future", bend: set("nbf", time.Now().Add(time.Hour).Unix())},
		{name: "alg none", bend: func(h, _ obj) { h["alg"] = "none" }},
		{name: "alg HS256", bend: func(h, _ obj) { h["alg"] = "HS256" }},
		{name: "other key", key: stranger},
		{name: "no role", bend: set("groups", []string{"staff"})},
		{name: "no groups", bend: func(_, c obj) { delete(c, "groups") }},
		{name: "wrong state", change: func(q url.Values, _ *http.Request) { q.Set("state", "x") }},
		{name: "no code", change: func(q url.Values, _ *http.Request) { q.Del("code") }},
		{name: "made-up code", change: func(q url.Values, _ *http.Request) { q.Set("code", "x") }},
		{name: "other browser", change: func(_ url.Values, r *http.Request) { r.Header.Del("Cookie") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p.bend, p.sign = tt.bend, p.key
			if tt.key != nil {
				p.sign = tt.key
			}
			resp, body, session := g.enter(t, p, tt.change)
			if resp.StatusCode != 401 || session != "" {
				t.Errorf("%d %s, session %q; want 401", resp.StatusCode, body, session)
			}
		})
	}
}
