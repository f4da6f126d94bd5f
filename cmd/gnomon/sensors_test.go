package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// today is when the lines of the logs were written: single sightings, by which
// what was read twice is known, are kept for 90 days.
var today = time.Now().Unix() - 3600

// squidLines are n requests to an AI service from the i-th on, and as many that
// are none, in Squid's native format.
func squidLines(i, n int) string {
	var b strings.Builder
	for ; n > 0; i, n = i+1, n-1 {
		fmt.Fprintf(&b, "%d.%03d    120 192.0.2.%d TCP_TUNNEL/200 9100 CONNECT api.openai.com:443 alice HIER_DIRECT/192.0.2.80 -\n", today+int64(i)/1000, i%1000, 10+i%5)
		fmt.Fprintf(&b, "%d.%03d     20 192.0.2.%d TCP_MISS/200 512 GET http://example.org/ - HIER_DIRECT/192.0.2.81 text/html\n", today+int64(i)/1000, i%1000, 10+i%5)
	}
	return b.String()
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// requests waits until the service has want requests, or for long enough to
// know that it won't.
func (o *office) requests(t *testing.T, service string, want int64) {
	t.Helper()
	var got int64
	for range 600 {
		if d, err := o.inventory.Service(t.Context(), service); err == nil {
			if got = d.Requests; got == want {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s has %d requests, want %d", service, got, want)
}

// follows waits until a log is followed, and it is noted how far it was read.
func (o *office) follows(t *testing.T, log string) {
	t.Helper()
	awaitCond(t, func() bool {
		_, known := o.sensors.places.of(log)
		return known
	})
}

// TestFollowedLog has a gateway follow a log over restarts: what was written
// while it was down is read, and what is read twice counts once.
func TestFollowedLog(t *testing.T) {
	log, state := filepath.Join(t.TempDir(), "access.log"), filepath.Join(t.TempDir(), "state")
	watch := func(s *Settings) { s.StateDir, s.Sniffer.Logs = state, []string{log} }

	first := startOffice(t, watch) // the log does not exist yet
	first.follows(t, log)
	appendTo(t, log, squidLines(0, 100))
	first.requests(t, "openai-api", 100)
	w := httptest.NewRecorder()
	first.serveMetrics(w, httptest.NewRequest("GET", "/metrics", nil))
	if want := fmt.Sprintf("gnomon_sensor_up{sensor=%q} 1", log); !strings.Contains(w.Body.String(), want) {
		t.Errorf("the metrics lack %s", want)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	first.gateway.Close()
	early, err := os.ReadFile(filepath.Join(state, logPlacesFile))
	if err != nil {
		t.Fatal(err)
	}

	appendTo(t, log, squidLines(100, 50))
	second := startOffice(t, watch)
	second.requests(t, "openai-api", 150)
	if err := second.stop(); err != nil {
		t.Fatal(err)
	}
	second.gateway.Close()

	// As after a crash: the place is older than what the inventory holds.
	if err := os.WriteFile(filepath.Join(state, logPlacesFile), early, 0o600); err != nil {
		t.Fatal(err)
	}
	appendTo(t, log, squidLines(150, 1))
	startOffice(t, watch).requests(t, "openai-api", 151)
}

// TestQuietLog: a log that was empty, or said nothing, when the gateway followed
// it first is read from there by the next run, over a rotation too.
func TestQuietLog(t *testing.T) {
	for _, before := range []string{"", squidLines(0, 3)} {
		log, state := filepath.Join(t.TempDir(), "access.log"), filepath.Join(t.TempDir(), "state")
		watch := func(s *Settings) { s.StateDir, s.Sniffer.Logs = state, []string{log} }
		appendTo(t, log, before)
		first := startOffice(t, watch)
		first.follows(t, log)
		if err := first.stop(); err != nil {
			t.Fatal(err)
		}
		first.gateway.Close()
		appendTo(t, log, squidLines(100, 20))
		if before != "" {
			if err := os.Rename(log, log+".1"); err != nil {
				t.Fatal(err)
			}
		}
		appendTo(t, log, squidLines(200, 7))
		startOffice(t, watch).requests(t, "openai-api", 27)
	}
}

func TestBrokenLogPlaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), logPlacesFile)
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readLogPlaces(path, nil); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error = %v, want one that names the file", err)
	}
}

func TestSyslogSensor(t *testing.T) {
	o := startOffice(t, func(s *Settings) { s.Sniffer.Syslog = "127.0.0.1:0" })
	c, err := net.Dial("tcp", o.sensors.syslog.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for line := range strings.Lines(squidLines(0, 40)) {
		if _, err := c.Write([]byte("<134>Mar  2 09:15:04 proxy squid[7]: " + line)); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	o.requests(t, "openai-api", 40)
}

// TestSniffBeside has a gateway watch the loopback interface beside the proxy.
func TestSniffBeside(t *testing.T) {
	needsLive(t)
	o := startOffice(t, func(s *Settings) { s.Sniffer.Interfaces = []string{"lo"} })
	query, err := (&dnsmessage.Message{
		Header:    dnsmessage.Header{ID: 7, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName("claude.ai."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}},
	}).Pack()
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("udp", "127.0.0.53:53")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 { // within seconds: one lookup
		c.Write(query) // refused by the second time, where nobody listens: it is seen all the same
	}
	o.requests(t, "claude", 1)
}

// TestBadSensors shows that settings which can't work are told at the start.
func TestBadSensors(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		sniffer    SnifferSettings
	}{
		{"interface", "no-such-if0", SnifferSettings{Interfaces: []string{"no-such-if0"}}},
		{"filter", "sniffer.filter", SnifferSettings{Filter: "some"}},
		{"open syslog", "sniffer.syslog", SnifferSettings{Syslog: "0.0.0.0:0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := defaultSettings()
			s.StateDir, s.Proxy.Listen, s.Console.Listen = filepath.Join(t.TempDir(), "state"), "127.0.0.1:0", "127.0.0.1:0"
			if tt.sniffer.Filter == "" {
				tt.sniffer.Filter = "all"
			}
			s.Sniffer = tt.sniffer
			g, err := newGateway(t.Context(), s, slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one about %q", err, tt.want)
			}
			g.Close()
		})
	}
}
