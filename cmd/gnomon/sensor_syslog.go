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
	key, cfg, err := s.syslogConfig()
	if err != nil {
		return &configError{fmt.Errorf("%s: %w", key, err)}
	}
	cfg.Unproven = (&unproven{log: g.log}).tell
	ln, err := logs.ListenSyslog(cfg)
	if err != nil {
		return &configError{fmt.Errorf("sniffer.syslog: %w", err)}
	}
	g.close = append(g.close, ln.Close)
	g.sensors.syslog = &syslogSensor{listener: ln, flows: records}
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

// unproven tells of senders whose TLS did not come about: one that is set up
// wrong comes again every few seconds.
type unproven struct {
	log *slog.Logger

	mu     sync.Mutex
	last   time.Time
	silent int // not told since
}

// unprovenEvery is how seldom it is told.
const unprovenEvery = time.Minute

func (u *unproven) tell(from netip.Addr, err error) {
	u.mu.Lock()
	if time.Since(u.last) < unprovenEvery {
		u.silent++
		u.mu.Unlock()
		return
	}
	silent := u.silent
	u.last, u.silent = time.Now(), 0
	u.mu.Unlock()
	u.log.Warn("a sender of logs did not get through TLS", "sender", from, "error", err, "others_meanwhile", silent)
}

// syslogSensor takes logs of other systems over the network.
type syslogSensor struct {
	listener *logs.Syslog
	flows    recordFlows
}

// Run receives until ctx ends.
func (s *syslogSensor) Run(ctx context.Context) error {
	ids := newFlowIDs()
	return s.listener.Run(ctx, func(sender netip.Addr, r *logs.Record) {
		s.flows.take(r, "syslog "+sender.String(), ids)
	})
}
