package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// identityProvider is a stand-in for an OpenID provider, over TLS. It signs with
// ES256, which it does not advertise, and logs everybody in as ann.
type identityProvider struct {
	*httptest.Server

	mu       sync.Mutex
	key      *ecdsa.PrivateKey
	id       string                // of the key
	asked    map[string]url.Values // by code
	bend     func(claims map[string]any)
	fetched  int // of the keys
	password string
}

func newIdentityProvider(t *testing.T) *identityProvider {
	t.Helper()
	p := &identityProvider{asked: make(map[string]url.Values), password: rand.Text()}
	p.rotate(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys", "end_session_endpoint": p.URL + "/bye",
		})
	})
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /auth", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /bye", func(http.ResponseWriter, *http.Request) {})
	p.Server = httptest.NewTLSServer(mux)
	t.Cleanup(p.Close)
	return p
}

// rotate makes a new key; the old one is gone.
func (p *identityProvider) rotate(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key, p.id = key, rand.Text()
}

func (p *identityProvider) keys(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetched++
	point, err := p.key.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	json.NewEncoder(w).Encode(map[string]any{"keys": []map[string]any{{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": p.id, "x": base64.RawURLEncoding.EncodeToString(point[1:33]), "y": base64.RawURLEncoding.EncodeToString(point[33:]),
	}}})
}

// authorize is the page where a person logs in; this one always says yes.
func (p *identityProvider) authorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q, code := r.URL.Query(), rand.Text()
	p.asked[code] = q
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

func (p *identityProvider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q, ok := p.asked[r.FormValue("code")]
	delete(p.asked, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	id, password, basic := r.BasicAuth()
	if !basic {
		id, password = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	if !ok || id != "gnomon" || password != p.password || q.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || q.Get("code_challenge_method") != "S256" {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error":"invalid_grant"}`)
		return
	}
	now := time.Now()
	claims := map[string]any{
		"iss": p.URL, "aud": "gnomon", "sub": "u1", "nonce": q.Get("nonce"), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"email": "ann@example.com", "email_verified": true, "groups": []string{"staff", "sec"},
	}
	if p.bend != nil {
		p.bend(claims)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.sign(claims)})
}

func (p *identityProvider) sign(claims map[string]any) string {
	part := func(v any) string {
		b, _ := json.Marshal(v) // of maps of texts and numbers
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(map[string]any{"alg": "ES256", "kid": p.id}) + "." + part(claims)
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, p.key, digest[:crypto.SHA256.Size()])
	if err != nil {
		return ""
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// startLoginGateway runs the command with a provider of logins and returns the
// URL of its console.
func startLoginGateway(t *testing.T, p *identityProvider) string {
	t.Helper()
	dir := t.TempDir()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})
	settings := fmt.Sprintf(`state_dir: %s
proxy: {listen: "127.0.0.1:0"}
console:
  listen: "127.0.0.1:0"
  oidc: {issuer: %q, client_id: gnomon, client_secret_file: secret, ca_file: provider.pem, roles: {sec: reviewer, boss: admin}}
`, filepath.Join(dir, "state"), p.URL)
	for name, text := range map[string]string{"gnomon.yaml": settings, "provider.pem": string(ca), "secret": p.password + "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("gnomon", "run", "--config", filepath.Join(dir, "gnomon.yaml"))
	var log strings.Builder
	cmd.Stderr = &log // read when the command has ended
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the gateway: %v\n%s", err, log.String())
		}
		if strings.Contains(log.String(), p.password) {
			t.Error("the log holds the secret of the client")
		}
	})
	var info runInfo
	awaitTrue(t, func() bool {
		b, err := os.ReadFile(filepath.Join(dir, "state", "run.json"))
		return err == nil && json.Unmarshal(b, &info) == nil && info.Console != ""
	})
	return "http://" + info.Console
}

// TestLogin lets a browser log in to a gateway through a provider, over TLS.
func TestLogin(t *testing.T) {
	p := newIdentityProvider(t)
	console := startLoginGateway(t, p)
	enter := func(bend func(map[string]any)) (*http.Client, int) {
		t.Helper()
		p.mu.Lock()
		p.bend = bend
		p.mu.Unlock()
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		browser := &http.Client{Jar: jar, Transport: p.Client().Transport}
		resp, err := browser.Get(console + "/api/v1/oidc/login")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return browser, resp.StatusCode
	}
	ask := func(browser *http.Client, method, path, body string) (int, string) {
		t.Helper()
		return fetch(t, browser, method, console+"/api/v1"+path, body)
	}
	ann, code := enter(nil)
	if _, me := ask(ann, "GET", "/me", ""); code != 200 || me != `{"name":"oidc:ann@example.com","role":"reviewer"}`+"\n" {
		t.Fatalf("login: %d, me = %s", code, me)
	}
	if code, body := ask(ann, "POST", "/services/claude/decision", `{"verb":"refuse","reason":"no contract"}`); code != 200 {
		t.Errorf("decision: %d %s", code, body)
	}
	boss, _ := enter(func(c map[string]any) { c["groups"] = "boss" })
	if code, ledger := ask(boss, "GET", "/ledger?topic=decision", ""); code != 200 || !strings.Contains(ledger, `"by":"oidc:ann@example.com"`) {
		t.Errorf("ledger: %d %s", code, ledger)
	}
	if code, _ := ask(ann, "POST", "/tokens", `{"name":"x","role":"admin"}`); code != 403 {
		t.Errorf("a token made by a reviewer: %d, want 403", code)
	}

	p.rotate(t)
	if again, code := enter(nil); code != 200 {
		t.Errorf("after the provider has a new key: %d", code)
	} else if code, _ := ask(again, "GET", "/me", ""); code != 200 {
		t.Errorf("me: %d", code)
	}
	seconds := func(name string, d time.Duration) func(map[string]any) {
		return func(c map[string]any) { c[name] = time.Now().Add(d).Unix() }
	}
	for _, tt := range []struct {
		name string
		bend func(map[string]any)
		want int
	}{
		{"the provider's clock is behind", seconds("exp", -10*time.Second), 200},
		{"it is ahead", seconds("nbf", 2*time.Minute), 200},
		{"expired", seconds("exp", -5*time.Minute), 401},
		{"not yet", seconds("nbf", time.Hour), 401},
		{"among others, for us", func(c map[string]any) { c["aud"], c["azp"] = []string{"other", "gnomon"}, "gnomon" }, 200},
		{"among others, for another", func(c map[string]any) { c["aud"], c["azp"] = []string{"other", "gnomon"}, "other" }, 401},
		{"among others, for nobody", func(c map[string]any) { c["aud"] = []string{"other", "gnomon"} }, 401},
		{"for another", func(c map[string]any) { c["azp"] = "other" }, 401},
		{"address that nobody has verified", func(c map[string]any) { c["email_verified"] = false }, 200},
	} {
		if _, code := enter(tt.bend); code != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, code, tt.want)
		}
	}
	unverified, _ := enter(func(c map[string]any) { c["email_verified"] = false })
	if _, me := ask(unverified, "GET", "/me", ""); !strings.Contains(me, `"oidc:u1"`) {
		t.Errorf("who is called by an address that nobody has verified: %s", me)
	}
	code, out := ask(ann, "POST", "/logout", "")
	if code != 200 || !strings.Contains(out, p.URL+"/bye?client_id=gnomon") || !strings.Contains(out, url.QueryEscape(console+"/")) {
		t.Errorf("logout: %d %s", code, out)
	}
	if code, _ := ask(ann, "GET", "/me", ""); code != 401 {
		t.Errorf("after the logout: %d, want 401", code)
	}
}
