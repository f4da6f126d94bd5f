package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/proxy/pki"
	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// checkSyslog notes what is wrong with the settings of syslog.
func checkSyslog(s *SnifferSettings, note func(key string, err error, sub ...any)) {
	if s.Syslog != "" {
		note("sniffer.syslog", checkListen(s.Syslog))
	}
	for _, one := range []struct{ key, value string }{
		{"sniffer.syslog_cert_file", s.SyslogCertFile}, {"sniffer.syslog_key_file", s.SyslogKeyFile}, {"sniffer.syslog_client_ca_file", s.SyslogClientCAFile},
	} {
		if s.SyslogTLS == "" && one.value != "" {
			note(one.key, fmt.Errorf("it is for TLS: set sniffer.syslog_tls to an address, such as 127.0.0.1:6514"))
		}
	}
	if s.SyslogTLS == "" {
		return
	}
	note("sniffer.syslog_tls", checkListen(s.SyslogTLS))
	if s.SyslogCertFile == "" || s.SyslogKeyFile == "" {
		note("sniffer.syslog_tls", fmt.Errorf("TLS needs a certificate and its key: set sniffer.syslog_cert_file and sniffer.syslog_key_file"))
	}
	if at, err := netip.ParseAddrPort(s.SyslogTLS); err == nil && at.Port() != 0 && s.SyslogTLS == s.Syslog {
		note("sniffer.syslog_tls", fmt.Errorf("sniffer.syslog has this address: use another port, 6514 for instance"))
	}
}

// takesSyslog reports whether logs are taken over the network.
func (s *SnifferSettings) takesSyslog() bool { return s.Syslog != "" || s.SyslogTLS != "" }

// syslogConfig returns how logs are taken over the network, or the setting for
// which they are not.
func (s *SnifferSettings) syslogConfig() (key string, cfg logs.SyslogConfig, err error) {
	if !s.takesSyslog() {
		return "", cfg, nil
	}
	cfg = logs.SyslogConfig{Addr: s.Syslog, TLSAddr: s.SyslogTLS, Senders: s.SyslogSenders, Options: logs.Options{Location: time.Local}}
	if s.SyslogTLS != "" {
		pair := &keyPair{cert: s.SyslogCertFile, key: s.SyslogKeyFile}
		if _, err := pair.get(); err != nil {
			return "sniffer.syslog_cert_file", cfg, err
		}
		cfg.TLS = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return pair.get() }}
	}
	if s.SyslogClientCAFile != "" {
		roots, err := pki.ReadCertificates(s.SyslogClientCAFile)
		if err != nil {
			return "sniffer.syslog_client_ca_file", cfg, err
		}
		cfg.TLS.ClientCAs = x509.NewCertPool()
		for _, c := range roots {
			cfg.TLS.ClientCAs.AddCert(c)
		}
	}
	plain := logs.SyslogConfig{Addr: cfg.Addr, Senders: cfg.Senders}
	if s.Syslog != "" && plain.Check() != nil {
		return "sniffer.syslog", cfg, plain.Check()
	}
	return "sniffer.syslog_tls", cfg, cfg.Check()
}

// syslogPlaces are the addresses on which logs are taken.
func syslogPlaces(s *SnifferSettings) (all []string) {
	if s.Syslog != "" {
		all = append(all, s.Syslog)
	}
	if s.SyslogTLS != "" {
		all = append(all, s.SyslogTLS+" (TLS)")
	}
	return all
}

// keyPair is a certificate in files, which somebody renews from time to time.
type keyPair struct {
	cert, key string

	mu   sync.Mutex
	of   [2]time.Time // when the files were changed last
	last *tls.Certificate
}

// get returns the certificate, read anew when a file has changed. While what is
// there can't be used, such as half of a renewal, it is the one of before.
func (p *keyPair) get() (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var of [2]time.Time
	for i, path := range []string{p.cert, p.key} {
		if info, err := os.Stat(path); err == nil {
			of[i] = info.ModTime()
		}
	}
	if p.last != nil && of == p.of {
		return p.last, nil
	}
	pair, err := tls.LoadX509KeyPair(p.cert, p.key)
	switch {
	case err == nil:
		p.last, p.of = &pair, of
	case p.last == nil:
		return nil, fmt.Errorf("reading the certificate %s with its key %s: %w", p.cert, p.key, err)
	}
	return p.last, nil
}
