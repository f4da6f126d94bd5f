package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/proxy/pki"
)

// syslogFiles are the certificate, its key and the roots of the senders, in files
// that somebody renews from time to time.
type syslogFiles struct {
	cert, key, roots string // roots may be ""
	log              *slog.Logger

	mu   sync.Mutex
	of   [3]time.Time // when the files in use were changed last,
	told [3]time.Time // and those of which it was told that they can't be used
	last *tls.Config  // of what is in use; shared, never modified
	bad  bool         // what is in the files can't be used
}

// renew reads the files anew where one has changed. While what is there can't be
// used, such as half of a renewal, it is that of before, and the log says so once
// for each change. The first time it is an error, of that setting.
func (f *syslogFiles) renew() (setting string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.renewLocked()
}

func (f *syslogFiles) renewLocked() (setting string, err error) {
	of := f.changed()
	if f.last != nil && of == f.of {
		f.bad = false // also where what was wrong has been taken back
		return "", nil
	}
	cfg, setting, err := f.read()
	switch {
	case err == nil && f.last == nil:
		f.last, f.of = cfg, of
	case err == nil:
		f.last, f.of, f.bad = cfg, of, false
		f.log.Info("the certificate for syslog over TLS was renewed", "until", cfg.Certificates[0].Leaf.NotAfter)
	case f.last == nil:
		return setting, err
	case !f.bad || of != f.told:
		f.bad, f.told = true, of
		f.log.Error("syslog over TLS goes on with the certificate of before: that in the files can't be used", "error", err,
			"until", f.last.Certificates[0].Leaf.NotAfter)
	}
	return "", nil
}

// changed returns when each file was changed last.
func (f *syslogFiles) changed() (of [3]time.Time) {
	for i, path := range []string{f.cert, f.key, f.roots} {
		if path == "" {
			continue
		}
		if info, err := os.Stat(path); err == nil {
			of[i] = info.ModTime()
		}
	}
	return of
}

func (f *syslogFiles) read() (cfg *tls.Config, setting string, err error) {
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err == nil && pair.Leaf == nil {
		pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0])
	}
	if err != nil {
		return nil, "sniffer.syslog_cert_file", fmt.Errorf("reading the certificate %s with its key %s: %w", f.cert, f.key, err)
	}
	cfg = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, SessionTicketsDisabled: true}
	if f.roots == "" {
		return cfg, "", nil
	}
	roots, err := pki.ReadCertificates(f.roots)
	if err != nil {
		return nil, "sniffer.syslog_client_ca_file", err
	}
	cfg.ClientCAs, cfg.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	for _, c := range roots {
		cfg.ClientCAs.AddCert(c)
	}
	return cfg, "", nil
}

// config returns TLS that looks at the files with each connection.
func (f *syslogFiles) config() *tls.Config {
	f.mu.Lock()
	defer f.mu.Unlock()
	cfg := f.last.Clone()
	cfg.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		_, err := f.renewLocked()
		return f.last, err
	}
	return cfg
}

// state reports whether what is in the files is in use, and until when that is
// good.
func (f *syslogFiles) state() (good bool, until time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.renewLocked() // f.last is there: no error
	return !f.bad, f.last.Certificates[0].Leaf.NotAfter
}
