package main

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
)

// lockedLog is a log that is read while it is written.
type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestLiveStopsInTurn: at an orderly stop, which begins with the end of the
// context of the start, an interface is watched until its own turn, and nothing
// is told as an error.
func TestLiveStopsInTurn(t *testing.T) {
	needsLive(t)
	k, err := loadKnowledge(nil, passingKey())
	if err != nil {
		t.Fatal(err)
	}
	var log lockedLog
	one := &liveSensor{
		name: "lo", options: capture.Options{RingBytes: 2 << 20}, knowledge: func() *knowledge { return k },
		names: learned.New(0), sink: sniffer.Sink{}, log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	start, signal := context.WithCancel(t.Context())
	defer signal()
	if err := one.open(start); err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	c, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	watched := func() {
		before := one.now.Load().seen.Packets
		for limit := time.Now().Add(time.Minute); one.now.Load().seen.Packets <= before; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(limit) || log.String() != "" {
				t.Errorf("no packets are seen; the log: %s", log.String())
				return
			}
			_, _ = c.Write([]byte("packet")) // nobody listens: refused now and then
		}
	}
	// What is started later is stopped earlier.
	err = runAll(start, []service{{"interface lo", one.Run}, {"proxy", func(ctx context.Context) error {
		watched()
		signal()
		<-ctx.Done()
		watched()
		return nil
	}}})
	if got := log.String(); err != nil || strings.Contains(got, "level=") {
		t.Errorf("after the stop: %v; the log: %s", err, got)
	}
}
