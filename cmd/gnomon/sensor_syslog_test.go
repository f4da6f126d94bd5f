package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certify writes a certificate that vouches for itself, and its key.
func certify(t *testing.T, dir, name string, at time.Time) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "logs.pem"), filepath.Join(dir, "logs.key")
	for path, b := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// TestSyslogOverTLS has a gateway take a log over TLS, before and after its
// certificate was renewed.
func TestSyslogOverTLS(t *testing.T) {
	dir, start := t.TempDir(), time.Now().Add(-time.Hour)
	cert, key := certify(t, dir, "first", start)
	o := startOffice(t, func(s *Settings) {
		s.Sniffer.SyslogTLS, s.Sniffer.SyslogCertFile, s.Sniffer.SyslogKeyFile = "127.0.0.1:0", cert, key
	})
	send := func(want, lines string) {
		t.Helper()
		c, err := tls.Dial("tcp", o.sensors.syslog.listener.TLSAddr().String(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if got := c.ConnectionState().PeerCertificates[0].Subject.CommonName; got != want {
			t.Errorf("the certificate is of %q, want %q", got, want)
		}
		for line := range strings.Lines(lines) {
			if _, err := c.Write([]byte("<134>Mar  2 09:15:04 proxy squid[7]: " + line)); err != nil {
				t.Fatal(err)
			}
		}
	}
	send("first", squidLines(0, 40))
	o.requests(t, "openai-api", 40)
	certify(t, dir, "second", start.Add(time.Minute))
	send("second", squidLines(40, 2))
	o.requests(t, "openai-api", 42)
	if err := os.WriteFile(key, []byte("half of a renewal"), 0o600); err != nil {
		t.Fatal(err)
	}
	send("second", squidLines(42, 2))
	o.requests(t, "openai-api", 44)
}

// TestSyslogFiles: what a start would refuse is told by the setting that it is
// about, by the check of the settings and by the start alike.
func TestSyslogFiles(t *testing.T) {
	dir := t.TempDir()
	cert, key := certify(t, dir, "logs", time.Now())
	none := filepath.Join(dir, "none.pem")
	for _, tt := range []struct {
		want    string
		sniffer SnifferSettings
	}{
		{"sniffer.syslog: listening for syslog on 0.0.0.0:5514: other machines", SnifferSettings{Syslog: "0.0.0.0:5514"}},
		{"sniffer.syslog_tls: listening for syslog on 0.0.0.0:6514: other machines", SnifferSettings{SyslogTLS: "0.0.0.0:6514", SyslogCertFile: cert, SyslogKeyFile: key}},
		{"sniffer.syslog_cert_file: reading the certificate ", SnifferSettings{SyslogTLS: "127.0.0.1:0", SyslogCertFile: none, SyslogKeyFile: key}},
		{"sniffer.syslog_cert_file: reading the certificate ", SnifferSettings{SyslogTLS: "127.0.0.1:0", SyslogCertFile: key, SyslogKeyFile: cert}},
		{"sniffer.syslog_client_ca_file: reading certificates", SnifferSettings{SyslogTLS: "127.0.0.1:0", SyslogCertFile: cert, SyslogKeyFile: key, SyslogClientCAFile: none}},
		{"", SnifferSettings{SyslogTLS: "0.0.0.0:6514", SyslogCertFile: cert, SyslogKeyFile: key, SyslogClientCAFile: cert}},
	} {
		name, _, _, err := tt.sniffer.syslogConfig(slog.New(slog.DiscardHandler))
		if got := ""; err != nil {
			if got = name + ": " + err.Error(); tt.want == "" || !strings.HasPrefix(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		} else if tt.want != "" {
			t.Errorf("no error, want %q", tt.want)
		}
		s := defaultSettings()
		s.Sniffer = tt.sniffer
		told := ""
		for _, d := range refusals(&s) {
			told += d.text()
		}
		if !strings.HasPrefix(told, tt.want) || tt.want == "" && told != "" {
			t.Errorf("the check says %q, want %q", told, tt.want)
		}
	}
}
