package pki_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/proxy/pki"
)

func load(t testing.TB, dir string) *pki.Authority {
	t.Helper()
	a, err := pki.LoadOrCreate(dir)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestRoot(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	c := load(t, dir).Certificate
	host, _ := os.Hostname()
	if c.Subject.CommonName != "Gnomon CA "+host && len(host) < 50 {
		t.Errorf("name %q", c.Subject.CommonName)
	}
	if !c.IsCA || c.MaxPathLen != 0 || !c.MaxPathLenZero || c.KeyUsage&x509.KeyUsageCertSign == 0 {
		t.Errorf("CA %v, path length %d, usage %b", c.IsCA, c.MaxPathLen, c.KeyUsage)
	}
	if k, ok := c.PublicKey.(*ecdsa.PublicKey); !ok || k.Curve != elliptic.P256() {
		t.Errorf("key %T", c.PublicKey)
	}
	if years := time.Until(c.NotAfter).Hours() / 24 / 365; years < 9.9 || years > 10.1 {
		t.Errorf("lives %v years", years)
	}
	for name, want := range map[string]os.FileMode{pki.KeyFile: 0o600, pki.CertificateFile: 0o644} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v (%v), want %v", name, info.Mode(), err, want)
		}
	}
	if again := load(t, dir).Certificate; !again.Equal(c) {
		t.Error("the second start made another root")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".new-*")); len(left) > 0 {
		t.Errorf("files left: %q", left)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(t *testing.T, dir string)
		want string
	}{
		{"open key", func(t *testing.T, dir string) { os.Chmod(filepath.Join(dir, pki.KeyFile), 0o640) }, "chmod 600"},
		{"key lost", func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, pki.KeyFile)) }, "restore the key"},
		{"broken key", func(t *testing.T, dir string) { os.WriteFile(filepath.Join(dir, pki.KeyFile), []byte("x"), 0o600) }, "PEM"},
		{"broken certificate", func(t *testing.T, dir string) {
			os.WriteFile(filepath.Join(dir, pki.CertificateFile), []byte("x"), 0o644)
		}, "PEM"},
		{"another's certificate", func(t *testing.T, dir string) {
			other := t.TempDir()
			load(t, other)
			b, _ := os.ReadFile(filepath.Join(other, pki.CertificateFile))
			os.WriteFile(filepath.Join(dir, pki.CertificateFile), b, 0o644)
		}, "does not belong"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			load(t, dir)
			tt.do(t, dir)
			if _, err := pki.LoadOrCreate(dir); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestCertificateMadeAgain is a first start that ended between the two files.
func TestCertificateMadeAgain(t *testing.T) {
	dir := t.TempDir()
	load(t, dir)
	os.Remove(filepath.Join(dir, pki.CertificateFile))
	load(t, dir)
}

func TestLeaf(t *testing.T) {
	ca := load(t, t.TempDir())
	m, err := pki.NewMinter(ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.Certificate)
	for _, host := range []string{"api.ai.test", "127.0.0.1", "2001:db8::1", strings.Repeat("long-label-of-a-host.", 8) + "test"} {
		t.Run(host, func(t *testing.T) {
			cert, err := m.Certificate(host)
			if err != nil {
				t.Fatal(err)
			}
			l := cert.Leaf
			if _, err := l.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}); err != nil {
				t.Error(err)
			}
			if l.IsCA || len(l.ExtKeyUsage) != 1 || len(l.DNSNames)+len(l.IPAddresses) != 1 {
				t.Errorf("CA %v, usages %v, names %v %v", l.IsCA, l.ExtKeyUsage, l.DNSNames, l.IPAddresses)
			}
			if d := l.NotAfter.Sub(l.NotBefore); d != 7*24*time.Hour+time.Hour {
				t.Errorf("lives %v", d)
			}
			if len(l.Subject.CommonName) > 64 {
				t.Errorf("common name of %d bytes", len(l.Subject.CommonName))
			}
		})
	}
	for _, bad := range []string{"", "*.test", "a b", "A.test", "a\x00.test", "ü.test", strings.Repeat("a", 300)} {
		if _, err := m.Certificate(bad); err == nil {
			t.Errorf("a leaf for %q was minted", bad)
		}
	}
}

func TestMintOnce(t *testing.T) {
	m, err := pki.NewMinter(load(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	certs := make([]*tls.Certificate, 64)
	for i := range certs {
		wg.Go(func() { certs[i], _ = m.Certificate("once.test") })
	}
	wg.Wait()
	for _, c := range certs {
		if c == nil || c != certs[0] {
			t.Fatal("different leaves for one host")
		}
	}
	if m.Minted() != 1 {
		t.Errorf("minted %d times", m.Minted())
	}
}

// TestHandshake uses a leaf for what it is made for.
func TestHandshake(t *testing.T) {
	ca := load(t, t.TempDir())
	m, _ := pki.NewMinter(ca)
	roots := x509.NewCertPool()
	roots.AddCert(ca.Certificate)
	a, b := net.Pipe()
	go tls.Server(a, &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) { return m.Certificate(h.ServerName) }}).Handshake()
	if err := tls.Client(b, &tls.Config{ServerName: "ai.test", RootCAs: roots}).Handshake(); err != nil {
		t.Error(err)
	}
	a.Close()
	b.Close()
}

func BenchmarkMint(b *testing.B) {
	m, err := pki.NewMinter(load(b, b.TempDir()))
	if err != nil {
		b.Fatal(err)
	}
	host := []byte("h0000000.test")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for k, n := 7, i; k > 0; k, n = k-1, n/10 {
			host[k] = byte('0' + n%10)
		}
		if _, err := m.Certificate(string(host)); err != nil {
			b.Fatal(err)
		}
	}
}
