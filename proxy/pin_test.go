package proxy_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/proxy"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// refuses is a client that does not trust the gateway's authority.
func refuses(r *rig, min, max uint16) error {
	c := tls.Client(r.connect("ai.test:443"), &tls.Config{ServerName: "ai.test", RootCAs: x509.NewCertPool(), MinVersion: min, MaxVersion: max})
	defer c.Close()
	return c.Handshake()
}

func TestPinned(t *testing.T) {
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(v), func(t *testing.T) {
			r := start(t, http.HandlerFunc(echo), nil)
			if err := refuses(r, v, v); err == nil {
				t.Fatal("the client trusts anything")
			}
			pins := waitPins(t, r)
			if len(pins) != 1 || pins[0].Host != "ai.test" || pins[0].Client != netip.MustParseAddr("127.0.0.1") || pins[0].Reason != "bad_certificate" {
				t.Fatalf("pins %+v", pins)
			}
			// The retry reaches the origin itself, whose certificate it sees.
			c := tls.Client(r.connect("ai.test:443"), &tls.Config{ServerName: "ai.test", InsecureSkipVerify: true})
			if err := c.Handshake(); err != nil {
				t.Fatal(err)
			}
			if _, err := c.ConnectionState().PeerCertificates[0].Verify(x509.VerifyOptions{Roots: r.roots}); err == nil {
				t.Error("the retry was intercepted")
			}
			c.Close()
			s := r.stages.sightings(t, 1)[0]
			if s.Coverage != (traffic.Coverage{Depth: traffic.Blind, Reason: traffic.ReasonPinned}) || s.Up == 0 {
				t.Errorf("sighting %+v", s)
			}
			r.server.Unpin(netip.MustParseAddr("127.0.0.1"), "AI.test")
			r.intercepted("ai.test")
		})
	}
}

func waitPins(t *testing.T, r *rig) (pins []proxy.Pin) {
	t.Helper()
	await(t, "a pin is noted", func() bool {
		pins = r.server.Pinned()
		return len(pins) > 0
	})
	return pins
}

func TestPinnedClosed(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	r.stages.onFailure = traffic.FailClosed
	refuses(r, 0, 0)
	waitPins(t, r)
	c := r.dial("CONNECT ai.test:443 HTTP/1.1\r\nHost: ai.test:443\r\n\r\n")
	if head := readHead(t, c); head[:13] != "HTTP/1.1 403 " {
		t.Errorf("got %q", head)
	}
	if s := r.stages.sightings(t, 1)[0]; s.Decision.Action != traffic.ActionBlock {
		t.Errorf("sighting %+v", s)
	}
}

// TestClosedOnCertificate is a client that hangs up on our certificate without
// an alert: once may be chance.
func TestClosedOnCertificate(t *testing.T) {
	r := start(t, http.HandlerFunc(echo), nil)
	hangUp := func() {
		raw := r.connect("ai.test:443")
		tls.Client(raw, &tls.Config{ServerName: "ai.test", MaxVersion: tls.VersionTLS12, InsecureSkipVerify: true,
			VerifyPeerCertificate: func([][]byte, [][]*x509.Certificate) error { return raw.Close() }}).Handshake()
	}
	for i := range int64(2) {
		hangUp()
		await(t, "the close is counted", func() bool { return r.server.Stats().Failed.All()["closed"] > i })
		if i == 0 && len(r.server.Pinned()) > 0 {
			t.Error("noted at the first close")
		}
	}
	if pins := waitPins(t, r); pins[0].Reason != "closed" {
		t.Errorf("pins %+v", pins)
	}
}

// TestPinnedPlainAlert refuses our certificate as OpenSSL does in TLS 1.3: with
// an alert in the clear.
func TestPinnedPlainAlert(t *testing.T) {
	for code, want := range map[byte]string{42: "bad_certificate", 46: "certificate_unknown", 48: "unknown_ca"} {
		t.Run(want, func(t *testing.T) {
			r := start(t, http.HandlerFunc(echo), nil)
			raw := r.connect("ai.test:443")
			in, out := net.Pipe()
			go tls.Client(in, &tls.Config{ServerName: "ai.test", MinVersion: tls.VersionTLS13}).Handshake()
			hello := make([]byte, 8<<10) // one write of crypto/tls, so one read of the pipe
			n, err := out.Read(hello)
			if err != nil {
				t.Fatal(err)
			}
			out.Close()
			raw.Write(hello[:n])
			if _, err := io.ReadFull(raw, make([]byte, 600)); err != nil { // its hello and some of the certificate
				t.Fatal(err)
			}
			raw.Write([]byte{21, 3, 3, 0, 2, 2, code})
			if pins := waitPins(t, r); len(pins) != 1 || pins[0].Reason != want {
				t.Errorf("pins %+v, want %s", pins, want)
			}
		})
	}
}

// TestPinnedCurl does the same with a real client.
func TestPinnedCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed: TestPinnedPlainAlert plays it")
	}
	for _, version := range []string{"--tlsv1.3", "--tls-max 1.2"} {
		r := start(t, http.HandlerFunc(echo), nil)
		cmd := exec.Command(curl, append(strings.Fields(version), "-sS", "-m", "120", "-x", "http://"+r.addr, "https://ai.test/")...)
		cmd.Env = append(os.Environ(), "NO_PROXY=", "no_proxy=")
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Fatalf("curl trusts anything: %s", out)
		}
		if pins := waitPins(t, r); pins[0].Reason != "unknown_ca" {
			t.Errorf("%s: pins %+v", version, pins)
		}
	}
}
