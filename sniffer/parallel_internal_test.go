package sniffer

import (
	"io"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
	"github.com/gnomon-proxy/gnomon/sniffer/packet"
)

func TestClientOf(t *testing.T) {
	for _, tt := range []struct{ name, a, b, want string }{
		{"web", "10.0.0.1:50000", "203.0.113.1:443", "10.0.0.1"},
		{"resolver inside", "10.0.0.1:50000", "10.0.0.53:53", "10.0.0.1"},
		{"odd port", "10.0.0.1:50000", "203.0.113.1:8443", "10.0.0.1"},
		{"odd low port", "10.0.0.1:5000", "203.0.113.1:8443", "10.0.0.1"},
		{"carrier", "100.64.0.9:700", "203.0.113.1:443", "100.64.0.9"},
		{"public client", "198.51.100.7:50000", "203.0.113.1:443", "198.51.100.7"},
		{"proxy inside", "10.0.0.1:50000", "10.0.0.8:3128", "10.0.0.1"},
		{"no ports", "[fd00::1]:0", "[2001:db8::1]:0", "fd00::1"},
		{"nothing tells", "198.51.100.7:0", "203.0.113.1:0", "198.51.100.7"},
	} {
		a, b := netip.MustParseAddrPort(tt.a), netip.MustParseAddrPort(tt.b)
		if got, back := clientOf(a, b), clientOf(b, a); got.String() != tt.want || back != got {
			t.Errorf("%s: %v, and %v the other way, want %s", tt.name, got, back, tt.want)
		}
	}
}

// TestWorkerOf wants each flow on one worker, and clients spread evenly.
func TestWorkerOf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	end := func() netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{[]byte{10, 192, 203}[r.IntN(3)], 168, byte(r.IntN(4)), byte(r.Uint32())}), uint16(r.Uint32())>>r.IntN(12))
	}
	var load [4]int
	for range 20_000 {
		p := packet.Packet{Src: end(), Dst: end()}
		there := workerOf(&p, 4)
		p.Src, p.Dst = p.Dst, p.Src
		if back := workerOf(&p, 4); back != there {
			t.Fatalf("%v and %v: workers %d and %d", p.Src, p.Dst, there, back)
		}
	}
	for i := range 1000 { // neighbours, as in an office
		p := packet.Packet{Src: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 50000), Dst: netip.MustParseAddrPort("203.0.113.1:443")}
		load[workerOf(&p, 4)]++
	}
	for w, n := range load {
		if n < 200 || n > 300 {
			t.Errorf("worker %d has %d clients of 1000", w, n)
		}
	}
}

// TestStatsAdd sees that no count is forgotten.
func TestStatsAdd(t *testing.T) {
	var one, sum Stats
	v := reflect.ValueOf(&one).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Int64 {
			f.SetInt(int64(i + 1))
		}
	}
	for _, part := range []reflect.Value{reflect.ValueOf(&one.Streams).Elem(), reflect.ValueOf(&one.QUIC).Elem(), reflect.ValueOf(&one.Fragments).Elem()} {
		for i := range part.NumField() {
			if f := part.Field(i); f.Kind() == reflect.Int64 && f.CanSet() {
				f.SetInt(int64(i + 100))
			}
		}
	}
	one.frames[1], one.messages[2], one.hellos[3] = 5, 6, 7
	if sum.add(&one); sum != one {
		t.Errorf("sum %+v\nof  %+v", sum, one)
	}
}

// TestParallelAllocs sees that batches are used again and again.
func TestParallelAllocs(t *testing.T) {
	const packets = 200_000
	p := NewParallel(Config{Names: learned.New(64)}, Sink{Observation: func(*Observation) {}}, 2)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := p.Run(t.Context(), &repeated{packets}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; n > packets/100 || p.Stats().Queries != packets {
		t.Errorf("%d allocations for %d packets, %d read", n, packets, p.Stats().Queries)
	}
}

// repeated is a source of one packet again and again.
type repeated struct{ left int }

func (r *repeated) Next(f *capture.Frame) error {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	*f = capture.Frame{Link: linkEthernet, Data: question, Length: len(question), Time: time.Unix(1e9, 0)}
	return nil
}

// TestMarkTime counts marks of Sniffers that are ahead.
func TestMarkTime(t *testing.T) {
	pairs := new(markTable)
	testMarkTime(t, pairs.add, pairs.has)
	for _, shared := range []bool{false, true} {
		servers := &serverMarkTable{shared: shared}
		for _, which := range []int{markOther, markAI} {
			testMarkTime(t, func(hash uint64, now int64) { servers.add(hash, which, now) },
				func(hash uint64, now int64) bool { return servers.has(hash, which, now) })
		}
	}
}

func testMarkTime(t *testing.T, add func(hash uint64, now int64), has func(hash uint64, now int64) bool) {
	const hash, now = 7<<32 | 9, 1_700_000_000
	if has(hash, now) {
		t.Error("found before it was added")
	}
	add(hash, now)
	for at, want := range map[int64]bool{now: true, now + 600: true, now + 601: false, now - 1: true, now - 600: true, now - 601: false} {
		if got := has(hash, at); got != want {
			t.Errorf("%d s after: %v, want %v", at-now, got, want)
		}
	}
	if has(hash+1<<32, now) {
		t.Error("another hash of the same place is found")
	}
}
