package capture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// cable is a pair of virtual interfaces: what is replayed into the far end, in a
// network namespace of its own, arrives at the near one.
type cable struct{ space, far, near string }

func newCable(t testing.TB) *cable {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: live capture needs root")
	}
	for _, tool := range []string{"ip", "tcpreplay"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is not installed (apt-get install iproute2 tcpreplay)", tool)
			}
			t.Skipf("NOT TESTED: %s is not installed (apt-get install iproute2 tcpreplay)", tool)
		}
	}
	c := &cable{fmt.Sprintf("gncap%d", os.Getpid()), fmt.Sprintf("gnf%d", os.Getpid()), fmt.Sprintf("gnn%d", os.Getpid())}
	t.Cleanup(func() {
		exec.Command("ip", "link", "del", c.near).Run()
		exec.Command("ip", "netns", "del", c.space).Run()
	})
	if out, err := exec.Command("ip", "netns", "add", c.space).CombinedOutput(); err != nil { // root of a container
		t.Skipf("NOT TESTED: live capture needs network namespaces: %v: %s", err, out)
	}
	c.run(t, "ip", "link", "add", c.near, "type", "veth", "peer", "name", c.far, "netns", c.space)
	// No packets but ours: not even of IPv6 neighbour discovery.
	c.run(t, "ip", "link", "set", c.near, "addrgenmode", "none")
	c.run(t, "ip", "-n", c.space, "link", "set", c.far, "addrgenmode", "none")
	c.run(t, "ip", "link", "set", c.near, "up")
	c.run(t, "ip", "-n", c.space, "link", "set", c.far, "up")
	return c
}

func (c *cable) run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// replay sends a capture file from the far end.
func (c *cable) replay(t testing.TB, file string, options ...string) string {
	t.Helper()
	return c.run(t, "ip", append(append([]string{"netns", "exec", c.space, "tcpreplay", "-q", "-K", "-i", c.far}, options...), file)...)
}

func (c *cable) open(t testing.TB, o capture.Options) *capture.Live {
	t.Helper()
	l, err := capture.OpenLive(t.Context(), c.near, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// numbered writes a capture of n small UDP packets that carry their number;
// every third is in VLAN 100, 101 or 102.
func numbered(t testing.TB, n int, port layers.UDPPort) string {
	t.Helper()
	var file bytes.Buffer
	w := pcapgo.NewWriter(&file)
	if err := w.WriteFileHeader(65535, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	b := gopacket.NewSerializeBuffer()
	for i := range n {
		eth := &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: 0x0800}
		l := []gopacket.SerializableLayer{eth}
		if i%3 == 0 {
			eth.EthernetType = 0x8100
			l = append(l, &layers.Dot1Q{VLANIdentifier: vlanOf(i), Type: 0x0800, Priority: 5})
		}
		ip := &layers.IPv4{Version: 4, TTL: 9, Protocol: 17, SrcIP: net.IPv4(192, 0, 2, byte(i)), DstIP: net.IPv4(192, 0, 2, 2)}
		l = append(l, ip, &layers.UDP{SrcPort: layers.UDPPort(20000 + i%1000), DstPort: port}, gopacket.Payload(binary.BigEndian.AppendUint32(make([]byte, 80), uint32(i))))
		if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, l...); err != nil {
			t.Fatal(err)
		}
		if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: time.Unix(1e9, int64(i)), CaptureLength: len(b.Bytes()), Length: len(b.Bytes())}, b.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), "numbered.pcap")
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func vlanOf(i int) uint16 {
	if i%3 == 0 {
		return uint16(100 + i%9/3)
	}
	return 0
}

func number(f *capture.Frame) int {
	return int(binary.BigEndian.Uint32(f.Data[len(f.Data)-4:]))
}

func TestLive(t *testing.T) {
	c := newCable(t)
	const n = 20_000
	file := numbered(t, n, 53)
	l := c.open(t, capture.Options{Promiscuous: true})
	sent := make(chan string)
	go func() { sent <- c.replay(t, file, "--topspeed") }()
	start := time.Now()
	var f capture.Frame
	for i := range n {
		if err := l.Next(&f); err != nil {
			t.Fatal(err)
		}
		if got := number(&f); got != i {
			t.Fatalf("packet %d arrived as number %d: %+v", got, i, l.Stats())
		}
		if f.VLAN != vlanOf(i) || f.Link != 1 || f.Interface != c.near || len(f.Data) != 14+20+8+84 || f.Length != len(f.Data) {
			t.Fatalf("packet %d: %+v", i, f)
		}
		if age := f.Time.Sub(start); age < -time.Second || age > time.Minute {
			t.Fatalf("packet %d has time %v, now is %v", i, f.Time, time.Now())
		}
	}
	<-sent
	for range 2 { // the kernel forgets its counts when it tells them; we must not
		if s := l.Stats(); s.Packets != n || s.Drops != 0 || s.Freezes != 0 {
			t.Errorf("kernel counted %+v, want %d packets", s, n)
		}
	}
	l.Close()
	if s := l.Stats(); s.Packets != n {
		t.Errorf("after Close: %+v", s)
	}
	if err := l.Next(&f); err == nil {
		t.Error("Next works after Close")
	}
}

// TestLiveDrops keeps the ring unread until it is full.
func TestLiveDrops(t *testing.T) {
	c := newCable(t)
	const n = 40_000
	file := numbered(t, n, 53)
	l := c.open(t, capture.Options{RingBytes: 1}) // becomes 2 MiB
	c.replay(t, file, "--topspeed")
	s := l.Stats()
	if s.Packets != n || s.Drops == 0 || s.Drops >= n || s.Freezes == 0 {
		t.Fatalf("kernel counted %+v, want %d packets, some dropped", s, n)
	}
	var f capture.Frame
	last := -1
	for i := range n - int(s.Drops) { // all that were not dropped
		if err := l.Next(&f); err != nil || number(&f) <= last {
			t.Fatalf("packet %d is number %d after %d, %v", i, number(&f), last, err)
		}
		last = number(&f)
	}
}

func TestLiveFilter(t *testing.T) {
	c := newCable(t)
	l := c.open(t, capture.Options{Filter: capture.FilterNames})
	c.replay(t, numbered(t, 300, 123), "--topspeed") // NTP: of no interest
	c.replay(t, numbered(t, 300, 53), "--topspeed")
	var f capture.Frame
	for i := range 300 {
		if err := l.Next(&f); err != nil || number(&f) != i || binary.BigEndian.Uint16(f.Data[36:]) != 53 {
			t.Fatalf("packet %d: number %d, %v", i, number(&f), err)
		}
	}
	if s := l.Stats(); s.Packets != 300 {
		t.Errorf("kernel counted %+v, want 300 packets passed", s)
	}
}

func TestLiveFanout(t *testing.T) {
	c := newCable(t)
	const n, group = 6_000, 4711
	a, b := c.open(t, capture.Options{Fanout: group}), c.open(t, capture.Options{Fanout: group})
	var mu sync.Mutex
	seen, owner := map[int]bool{}, map[uint16]*capture.Live{}
	var wg sync.WaitGroup
	for _, l := range []*capture.Live{a, b} {
		wg.Go(func() {
			var f capture.Frame
			for l.Next(&f) == nil {
				mu.Lock()
				seen[number(&f)] = true
				// The address and port of the client say which flow it is.
				flow := uint16(number(&f) % 1000)
				if owner[flow] == nil {
					owner[flow] = l
				}
				if len(seen) == n {
					a.Close()
					b.Close()
				}
				mu.Unlock()
			}
		})
	}
	c.replay(t, numbered(t, n, 53), "--pps=20000")
	wait(t, &wg, time.Minute)
	if sa, sb := a.Stats(), b.Stats(); len(seen) != n || sa.Packets == 0 || sb.Packets == 0 || sa.Packets+sb.Packets != n {
		t.Errorf("%d packets seen, kernel counted %+v and %+v; want %d, shared", len(seen), sa, sb, n)
	}
}

func TestLiveEnds(t *testing.T) {
	c := newCable(t)
	for _, tt := range []struct {
		name string
		end  func(l *capture.Live, cancel func())
		want error // nil: any
	}{
		{"close", func(l *capture.Live, cancel func()) { l.Close() }, nil},
		{"context", func(l *capture.Live, cancel func()) { cancel() }, context.Canceled},
		{"down", func(l *capture.Live, cancel func()) { c.run(t, "ip", "link", "set", c.near, "down") }, capture.ErrDown},
		{"gone", func(l *capture.Live, cancel func()) { c.run(t, "ip", "link", "del", c.near) }, capture.ErrDown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c.run(t, "ip", "link", "set", c.near, "up")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			l, err := capture.OpenLive(ctx, c.near, capture.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			c.replay(t, numbered(t, 10, 53), "--topspeed")
			var wg sync.WaitGroup
			var got error
			n, first := 0, make(chan bool)
			wg.Go(func() {
				var f capture.Frame
				for got = l.Next(&f); got == nil; got = l.Next(&f) {
					n++
					if n == 10 {
						close(first)
					}
				}
			})
			<-first
			tt.end(l, cancel)
			wait(t, &wg, time.Minute)
			if n != 10 || tt.want != nil && !errors.Is(got, tt.want) {
				t.Errorf("%d packets, then %v; want 10 and %v", n, got, tt.want)
			}
			if errors.Is(got, capture.ErrDown) && !strings.Contains(got.Error(), c.near) {
				t.Errorf("error %q does not name the interface", got)
			}
		})
	}
}

// TestLiveCloseInUse reads a frame after Close: its memory must still be there.
func TestLiveCloseInUse(t *testing.T) {
	c := newCable(t)
	l := c.open(t, capture.Options{})
	c.replay(t, numbered(t, 5, 53), "--topspeed")
	var f capture.Frame
	if err := l.Next(&f); err != nil {
		t.Fatal(err)
	}
	l.Close()
	l.Close()
	runtime.GC()
	if number(&f) != 0 {
		t.Errorf("frame changed: number %d", number(&f))
	}
	for range 2 {
		if err := l.Next(&f); err == nil {
			t.Error("Next works after Close")
		}
	}
}

func TestLiveLoopback(t *testing.T) {
	newCable(t) // for its checks
	for _, name := range []string{"lo", "any"} {
		t.Run(name, func(t *testing.T) {
			l, err := capture.OpenLive(t.Context(), name, capture.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			server, err := net.ListenPacket("udp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			for i := range 3 {
				server.WriteTo(fmt.Appendf(nil, "gnomon live %d", i), server.LocalAddr())
			}
			var got []string
			var f capture.Frame
			for len(got) < 3 {
				if err := l.Next(&f); err != nil {
					t.Fatal(err)
				}
				if i := bytes.Index(f.Data, []byte("gnomon live ")); i >= 0 {
					got = append(got, string(f.Data[i:]))
				}
				head := map[uint32][]byte{1: {8, 0, 0x45}, 113: {8, 0, 0x45}}[f.Link]
				if i := bytes.Index(f.Data, head); strings.Contains(string(f.Data), "gnomon live") && i != 12 && i != 14 {
					t.Errorf("link type %d: % x", f.Link, f.Data)
				}
			}
			if strings.Join(got, ",") != "gnomon live 0,gnomon live 1,gnomon live 2" {
				t.Errorf("packets = %q, want each once", got)
			}
		})
	}
}

func TestLiveNoInterface(t *testing.T) {
	if _, err := capture.OpenLive(t.Context(), "nosuch0", capture.Options{}); err == nil || !strings.Contains(err.Error(), "nosuch0") {
		t.Errorf("error %v", err)
	}
}

// wait fails the test when wg takes longer: a bound against hangs.
func wait(t *testing.T, wg *sync.WaitGroup, limit time.Duration) {
	t.Helper()
	done := make(chan bool)
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatalf("still waiting after %v", limit)
	}
}

// TestLiveCookedFilter has the kernel run the filter on packets without a link
// header.
func TestLiveCookedFilter(t *testing.T) {
	newCable(t) // for its checks
	l, err := capture.OpenLive(t.Context(), "any", capture.Options{Filter: capture.FilterNames})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, to := range []string{"127.0.0.1:123", "127.0.0.1:53"} {
		c, err := net.Dial("udp", to)
		if err != nil {
			t.Fatal(err)
		}
		c.Write([]byte("gnomon to " + to))
		c.Close()
	}
	var f capture.Frame
	for {
		if err := l.Next(&f); err != nil {
			t.Fatal(err)
		}
		if i := bytes.Index(f.Data, []byte("gnomon to ")); i >= 0 {
			if got := string(f.Data[i:]); got != "gnomon to 127.0.0.1:53" || f.Link != 113 {
				t.Errorf("first packet through the filter: %q, link type %d", got, f.Link)
			}
			return
		}
	}
}
