package logs_test

import (
	"crypto/tls"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

// TestSyslogSilentCrowd: while a thousand connections stand that say nothing, of
// one address or of many, a sender that has something to say gets through, with
// TLS and without.
func TestSyslogSilentCrowd(t *testing.T) {
	const crowd = 1000
	a := newAuthority(t)
	for _, tt := range []struct {
		name string
		tls  bool
		many bool // addresses
	}{{"TLS", true, false}, {"TLS, many addresses", true, true}, {"plain", false, false}} {
		t.Run(tt.name, func(t *testing.T) {
			var refused atomic.Int64
			cfg := logs.SyslogConfig{TLS: &tls.Config{}, Refused: func(netip.Addr, error) { refused.Add(1) }}
			var g *receiving
			if tt.tls {
				g, _ = startTLS(t, a, cfg)
			} else {
				cfg.TLS = nil
				g = startSyslog(t, cfg)
			}
			to := g.s.Addr()
			if tt.tls {
				to = g.s.TLSAddr()
			}
			for i := range crowd {
				from := net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
				if tt.many {
					from.IP = net.IPv4(127, 0, byte(1+i/200), byte(1+i%200))
				}
				c, err := (&net.Dialer{LocalAddr: &from, Timeout: time.Minute}).Dial("tcp", to.String())
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
			}
			text := "<134>" + fortigate("one.example") + "\n"
			if !tt.tls {
				g.send("tcp", text)
			} else if err := g.sendTLS(&tls.Config{RootCAs: a.pool()}, text); err != nil {
				t.Fatal(err)
			}
			g.want("one.example")
			st := g.end()
			if st.Crowded < crowd-256-1 || refused.Load() < crowd-256-1 {
				t.Errorf("%d made room, %d told", st.Crowded, refused.Load())
			}
		})
	}
}

// TestSyslogCrowdOfSenders: an address can't take all the places of those who say
// something.
func TestSyslogCrowdOfSenders(t *testing.T) {
	g := startSyslog(t, logs.SyslogConfig{MaxConns: 4})
	say := func(from, host string) net.Conn {
		t.Helper()
		c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: time.Minute}).Dial("tcp", g.s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if _, err := c.Write([]byte("<134>" + fortigate(host) + "\n")); err != nil {
			t.Fatal(err)
		}
		return c
	}
	say("127.0.0.1", "one.example")
	g.want("one.example")
	say("127.0.0.1", "two.example")
	g.want("two.example")
	third := say("127.0.0.1", "three.example")
	third.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := third.Read(make([]byte, 1)); err == nil {
		t.Error("the third of one address was taken")
	}
	say("127.0.0.2", "four.example")
	g.want("four.example")
	if st := g.end(); st.Crowded != 1 {
		t.Errorf("%d crowded, want 1", st.Crowded)
	}
}
