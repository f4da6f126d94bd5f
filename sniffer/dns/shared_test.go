package dns_test

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	mdns "github.com/miekg/dns"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/dns"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
)

// datagrams calls visit for each UDP datagram of the shared captures.
func datagrams(t *testing.T, visit func(file string, p *packet.Packet)) {
	t.Helper()
	dir := os.Getenv("SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "pcaps", "*.pcap*"))
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no captures in %s/pcaps: set SHARED", dir)
		}
		t.Skipf("NOT TESTED: no captures in %s/pcaps (set SHARED)", dir)
	}
	for _, file := range files {
		src, err := capture.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		var f capture.Frame
		var p packet.Packet
		for d := packet.NewDecoder(); ; {
			if err := src.Next(&f); err != nil {
				if err != io.EOF {
					t.Logf("%s: %v", file, err)
				}
				break
			}
			if ok, _ := d.Decode(&f, &p); ok && p.Proto == packet.UDP && !p.Fragment && len(p.Payload) == p.PayloadLen {
				visit(filepath.Base(file), &p)
			}
		}
		src.Close()
	}
}

// TestCaptures reads every DNS message of the captures with both
// implementations.
func TestCaptures(t *testing.T) {
	messages, found, whole, refused := 0, 0, 0, 0
	datagrams(t, func(file string, p *packet.Packet) {
		if p.Src.Port() != 53 && p.Dst.Port() != 53 {
			return
		}
		messages++
		got := read(p.Payload)
		var m mdns.Msg
		if err := m.Unpack(p.Payload); err != nil {
			if got.asked == dns.Fine && len(got.questions) > 0 {
				whole++
			} else {
				refused++
			}
			return
		}
		if got.asked != dns.Fine {
			t.Errorf("%s: %q for %s", file, got.asked, &m)
		}
		if want := addresses(&m); got.told == dns.Fine && !slices.Equal(sorted(got.addresses), sorted(want)) {
			t.Errorf("%s: addresses %q, want %q of\n%s", file, got.addresses, want, &m)
		}
		found += len(got.addresses)
	})
	t.Logf("%d messages, %d addresses; of those that the other refuses %d have readable questions, %d have not", messages, found, whole, refused)
	if messages < 400 || found < 300 {
		t.Errorf("only %d messages with %d addresses: the test has lost its captures", messages, found)
	}
}

// TestCapturesPlausible asks every datagram of the captures: all sound messages
// must be plausible on port 53, and nothing that the other implementation
// refuses anywhere.
func TestCapturesPlausible(t *testing.T) {
	plain, missed, odd, wrong := 0, 0, 0, 0
	datagrams(t, func(file string, p *packet.Packet) {
		var m mdns.Msg
		sound := m.Unpack(p.Payload) == nil && len(m.Question) == 1
		switch yes := dns.Plausible(p.Payload); {
		case p.Src.Port() == 53 || p.Dst.Port() == 53:
			if plain++; sound && !yes {
				missed++
			}
		case yes && sound:
			odd++
		case yes:
			wrong++
			t.Logf("%s %v > %v", file, p.Src, p.Dst)
		}
	})
	t.Logf("port 53: %d, sound but not plausible %d; other ports: %d plausible", plain, missed, odd)
	if wrong > 0 || missed > plain/20 {
		t.Errorf("%d false, %d of %d missed", wrong, missed, plain)
	}
}
