package stream_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/stream"
)

// state is what the tests keep of a flow.
type state struct{ read [2]int }

// recorder writes down what it is told. It consumes what upTo says.
type recorder struct {
	log  []string
	keep bool // consume nothing
	stop int  // want no more after that many bytes, 0 for ever
}

func (r *recorder) Read(f *stream.Flow[state], d stream.Dir, b []byte) (int, bool) {
	r.log = append(r.log, fmt.Sprintf("%d %s", d, b))
	f.Data.read[d] += len(b)
	if r.stop > 0 && f.Data.read[d] >= r.stop {
		return 0, false
	}
	if r.keep {
		return 0, true
	}
	return len(b), true
}

func (r *recorder) Cut(f *stream.Flow[state], d stream.Dir, rest []byte) bool {
	r.log = append(r.log, fmt.Sprintf("%d cut %s", d, rest))
	return true
}

func (r *recorder) End(f *stream.Flow[state], why stream.End) {
	r.log = append(r.log, fmt.Sprintf("%s %v>%v %d %d", why, f.Client(), f.Server(), f.Bytes(stream.Up), f.Bytes(stream.Down)))
}

var (
	client = netip.MustParseAddrPort("192.0.2.7:40000")
	server = netip.MustParseAddrPort("198.51.100.9:443")
	start  = time.Unix(1e9, 0).UnixNano()
)

// up and down return segments with text at seq.
func up(seq uint32, flags stream.Flags, text string) stream.Segment {
	return stream.Segment{Time: start, Proto: stream.TCP, Flags: flags | stream.ACK, Src: client, Dst: server, Seq: seq, Payload: []byte(text), Length: len(text)}
}

func down(seq uint32, flags stream.Flags, text string) stream.Segment {
	s := up(seq, flags, text)
	s.Src, s.Dst = server, client
	return s
}

func syn(seq uint32) stream.Segment {
	s := up(seq, 0, "")
	s.Flags = stream.SYN
	return s
}

func after(s stream.Segment, d time.Duration) stream.Segment {
	s.Time += int64(d)
	return s
}

func cutTo(n int, s stream.Segment) stream.Segment {
	s.Payload = s.Payload[:n]
	return s
}

func TestStreams(t *testing.T) {
	const fin, rst = stream.FIN, stream.RST
	who := "192.0.2.7:40000>198.51.100.9:443"
	var many []stream.Segment
	for i := range 17 {
		many = append(many, up(uint32(10+2*i), 0, "x"))
	}
	for _, tt := range []struct {
		name string
		keep bool
		stop int
		in   []stream.Segment
		want string
	}{
		{"in order, closed", false, 0, []stream.Segment{syn(99), down(7, stream.SYN, ""), up(100, 0, "ab"), down(8, 0, "cd"), up(102, fin, "e"), down(10, fin, "")},
			"0 ab; 1 cd; 0 e; closed " + who + " 3 2"},
		{"kept", true, 0, []stream.Segment{syn(99), up(100, 0, "ab"), up(102, 0, "cd")}, "0 ab; 0 abcd; 0 cut abcd; flushed " + who + " 4 0"},
		{"enough", true, 3, []stream.Segment{syn(99), up(100, 0, "ab"), up(102, 0, "cd"), up(104, 0, "ef")}, "0 ab; 0 abcd; flushed " + who + " 6 0"},
		{"reordered", false, 0, []stream.Segment{syn(99), up(104, 0, "ef"), up(102, 0, "cd"), up(100, 0, "ab")}, "0 ab; 0 cd; 0 ef; flushed " + who + " 6 0"},
		{"repeated", false, 0, []stream.Segment{syn(99), up(100, 0, "ab"), up(100, 0, "ab"), up(101, 0, "Bc")}, "0 ab; 0 c; flushed " + who + " 3 0"},
		{"first bytes win, late ones too", false, 0, []stream.Segment{syn(99), up(103, 0, "de"), up(101, 0, "bcDEf"), up(100, 0, "aB")}, "0 aB; 0 c; 0 de; 0 f; flushed " + who + " 6 0"},
		{"keep-alive", false, 0, []stream.Segment{syn(99), up(100, 0, "ab"), up(101, 0, "\x00"), up(102, 0, "c")}, "0 ab; 0 c; flushed " + who + " 3 0"},
		{"wrap", false, 0, []stream.Segment{syn(0xfffffffe), up(1, 0, "cd"), up(0xffffffff, 0, "ab"), up(3, 0, "e")}, "0 ab; 0 cd; 0 e; flushed " + who + " 5 0"},
		{"no SYN", false, 0, []stream.Segment{up(5000, 0, "ab"), up(5002, 0, "cd")}, "0 ab; 0 cd; flushed " + who + " 4 0"},
		{"no SYN, server first", false, 0, []stream.Segment{down(5000, 0, "ab"), up(1, 0, "c")}, "1 ab; 0 c; flushed " + who + " 1 2"},
		{"SYN of the server only", false, 0, []stream.Segment{down(5, stream.SYN, ""), down(6, 0, "ab")}, "1 ab; flushed " + who + " 0 2"},
		{"SYN with data", false, 0, []stream.Segment{{Time: start, Proto: stream.TCP, Flags: stream.SYN, Src: client, Dst: server, Seq: 9, Payload: []byte("ab"), Length: 2}, up(12, 0, "c")}, "0 ab; 0 c; flushed " + who + " 3 0"},
		{"hole at the end", true, 0, []stream.Segment{syn(99), up(100, 0, "ab"), up(104, 0, "ef")}, "0 ab; 0 cut ab; 0 ef; 0 cut ef; flushed " + who + " 6 0"},
		{"hole, many behind it", false, 0, append([]stream.Segment{syn(0)}, many...), "0 cut ; 0 x; 0 cut ; 0 x"},
		{"hole, long ago", false, 0, []stream.Segment{syn(99), up(104, 0, "ef"), after(up(106, 0, "gh"), 6*time.Second)}, "0 cut ; 0 ef; 0 gh; flushed " + who + " 8 0"},
		{"cut by the capture", true, 0, []stream.Segment{syn(99), cutTo(2, up(100, 0, "abcd")), up(104, 0, "ef")}, "0 ab; 0 cut ab; 0 ef; 0 cut ef; flushed " + who + " 6 0"},
		{"late and cut", false, 0, []stream.Segment{syn(99), cutTo(1, up(102, 0, "cd")), up(100, 0, "ab"), up(104, 0, "e")}, "0 ab; 0 c; 0 cut ; 0 e; flushed " + who + " 5 0"},
		{"reset", false, 0, []stream.Segment{syn(99), up(100, 0, "ab"), up(102, rst, ""), down(1, 0, "straggler")}, "0 ab; reset " + who + " 2 0"},
		{"fin before what precedes it", false, 0, []stream.Segment{syn(99), down(8, fin, ""), up(102, fin, "cd"), up(100, 0, "ab"), up(104, 0, "")}, "0 ab; 0 cd; closed " + who + " 4 0"},
		{"new connection", false, 0, []stream.Segment{syn(99), up(100, 0, "ab"), syn(7000), up(7001, 0, "cd")}, "0 ab; replaced " + who + " 2 0; 0 cd; flushed " + who + " 2 0"},
		{"SYN again", false, 0, []stream.Segment{syn(99), syn(99), up(100, 0, "ab")}, "0 ab; flushed " + who + " 2 0"},
		{"new connection after the end", false, 0, []stream.Segment{syn(99), up(100, rst, ""), syn(8000), up(8001, 0, "cd")}, "reset " + who + " 0 0; 0 cd; flushed " + who + " 2 0"},
		{"new connection, SYN not seen", false, 0, []stream.Segment{up(1<<31, 0, "ab"), up(1<<30, 0, "cd")}, "0 ab; 0 cut ; 0 cd; flushed " + who + " 4 0"},
		{"end only", false, 0, []stream.Segment{up(99, rst, ""), down(1, fin, "")}, ""},
		{"idle", false, 0, []stream.Segment{syn(99), up(100, 0, "ab"), {Time: start + int64(time.Hour), Proto: stream.UDP, Src: server, Dst: client, Length: 5}},
			"0 ab; idle " + who + " 2 0; flushed " + who + " 0 5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &recorder{keep: tt.keep, stop: tt.stop}
			tab := stream.New(r, stream.Options{})
			for i := range tt.in {
				tab.Packet(&tt.in[i])
			}
			tab.Flush()
			if got := strings.Join(r.log, "; "); got != tt.want && !(strings.HasPrefix(tt.name, "hole, many") && strings.HasPrefix(got, tt.want)) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if s := tab.Stats(); s.Flows != 0 || s.Held != 0 {
				t.Errorf("after the end: %+v, want nothing left", s)
			}
		})
	}
}

func TestDatagrams(t *testing.T) {
	r := &recorder{}
	tab := stream.New(r, stream.Options{})
	for _, s := range []stream.Segment{
		{Time: start, Proto: stream.UDP, Src: server, Dst: client, Length: 100},
		{Time: start, Proto: stream.UDP, Src: client, Dst: server, Length: 30},
		{Time: start, Proto: stream.UDP, Src: server, Dst: client, Length: 100},
	} {
		f, d := tab.Packet(&s)
		if f == nil || f.Proto() != stream.UDP || (d == stream.Up) != (s.Src == client) {
			t.Fatalf("flow %v, direction %d of %v", f, d, s.Src)
		}
	}
	tab.Flush()
	if got, want := strings.Join(r.log, "; "), "flushed 192.0.2.7:40000>198.51.100.9:443 30 200"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTurn(t *testing.T) {
	tab := stream.New(&recorder{}, stream.Options{})
	s := up(1, 0, "a")
	f, _ := tab.Packet(&s)
	f.Turn()
	if _, d := tab.Packet(&s); d != stream.Down || f.Client() != server || f.Bytes(stream.Down) != 1 {
		t.Errorf("turned flow: direction %d, client %v", d, f.Client())
	}
}

// TestBounds floods a table with flows and bytes that never lead anywhere.
func TestBounds(t *testing.T) {
	r := &recorder{keep: true}
	tab := stream.New(r, stream.Options{Flows: 2000, Memory: 1 << 20})
	text := strings.Repeat("x", 1400)
	for i := range 50_000 {
		s := up(uint32(100+1400*(i/5000)), 0, text)
		if i%3 == 0 {
			s.Seq += 3000
		}
		s.Src = netip.AddrPortFrom(client.Addr(), uint16(1024+i%5000))
		tab.Packet(&s)
		r.log = r.log[:0]
		if st := tab.Stats(); st.Held > 1<<20 || st.Flows > 2000 {
			t.Fatalf("after %d packets: %+v", i, st)
		}
	}
	if st := tab.Stats(); st.Evicted < 10_000 || st.Memory == 0 {
		t.Errorf("stats = %+v, want evictions and directions given up for memory", st)
	}
	tab.Flush()
	if st := tab.Stats(); st.Held != 0 || st.Flows != 0 {
		t.Errorf("after the end: %+v", st)
	}
}

// TestScan sees that a port scan does not push out who talks.
func TestScan(t *testing.T) {
	r := &recorder{}
	tab := stream.New(r, stream.Options{Flows: 500})
	talk := up(100, 0, "hello")
	tab.Packet(&talk)
	for i := range 5000 {
		s := syn(1)
		s.Dst = netip.AddrPortFrom(server.Addr(), uint16(i+1000))
		tab.Packet(&s)
	}
	if slices.ContainsFunc(r.log, func(s string) bool { return strings.HasSuffix(s, " 5 0") }) {
		t.Errorf("the flow that talks was pushed out: %q", r.log[:min(3, len(r.log))])
	}
}

func TestHeldTooMuch(t *testing.T) {
	r := &recorder{keep: true}
	tab := stream.New(r, stream.Options{})
	seq := uint32(1)
	for range 100 {
		s := up(seq, 0, strings.Repeat("x", 1000))
		tab.Packet(&s)
		seq += 1000
	}
	if st := tab.Stats(); st.Overflow != 1 || st.Held != 0 {
		t.Errorf("stats = %+v, want one overflow and nothing held", st)
	}
	if len(r.log) > 66 {
		t.Errorf("read %d times, want no more after 64 KiB", len(r.log))
	}
}

type silent struct{}

func (silent) Read(_ *stream.Flow[state], _ stream.Dir, b []byte) (int, bool) {
	if bytes.HasPrefix(b, []byte("end")) {
		return 0, false
	}
	return len(b) / 2, true
}
func (silent) Cut(*stream.Flow[state], stream.Dir, []byte) bool { return true }
func (silent) End(*stream.Flow[state], stream.End)              {}

func TestAllocs(t *testing.T) {
	tab := stream.New(silent{}, stream.Options{Flows: 3000})
	s, n := up(100, 0, strings.Repeat("x", 300)), 0
	step := func() {
		n++
		s.Seq = uint32(100 + 300*(n%7))
		s.Src = netip.AddrPortFrom(client.Addr(), uint16(1000+n%4000))
		s.Time = start + int64(n)*1e6
		tab.Packet(&s)
	}
	for range 50_000 {
		step()
	}
	if a := testing.AllocsPerRun(20_000, step); a > 0.01 {
		t.Errorf("a packet allocates %v times, want none", a)
	}
}

func BenchmarkPacket(b *testing.B) {
	tab := stream.New(silent{}, stream.Options{})
	s, n := up(100, 0, strings.Repeat("x", 300)), 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		s.Seq = uint32(100 + 300*(n/20_000))
		s.Src = netip.AddrPortFrom(client.Addr(), uint16(1000+n%20_000))
		s.Time = start + int64(n)*1e5
		tab.Packet(&s)
	}
}
