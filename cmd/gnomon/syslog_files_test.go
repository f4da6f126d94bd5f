package main

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSyslogFilesRenewed: what somebody puts into the files of TLS is used from
// the next connection on; what can't be used is told once for each change, and
// that of before stays.
func TestSyslogFilesRenewed(t *testing.T) {
	dir, start := t.TempDir(), time.Now().Add(-time.Hour)
	cert, key := certify(t, dir, "first", start)
	roots := filepath.Join(dir, "roots.pem")
	put := func(path, text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	pem, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	put(roots, string(pem), start)
	var said bytes.Buffer
	f := &syslogFiles{cert: cert, key: key, roots: roots, log: slog.New(slog.NewTextHandler(&said, nil))}
	if key, err := f.renew(); err != nil {
		t.Fatal(key, err)
	}
	connect := f.config().GetConfigForClient
	for i, tt := range []struct {
		name   string
		change func(at time.Time)
		common string // name of the certificate in use
		good   bool
		told   string // once; "" for nothing
	}{
		{"as it was", func(time.Time) {}, "first", true, ""},
		{"half a renewal", func(at time.Time) { put(key, "half", at) }, "first", false, "level=ERROR"},
		{"renewed", func(at time.Time) { certify(t, dir, "second", at) }, "second", true, "renewed"},
		{"no roots", func(at time.Time) { put(roots, "nothing", at) }, "second", false, "reading certificates"},
		{"no roots still", func(at time.Time) { put(roots, "nothing else", at) }, "second", false, "reading certificates"},
		{"gone", func(time.Time) { os.Remove(cert) }, "second", false, "level=ERROR"},
		{"other roots", func(at time.Time) { put(roots, string(pem), at); certify(t, dir, "third", at) }, "third", true, "renewed"},
	} {
		said.Reset()
		tt.change(start.Add(time.Duration(i+1) * time.Minute))
		var got *tls.Config
		for range 3 { // connections
			if got, err = connect(nil); err != nil {
				t.Fatal(err)
			}
		}
		if name := got.Certificates[0].Leaf.Subject.CommonName; name != tt.common || got.ClientCAs == nil || got.ClientAuth != tls.RequireAndVerifyClientCert {
			t.Errorf("%s: the certificate of %q, want %q; %v", tt.name, name, tt.common, got.ClientAuth)
		}
		if good, until := f.state(); good != tt.good || until.Before(time.Now()) {
			t.Errorf("%s: good is %v, until %v", tt.name, good, until)
		}
		if n := strings.Count(said.String(), "\n"); tt.told == "" && n > 0 || tt.told != "" && (n != 1 || !strings.Contains(said.String(), tt.told)) {
			t.Errorf("%s: told %q", tt.name, said.String())
		}
	}
}
