package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// openSyslog opens what takes logs over the network.
func (g *gateway) openSyslog(records recordFlows) error {
	s := &g.settings.Sniffer
	if !s.takesSyslog() {
		return nil
	}
	key, cfg, files, err := s.syslogConfig(g.log)
	if err != nil {
		return &configError{fmt.Errorf("%s: %w", key, err)}
	}
	cfg.Unproven = (&seldom{log: g.log, what: "a sender of logs did not get through TLS"}).tell
	cfg.Refused = (&seldom{log: g.log, what: "a connection to send logs was refused"}).tell
	cfg.Unread = func(from netip.Addr, lines int64, formats []string) {
		g.log.Warn("a sender of logs sends lines of no known format, which are not read", "sender", from, "lines", lines, "read_as", formats)
	}
	ln, err := logs.ListenSyslog(cfg)
	if err != nil {
		return &configError{fmt.Errorf("sniffer.syslog: %w", err)}
	}
	g.close = append(g.close, ln.Close)
	g.sensors.syslog = &syslogSensor{listener: ln, flows: records, files: files}
	g.log.Info("taking logs over syslog", "plain", addrText(ln.Addr()), "tls", addrText(ln.TLSAddr()), "senders_show_certificates", s.SyslogClientCAFile != "")
	return nil
}

// addrText is an address, "" for none.
func addrText(at netip.AddrPort) string {
	if !at.IsValid() {
		return ""
	}
	return at.String()
}

// seldom tells of senders that were not let in: one that is set up wrong comes
// again every few seconds.
type seldom struct {
	log  *slog.Logger
	what string

	mu     sync.Mutex
	last   time.Time
	silent int // not told since
}

// seldomEvery is how seldom it is told.
const seldomEvery = time.Minute

func (u *seldom) tell(from netip.Addr, err error) {
	u.mu.Lock()
	if time.Since(u.last) < seldomEvery {
		u.silent++
		u.mu.Unlock()
		return
	}
	silent := u.silent
	u.last, u.silent = time.Now(), 0
	u.mu.Unlock()
	attrs := []any{"sender", from, "error", err}
	if silent > 0 {
		attrs = append(attrs, "others_meanwhile", silent)
	}
	u.log.Warn(u.what, attrs...)
}

// syslogSensor takes logs of other systems over the network.
type syslogSensor struct {
	listener *logs.Syslog
	flows    recordFlows
	files    *syslogFiles // of TLS; nil without
}

// Run receives until ctx ends.
func (s *syslogSensor) Run(ctx context.Context) error {
	ids := newFlowIDs()
	return s.listener.Run(ctx, func(sender netip.Addr, r *logs.Record) {
		s.flows.take(r, "syslog "+sender.String(), ids)
	})
}
