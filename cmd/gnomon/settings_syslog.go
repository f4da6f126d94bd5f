package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"time"

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
// which they are not. files are those of TLS, nil without.
func (s *SnifferSettings) syslogConfig(log *slog.Logger) (key string, cfg logs.SyslogConfig, files *syslogFiles, err error) {
	if !s.takesSyslog() {
		return "", cfg, nil, nil
	}
	cfg = logs.SyslogConfig{Addr: s.Syslog, TLSAddr: s.SyslogTLS, Senders: s.SyslogSenders, Options: logs.Options{Location: time.Local, Answers: true}}
	if s.SyslogTLS != "" {
		files = &syslogFiles{cert: s.SyslogCertFile, key: s.SyslogKeyFile, roots: s.SyslogClientCAFile, log: log}
		if key, err = files.renew(); err != nil {
			return key, cfg, nil, err
		}
		cfg.TLS = files.config()
	}
	plain := logs.SyslogConfig{Addr: cfg.Addr, Senders: cfg.Senders}
	if s.Syslog != "" && plain.Check() != nil {
		return "sniffer.syslog", cfg, files, plain.Check()
	}
	return "sniffer.syslog_tls", cfg, files, cfg.Check()
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
