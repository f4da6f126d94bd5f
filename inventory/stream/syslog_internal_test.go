package stream

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// failing is a connection that breaks at the very moment at which the delivery
// is called off.
type failing struct {
	net.Conn
	off context.CancelFunc
}

var errBroken = errors.New("broken")

func (f failing) Write([]byte) (int, error) {
	f.off()
	return 0, errBroken
}

// TestSyslogCalledOff: what ends a delivery from outside does not touch what the
// delivery itself changes at its end.
func TestSyslogCalledOff(t *testing.T) {
	for range 100 {
		near, far := net.Pipe()
		ctx, off := context.WithCancel(t.Context())
		s := &syslog{cfg: &Config{Format: JSON, From: new(Source)}, network: "udp", conn: failing{near, off}}
		if err := s.send(ctx, []Record{{Event: &inventory.Event{ID: "1"}, From: new(Source)}}); !errors.Is(err, errBroken) {
			t.Fatalf("send: %v, want %v", err, errBroken)
		}
		if s.conn != nil {
			t.Fatal("the broken connection was kept")
		}
		far.Close()
	}
}
