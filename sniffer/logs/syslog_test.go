package logs_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/logs"
)

type receiving struct {
	t     *testing.T
	s     *logs.Syslog
	hosts chan string
	stop  func()
	err   chan error
}

func startSyslog(t *testing.T, cfg logs.SyslogConfig) *receiving {
	t.Helper()
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:0"
	}
	return startSyslogOn(t, cfg)
}

func startSyslogOn(t *testing.T, cfg logs.SyslogConfig) *receiving {
	t.Helper()
	s, err := logs.ListenSyslog(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	g := &receiving{t: t, s: s, hosts: make(chan string, 100_000), stop: cancel, err: make(chan error, 1)}
	go func() {
		g.err <- s.Run(ctx, func(from netip.Addr, r *logs.Record) {
			if !from.IsLoopback() {
				t.Errorf("sender %s", from)
			}
			g.hosts <- r.Host
		})
	}()
	t.Cleanup(cancel)
	return g
}

func (g *receiving) want(hosts ...string) {
	g.t.Helper()
	for _, want := range hosts {
		select {
		case got := <-g.hosts:
			if got != want {
				g.t.Fatalf("got a record of %q, want %q", got, want)
			}
		case <-time.After(time.Minute):
			g.t.Fatalf("no record of %q: %+v", want, g.s.Stats())
		}
	}
}

func (g *receiving) end() logs.SyslogStats {
	g.t.Helper()
	g.stop()
	if err := <-g.err; err != nil {
		g.t.Errorf("Run = %v, want nil after its context ended", err)
	}
	return g.s.Stats()
}

// send writes text to the receiver.
func (g *receiving) send(network, text string) {
	g.t.Helper()
	c, err := net.Dial(network, g.s.Addr().String())
	if err != nil {
		g.t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(text)); err != nil {
		g.t.Fatal(err)
	}
}

func fortigate(host string) string {
	return `date=2026-03-02 time=09:15:04 devname="FGT-A" devid="FGT60F" eventtime=1772442904250000000 tz="+0000" logid="0317013312" type="utm" subtype="webfilter" srcip=192.0.2.10 dstip=203.0.113.20 dstport=443 hostname="` +
		host + `" url="https://` + host + `/" action="passthrough" sentbyte=1 rcvdbyte=2`
}

func TestSyslogFraming(t *testing.T) {
	rfc5424 := "<134>1 2026-03-02T09:15:04.250Z fw1 fortigate - - - " + fortigate("two.example")
	for _, tt := range []struct{ name, network, text string }{
		{"datagram", "udp", "<134>" + fortigate("one.example")},
		{"datagram with line feed", "udp", "<134>" + fortigate("one.example") + "\n"},
		{"datagram of two lines", "udp", "<134>" + fortigate("one.example") + "\n<134>" + fortigate("two.example")},
		{"lines", "tcp", "<134>" + fortigate("one.example") + "\r\n<134>" + fortigate("two.example") + "\n"},
		{"no ending", "tcp", "<134>" + fortigate("one.example")},
		{"octets", "tcp", fmt.Sprintf("%d %s", len(rfc5424), rfc5424)},
		{"octets and lines", "tcp", fmt.Sprintf("%d %s<134>%s\n", len(rfc5424), rfc5424, fortigate("one.example"))},
		{"number first", "tcp", squid("one.example")},
		{"number and space first", "tcp", "7 " + fortigate("one.example") + "\n9 " + fortigate("two.example") + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := startSyslog(t, logs.SyslogConfig{})
			g.send(tt.network, tt.text)
			var want []string
			for _, h := range []string{"two.example", "one.example"} {
				if strings.Contains(tt.text, h) {
					want = append(want, h)
				}
			}
			if strings.HasSuffix(tt.name, "lines") && tt.name != "octets and lines" || tt.name == "number and space first" {
				want = []string{"one.example", "two.example"}
			}
			g.want(want...)
			st := g.end()
			if len(st.Senders) != 1 || len(st.Senders[0].Stats.Skipped) != 0 || st.Refused+st.Dropped != 0 {
				t.Errorf("Stats = %+v", st)
			}
		})
	}
}

// TestSyslogRelay has one system send the logs of three others in one stream.
func TestSyslogRelay(t *testing.T) {
	g := startSyslog(t, logs.SyslogConfig{})
	panos, err := os.ReadFile(filepath.Join("testdata", "samples", "panos-threat-url.log"))
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for line := range bytes.Lines(panos) {
		text += string(line) + "<134>" + fortigate("fw.example") + "\n<30>Mar  2 09:15:04 ns1 dnsmasq[812]: query[A] dns.example from 192.0.2.10\n"
	}
	g.send("tcp", text)
	got := map[string]int{}
	for range 15 {
		select {
		case h := <-g.hosts:
			got[h]++
		case <-time.After(time.Minute):
			t.Fatalf("records only of %v: %+v", got, g.s.Stats())
		}
	}
	if got["fw.example"] != 5 || got["dns.example"] != 5 || got["chatgpt.com"] != 1 {
		t.Errorf("got %v", got)
	}
	st := g.end()
	if f := st.Senders[0].Formats; len(f) != 3 {
		t.Errorf("formats %v, want three", f)
	}
}

func TestSyslogSenders(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "[::]:0", "192.0.2.1:5514", "localhost:514", "127.0.0.1"} {
		if s, err := logs.ListenSyslog(logs.SyslogConfig{Addr: addr}); err == nil {
			s.Close()
			t.Errorf("ListenSyslog(%s) without senders: no error", addr)
		}
	}
	// Allowed is another network: neither datagram nor stream is read.
	g := startSyslog(t, logs.SyslogConfig{Addr: "127.0.0.1:0", Senders: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	g.send("udp", "<134>"+fortigate("one.example"))
	g.send("tcp", "<134>"+fortigate("one.example")+"\n")
	for deadline := time.Now().Add(time.Minute); g.s.Stats().Refused < 2; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("Stats = %+v, want 2 refused", g.s.Stats())
		}
	}
	if st := g.end(); st.Messages != 0 || len(g.hosts) != 0 {
		t.Errorf("Stats = %+v, want no message", st)
	}
}

func TestSyslogLimits(t *testing.T) {
	g := startSyslog(t, logs.SyslogConfig{MaxConns: 1})
	long := strings.Repeat("x", 200<<10)
	text := "<134>" + fortigate("one.example") + "\n" + long + "\n"
	text += fmt.Sprintf("%d <%s", len(long)+1, long) + "<134>" + fortigate("two.example") + "\n"
	c, err := net.Dial("tcp", g.s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Write([]byte(text))
	g.want("one.example", "two.example")

	// The only place of those who say something is taken.
	d, err := net.Dial("tcp", g.s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	d.Write([]byte("<134>" + fortigate("three.example") + "\n"))
	d.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := d.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
		t.Errorf("reading on the second connection: %v, want it closed", err)
	}
	st := g.end()
	if n := st.Senders[0].Stats.Skipped[logs.ReasonTooLong]; n != 2 || st.Crowded != 1 {
		t.Errorf("%d too long and %d crowded, want 2 and 1", n, st.Crowded)
	}
}

// TestSyslogUnknown sends what is no log: it is counted, and costs no memory.
func TestSyslogUnknown(t *testing.T) {
	g := startSyslog(t, logs.SyslogConfig{})
	text := ""
	for i := range 300 {
		text += fmt.Sprintf("<30>Mar  2 09:15:04 host cron[%d]: job done\n", i)
	}
	g.send("tcp", text)
	for deadline := time.Now().Add(time.Minute); g.s.Stats().Messages < 300; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("Stats = %+v", g.s.Stats())
		}
	}
	st := g.end()
	if n := st.Senders[0].Stats.Skipped[logs.ReasonFormat]; n != 300 {
		t.Errorf("%d lines of no format, want 300", n)
	}
}

// TestSyslogBroken: a connection that is reset, or ends within a message, is
// counted, whether or not it has said something; one that ends is not.
func TestSyslogBroken(t *testing.T) {
	g := startSyslog(t, logs.SyslogConfig{})
	line := "<134>" + fortigate("one.example") + "\n"
	for _, tt := range []struct {
		name, text string
		reset      bool
		broken     int64
	}{
		{"ends", line, false, 0},
		{"says nothing", "", false, 0},
		{"is cut", "500 <134>1 2026", false, 1},
		{"is cut later", line + "500 <134>1 2026", false, 2},
		{"is reset", "", true, 3},
		{"is reset later", line, true, 4},
	} {
		c, err := net.Dial("tcp", g.s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, tt.text); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(tt.text, line) {
			g.want("one.example")
		}
		if tt.reset {
			c.(*net.TCPConn).SetLinger(0)
		}
		c.Close()
		g.awaitStats(func(st logs.SyslogStats) bool { return st.Broken >= tt.broken })
	}
	if st := g.end(); st.Broken != 4 || st.Messages != 3 {
		t.Errorf("Stats = %+v, want 4 broken and 3 messages", st)
	}
}
