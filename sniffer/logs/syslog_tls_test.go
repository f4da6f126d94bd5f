package logs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// authority is a CA of a test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t}
	c := a.issue("test CA")
	a.cert, a.key = c.Leaf, c.PrivateKey.(*ecdsa.PrivateKey)
	return a
}

// issue makes a certificate for this machine; the first one is the CA's own.
func (a *authority) issue(name string) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true, IsCA: a.cert == nil,
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = tmpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// startTLS receives over TLS alone, and counts who did not get that far.
func startTLS(t *testing.T, a *authority, cfg logs.SyslogConfig) (*receiving, *atomic.Pointer[string]) {
	t.Helper()
	said := new(atomic.Pointer[string])
	cfg.Addr, cfg.TLSAddr = "", "127.0.0.1:0"
	cfg.TLS = &tls.Config{Certificates: []tls.Certificate{a.issue("logs.test")}, ClientCAs: cfg.TLS.ClientCAs}
	cfg.Unproven = func(from netip.Addr, err error) {
		text := from.String() + ": " + err.Error()
		said.Store(&text)
	}
	return startSyslogOn(t, cfg), said
}

// sendTLS writes text as a client; what fails shows at the receiver.
func (g *receiving) sendTLS(cfg *tls.Config, text string) error {
	g.t.Helper()
	c, err := tls.Dial("tcp", g.s.TLSAddr().String(), cfg)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err = c.Write([]byte(text)); err != nil {
		return err
	}
	if err := c.CloseWrite(); err != nil {
		return err
	}
	c.SetReadDeadline(time.Now().Add(time.Minute))
	_, err = io.Copy(io.Discard, c) // until the receiver has read it all
	return err
}

// TestSyslogTLSInHaste: a sender that never reads is sent nothing that it could
// leave unread but the parting word. What it left, a ticket of TLS 1.3, would have
// its close reset the connection, and lose what it sent.
func TestSyslogTLSInHaste(t *testing.T) {
	a := newAuthority(t)
	g, _ := startTLS(t, a, logs.SyslogConfig{TLS: &tls.Config{}})
	raw, err := net.Dial("tcp", g.s.TLSAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	c := tls.Client(frugal{raw}, &tls.Config{RootCAs: a.pool(), ServerName: "logs.test", MinVersion: tls.VersionTLS13, ClientSessionCache: tls.NewLRUClientSessionCache(1)})
	if _, err := c.Write([]byte(octets("<134>1 2026-03-02T09:15:04.250Z fw1 fortigate - - - " + fortigate("one.example")))); err != nil {
		t.Fatal(err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	g.want("one.example")
	raw.SetReadDeadline(time.Now().Add(time.Minute))
	left, err := io.ReadAll(raw)
	const parting = 5 + 2 + 1 + 16 // a record of an alert (RFC 8446, section 5.2)
	if err != nil || len(left) > parting {
		t.Errorf("%d bytes are left unread (%v), want %d at most", len(left), err, parting)
	}
}

// frugal reads no more than it needs, as OpenSSL does.
type frugal struct{ net.Conn }

func (c frugal) Read(p []byte) (int, error) { return c.Conn.Read(p[:min(1, len(p))]) }

func octets(text string) string { return fmt.Sprintf("%d %s", len(text), text) }

// awaitStats waits until the receiver has counted so.
func (g *receiving) awaitStats(done func(logs.SyslogStats) bool) {
	g.t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(g.s.Stats()); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			g.t.Fatalf("Stats = %+v", g.s.Stats())
		}
	}
}

func TestSyslogTLS(t *testing.T) {
	a := newAuthority(t)
	g, _ := startTLS(t, a, logs.SyslogConfig{TLS: &tls.Config{}})
	if g.s.Addr().IsValid() {
		t.Errorf("it listens without TLS, too: %s", g.s.Addr())
	}
	text := octets("<134>1 2026-03-02T09:15:04.250Z fw1 fortigate - - - "+fortigate("one.example")) +
		octets("<134>1 2026-03-02T09:15:04.250Z fw1 fortigate - - - "+fortigate("two.example")+"\n") + "<134>" + fortigate("three.example") + "\n"
	if err := g.sendTLS(&tls.Config{RootCAs: a.pool(), MaxVersion: tls.VersionTLS12}, text); err != nil {
		t.Fatal(err)
	}
	g.want("one.example", "two.example", "three.example")
	if err := g.sendTLS(&tls.Config{RootCAs: a.pool()}, text); err != nil {
		t.Fatal(err)
	}
	g.want("one.example", "two.example", "three.example")
	if st := g.end(); st.Messages != 6 || st.Unproven != 0 {
		t.Errorf("Stats = %+v, want 6 messages", st)
	}
}

// TestSyslogTLSRefused has those come who may not send: nothing is read of them,
// and each is told of with its reason.
func TestSyslogTLSRefused(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	text := octets("<134>1 2026-03-02T09:15:04.250Z fw1 fortigate - - - " + fortigate("one.example"))
	for _, tt := range []struct {
		name, want string
		send       func(*receiving) error
	}{
		{"no certificate", "certificate", func(g *receiving) error { return g.sendTLS(&tls.Config{RootCAs: a.pool()}, text) }},
		{"of another CA", "unknown authority", func(g *receiving) error {
			return g.sendTLS(&tls.Config{RootCAs: a.pool(), Certificates: []tls.Certificate{other.issue("fw1")}}, text)
		}},
		{"old TLS", "version", func(g *receiving) error {
			return g.sendTLS(&tls.Config{RootCAs: a.pool(), MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11, Certificates: []tls.Certificate{a.issue("fw1")}}, text)
		}},
		{"no TLS", "TLS handshake", func(g *receiving) error {
			c, err := net.Dial("tcp", g.s.TLSAddr().String())
			if err != nil {
				return err
			}
			defer c.Close()
			_, err = c.Write([]byte(text))
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g, said := startTLS(t, a, logs.SyslogConfig{TLS: &tls.Config{ClientCAs: a.pool()}})
			tt.send(g) // fails, or fails later: TLS 1.3 clients learn of it with their first read
			g.awaitStats(func(st logs.SyslogStats) bool { return st.Unproven == 1 && said.Load() != nil })
			if got := *said.Load(); !strings.HasPrefix(got, "127.0.0.1: ") || !strings.Contains(got, tt.want) {
				t.Errorf("told %q, want it to say %q", got, tt.want)
			}
			g.sendTLS(&tls.Config{RootCAs: a.pool(), Certificates: []tls.Certificate{a.issue("fw1")}}, strings.ReplaceAll(text, "one", "two"))
			g.want("two.example") // and nothing before it
			if st := g.end(); st.Messages != 1 {
				t.Errorf("Stats = %+v, want one message", st)
			}
		})
	}
}

// TestSyslogTLSBounds: those who never speak TLS hold connections, but no more
// than there may be.
func TestSyslogTLSBounds(t *testing.T) {
	a := newAuthority(t)
	g, _ := startTLS(t, a, logs.SyslogConfig{TLS: &tls.Config{}, MaxConns: 2})
	for range 5 {
		c, err := net.Dial("tcp", g.s.TLSAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	g.awaitStats(func(st logs.SyslogStats) bool { return st.Crowded == 3 })
	if st := g.end(); st.Messages != 0 { // it ends at once although they hang on
		t.Errorf("Stats = %+v", st)
	}
}

func TestSyslogTLSConfig(t *testing.T) {
	a := newAuthority(t)
	with := &tls.Config{Certificates: []tls.Certificate{a.issue("logs.test")}}
	proven := with.Clone()
	proven.ClientCAs = a.pool()
	for name, tt := range map[string]struct {
		cfg  logs.SyslogConfig
		want string
	}{
		"nothing":                   {logs.SyslogConfig{}, "no address"},
		"no certificate":            {logs.SyslogConfig{TLSAddr: "127.0.0.1:0"}, "certificate"},
		"a name":                    {logs.SyslogConfig{TLSAddr: "localhost:6514", TLS: with}, "address and a port"},
		"open to all":               {logs.SyslogConfig{TLSAddr: "0.0.0.0:6514", TLS: with}, "networks of the senders"},
		"open to the certified":     {logs.SyslogConfig{TLSAddr: "0.0.0.0:6514", TLS: proven}, ""},
		"open, plain beside it":     {logs.SyslogConfig{Addr: "0.0.0.0:5514", TLSAddr: "0.0.0.0:6514", TLS: proven}, "networks of the senders"},
		"both on this machine":      {logs.SyslogConfig{Addr: "127.0.0.1:5514", TLSAddr: "127.0.0.1:6514", TLS: with}, ""},
		"to a network, no client's": {logs.SyslogConfig{TLSAddr: "0.0.0.0:6514", TLS: with, Senders: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, ""},
	} {
		err := tt.cfg.Check()
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// TestSyslogTLSRsyslog has Debian's syslog server send: octet counting under
// TLS with its own certificate, and lines, its default.
func TestSyslogTLSRsyslog(t *testing.T) {
	rsyslogd := rsyslog(t)
	for _, framing := range []string{"octet-counted", "traditional"} {
		t.Run(framing, func(t *testing.T) {
			a, dir := newAuthority(t), t.TempDir()
			g, said := startTLS(t, a, logs.SyslogConfig{TLS: &tls.Config{ClientCAs: a.pool()}})
			file := func(name string, blocks ...*pem.Block) string {
				path := filepath.Join(dir, name)
				var text []byte
				for _, b := range blocks {
					text = append(text, pem.EncodeToMemory(b)...)
				}
				if err := os.WriteFile(path, text, 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			own := a.issue("fw1")
			key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
			if err != nil {
				t.Fatal(err)
			}
			in := filepath.Join(dir, "in.log")
			conf := fmt.Sprintf(`global(workDirectory=%q maxMessageSize="64k" defaultNetstreamDriver="gtls"
 defaultNetstreamDriverCAFile=%q defaultNetstreamDriverCertFile=%q defaultNetstreamDriverKeyFile=%q)
module(load="imfile" mode="polling" pollingInterval="1")
input(type="imfile" file=%q tag="fortigate" reopenOnTruncate="on")
action(type="omfwd" target="127.0.0.1" port="%d" protocol="tcp" TCP_Framing=%q StreamDriver="gtls" StreamDriverMode="1"
 StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="logs.test" template="RSYSLOG_SyslogProtocol23Format" action.resumeInterval="1" action.resumeRetryCount="-1")
`, dir, file("ca.pem", &pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}), file("cert.pem", &pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate[0]}),
				file("key.pem", &pem.Block{Type: "PRIVATE KEY", Bytes: key}), in, g.s.TLSAddr().Port(), framing)
			if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(conf), 0o600); err != nil {
				t.Fatal(err)
			}
			var hosts []string
			var log strings.Builder
			for i := range 50 {
				hosts = append(hosts, fmt.Sprintf("h%d.example", i))
				fmt.Fprintln(&log, fortigate(hosts[i]))
			}
			if err := os.WriteFile(in, []byte(log.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), rsyslogd, "-n", "-f", filepath.Join(dir, "conf"), "-i", filepath.Join(dir, "pid"))
			var out strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() {
				cmd.Process.Kill()
				cmd.Wait()
				if t.Failed() {
					t.Logf("rsyslogd said %s; of TLS: %v", out.String(), said.Load())
				}
			}()
			var got []string
			for len(got) < len(hosts) {
				select {
				case h := <-g.hosts:
					got = append(got, h)
				case <-time.After(time.Minute):
					t.Fatalf("%d records: %+v", len(got), g.s.Stats())
				}
			}
			if !slices.Equal(got, hosts) {
				t.Errorf("got %v", got)
			}
			if st := g.end(); st.Unproven != 0 {
				t.Errorf("Stats = %+v", st)
			}
		})
	}
}

// rsyslog returns the path of rsyslogd if it can speak TLS.
func rsyslog(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("rsyslogd")
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/rsyslogd")
	}
	driver, _ := filepath.Glob("/usr/lib/*/rsyslog/lmnsd_gtls.so")
	if err == nil && len(driver) > 0 {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("rsyslogd with TLS is not installed (rsyslog-gnutls)")
	}
	t.Skip("NOT TESTED: rsyslogd with TLS is not installed (apt-get install rsyslog-gnutls)")
	return ""
}
