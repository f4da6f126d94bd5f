package proxy_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/proxy"
	"github.com/gnomon-proxy/gnomon/proxy/pki"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// stages is every stage at once: "*.ai.test" are AI services, "site.test" a web
// site of one, "refused.test" one that is refused; "SECRET" in a body is
// replaced, "BLOCK" refuses it, "messages" in a body to another host makes that
// an AI service.
type stages struct {
	onFailure traffic.FailMode

	mu   sync.Mutex
	seen []*traffic.Sighting
	new  chan struct{}
}

func (s *stages) Host(host string) traffic.Verdict {
	switch {
	case host == "ai.test", strings.HasSuffix(host, ".ai.test"), host == "refused.test":
		return traffic.Verdict{Service: "AI", ID: host, How: traffic.HowCatalogue}
	case host == "site.test", host == "refused-site.test":
		return traffic.Verdict{Service: "Site", ID: host, How: traffic.HowCatalogue, Scope: traffic.ScopeWebsite}
	}
	return traffic.Verdict{}
}

func (s *stages) Request(x *traffic.Exchange) (traffic.Verdict, traffic.Account) {
	v := s.Host(x.Flow.Host)
	if !v.AI() && bytes.Contains(x.Body, []byte("messages")) {
		v = traffic.Verdict{Service: x.Flow.Host, ID: "unknown:" + x.Flow.Host, How: traffic.HowRequestShape}
	}
	return v, traffic.Account{}
}

func (s *stages) Response(x *traffic.Exchange, a *traffic.Answer) (traffic.Verdict, traffic.Account) {
	if !x.Verdict.AI() && bytes.Contains(a.Prefix, []byte("choices")) {
		return traffic.Verdict{Service: x.Flow.Host, ID: "unknown:" + x.Flow.Host, How: traffic.HowResponseShape}, x.Account
	}
	return x.Verdict, x.Account
}

func (s *stages) Read(x *traffic.Exchange) (*traffic.Prompt, error) {
	return &traffic.Prompt{Format: "test", Parts: []traffic.Part{{Text: x.Body, End: len(x.Body)}}}, nil
}

func (s *stages) Scan(p *traffic.Prompt) (out []traffic.Finding) {
	for i, part := range p.Parts {
		for at := 0; ; {
			k := bytes.Index(part.Text[at:], []byte("SECRET"))
			if k < 0 {
				break
			}
			out = append(out, traffic.Finding{Detector: "test", Class: traffic.ClassSecret, Part: i, Start: at + k, End: at + k + 6})
			at += k + 6
		}
	}
	return out
}

func (s *stages) Rewrite(x *traffic.Exchange, edits []traffic.Edit) ([]byte, error) {
	out := append([]byte(nil), x.Body...)
	for i := len(edits) - 1; i >= 0; i-- {
		e := edits[i]
		out = append(out[:e.Start:e.Start], append([]byte(e.With), out[e.End:]...)...)
	}
	return out, nil
}

func (s *stages) Refuse(x *traffic.Exchange) traffic.Refusal {
	return traffic.Refusal{Code: 403, ContentType: "application/json", Body: []byte(`{"error":{"message":"` + x.Decision.Reason + `"}}`)}
}

func (s *stages) Decide(x *traffic.Exchange) traffic.Decision {
	d := traffic.Decision{Action: traffic.ActionAllow, OnFailure: s.onFailure}
	if bytes.Contains(x.Body, []byte("BLOCK")) || strings.HasPrefix(x.Flow.Host, "refused") {
		return traffic.Decision{Action: traffic.ActionBlock, Rule: "no-block", Reason: "Not this one."}
	}
	for i := range x.Findings {
		d.Action = traffic.ActionRedact
		d.Redact = append(d.Redact, i)
	}
	return d
}

func (s *stages) Status(string) traffic.Status { return traffic.StatusUnreviewed }

func (s *stages) Record(g *traffic.Sighting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, g)
	select {
	case s.new <- struct{}{}:
	default:
	}
}

// sightings waits for n of them.
func (s *stages) sightings(t *testing.T, n int) []*traffic.Sighting {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		s.mu.Lock()
		seen := append([]*traffic.Sighting(nil), s.seen...)
		s.mu.Unlock()
		if len(seen) >= n {
			return seen
		}
		select {
		case <-s.new:
		case <-timeout:
			t.Fatalf("%d sightings, want %d", len(seen), n)
		}
	}
}

// await waits until cond holds; the limit is there to catch hangs only.
func await(t testing.TB, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); !cond(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

// rig is a gateway with an origin behind it that answers for every name.
type rig struct {
	t        testing.TB
	stages   *stages
	pipeline *traffic.Pipeline
	server   *proxy.Server
	addr     string
	roots    *x509.CertPool // that a client of the gateway trusts
	conns    atomic.Int64   // to the origin
	origin   string
	plain    string // the same origin without TLS
	stop     func() error
}

// start runs a gateway before an origin with handler h. tune may change its
// settings.
func start(t testing.TB, h http.Handler, tune func(*proxy.Config)) *rig {
	t.Helper()
	r := &rig{t: t, stages: &stages{new: make(chan struct{}, 1)}, roots: x509.NewCertPool()}
	originCA := authority(t)
	minter, err := pki.NewMinter(originCA)
	if err != nil {
		t.Fatal(err)
	}
	origin := httptest.NewUnstartedServer(h)
	origin.EnableHTTP2 = true
	origin.TLS = &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
		return minter.Certificate(h.ServerName)
	}}
	origin.Config.ConnState = func(_ net.Conn, st http.ConnState) {
		if st == http.StateNew {
			r.conns.Add(1)
		}
	}
	origin.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	origin.StartTLS()
	t.Cleanup(origin.Close)
	plain := httptest.NewServer(h)
	t.Cleanup(plain.Close)
	r.origin, r.plain = origin.Listener.Addr().String(), plain.Listener.Addr().String()

	ca := authority(t)
	r.roots.AddCert(ca.Certificate)
	cfg := proxy.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	cfg.Grace = time.Second
	cfg.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	cfg.UpstreamRoots = []*x509.Certificate{originCA.Certificate}
	cfg.Resolve = map[string]string{"plain-http.test": r.plain, "http.ai.test": r.plain}
	for _, host := range []string{"ai.test", "a.ai.test", "b.ai.test", "other.test", "site.test", "extra.test", "refused.test", "refused-site.test"} {
		cfg.Resolve[host] = r.origin
	}
	if tune != nil {
		tune(&cfg)
	}
	log := slog.New(slog.DiscardHandler)
	r.pipeline = traffic.NewPipeline(&traffic.Stages{Classifier: r.stages, Codec: r.stages, Scanner: r.stages, Policy: r.stages},
		r.stages, r.stages, func(host string) bool { return host == "extra.test" }, log)
	if r.server, err = proxy.New(cfg, ca, r.pipeline, log); err != nil {
		t.Fatal(err)
	}
	r.addr = r.server.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.server.Run(ctx) }()
	r.stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return r
}

func authority(t testing.TB) *pki.Authority {
	t.Helper()
	ca, err := pki.LoadOrCreate(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// client returns an HTTP client behind the gateway.
func (r *rig) client(h2 bool) *http.Client {
	tr := &http.Transport{
		Proxy:               http.ProxyURL(&url.URL{Scheme: "http", Host: r.addr}),
		TLSClientConfig:     &tls.Config{RootCAs: r.roots, ClientSessionCache: tls.NewLRUClientSessionCache(16)},
		ForceAttemptHTTP2:   h2,
		DisableCompression:  true,
		MaxIdleConnsPerHost: 64,
	}
	r.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 2 * time.Minute}
}

func (r *rig) do(c *http.Client, req *http.Request) (*http.Response, string) {
	r.t.Helper()
	resp, err := c.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp, string(b)
}

func (r *rig) post(c *http.Client, url, body string) (*http.Response, string) {
	r.t.Helper()
	req, err := http.NewRequest("POST", url, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	return r.do(c, req)
}

// dial connects to the gateway and sends head.
func (r *rig) dial(head string) net.Conn {
	r.t.Helper()
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(2 * time.Minute))
	if _, err := io.WriteString(c, head); err != nil {
		r.t.Fatal(err)
	}
	return c
}

// connect opens a CONNECT and returns the connection behind its 200.
func (r *rig) connect(target string) net.Conn {
	r.t.Helper()
	c := r.dial("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n")
	head := readHead(r.t, c)
	if !strings.HasPrefix(head, "HTTP/1.1 200 ") {
		r.t.Fatalf("CONNECT %s: %q", target, head)
	}
	return c
}

// intercepted opens an intercepted HTTP/1.1 connection.
func (r *rig) intercepted(host string) *tls.Conn {
	r.t.Helper()
	c := tls.Client(r.connect(host+":443"), &tls.Config{ServerName: host, RootCAs: r.roots, NextProtos: []string{"http/1.1"}})
	if err := c.Handshake(); err != nil {
		r.t.Fatal(err)
	}
	return c
}

// readHead reads byte by byte up to the empty line.
func readHead(t testing.TB, c io.Reader) string {
	t.Helper()
	var head []byte
	for b := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); {
		if _, err := io.ReadFull(c, b); err != nil {
			t.Fatalf("reading a head: %v after %q", err, head)
		}
		head = append(head, b[0])
	}
	return string(head)
}

// echo answers with what it was sent.
func echo(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	w.Header().Set("Origin-Proto", r.Proto)
	w.Header().Set("Origin-Path", r.RequestURI)
	w.Write(b)
}
