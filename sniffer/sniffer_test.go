package sniffer_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/sniffer/capture"
	"github.com/gnomon-proxy/gnomon/sniffer/learned"
)

// read returns all observations of a capture.
func read(t testing.TB, file []byte) ([]sniffer.Observation, sniffer.Stats, error) {
	t.Helper()
	var all []sniffer.Observation
	st, err := run(t.Context(), file, sniffer.Config{Names: learned.New(64)}, sniffer.Sink{Observation: func(o *sniffer.Observation) { all = append(all, *o) }})
	return all, st, err
}

// run reads a capture into a sink.
func run(ctx context.Context, file []byte, cfg sniffer.Config, sink sniffer.Sink) (sniffer.Stats, error) {
	src, err := capture.New(bytes.NewReader(file))
	if err != nil {
		return sniffer.Stats{}, err
	}
	defer src.Close()
	s := sniffer.New(cfg, sink)
	err = s.Run(ctx, src)
	return s.Stats(), err
}

func TestLinkTypes(t *testing.T) {
	v4, v6 := query(t, "api.openai.com"), query6(t, "api.openai.com")
	for _, tt := range []struct {
		name  string
		link  uint32
		frame []byte
	}{
		{"ethernet", 1, prefix(v4, be16(12, 0x0800)...)},
		{"ethernet, IPv6", 1, prefix(v6, be16(12, 0x86dd)...)},
		{"VLAN", 1, prefix(v4, be16(12, 0x8100, 20, 0x0800)...)},
		{"QinQ", 1, prefix(v6, be16(12, 0x88a8, 20, 0x8100, 30, 0x86dd)...)},
		{"PPPoE in QinQ", 1, prefix(v4, be16(12, 0x88a8, 20, 0x8100, 30, 0x8864, 0x1100, 1, 99, 0x0021)...)},
		{"802.3 with SNAP", 1, prefix(v4, be16(12, 100, 0xaaaa, 0x0300, 0, 0x0800)...)},
		{"raw", 101, v4},
		{"raw, IPv6", 101, v6},
		{"raw, old number", 12, v6},
		{"IPv4 only", 228, v4},
		{"IPv6 only", 229, v6},
		{"BSD loopback", 0, prefix(v4, 2, 0, 0, 0)},
		{"BSD loopback, big endian, IPv6", 0, prefix(v6, 0, 0, 0, 30)},
		{"OpenBSD loopback", 108, prefix(v6, 0, 0, 0, 24)},
		{"Linux cooked", 113, prefix(v4, be16(14, 0x0800)...)},
		{"Linux cooked, VLAN", 113, prefix(v4, be16(14, 0x8100, 5, 0x0800)...)},
		{"Linux cooked 2", 276, prefix(v6, append(be16(0, 0x86dd), make([]byte, 18)...)...)},
		{"PPP", 9, prefix(v4, 0xff, 0x03, 0x00, 0x21)},
		{"PPP, compressed", 9, prefix(v6, 0x57)},
		{"Ethernet padding", 1, append(prefix(v4, be16(12, 0x0800)...), 0, 0, 0, 0, 0, 0)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, st, err := read(t, pcap(t, tt.link, tt.frame))
			if err != nil || len(all) != 1 || len(st.Malformed()) != 0 {
				t.Fatalf("observations = %+v, malformed = %v, error %v; want one", all, st.Malformed(), err)
			}
			o := all[0]
			if o.Name != "api.openai.com" || o.Kind != sniffer.KindQuery || o.Type != 1 || o.ClientPort != 40000 || o.ServerPort != 53 ||
				!strings.HasSuffix(o.Client.String(), "7") || !strings.HasSuffix(o.Server.String(), "53") || !o.Time.Equal(time.Unix(1e9, 5000)) {
				t.Errorf("observation = %+v", o)
			}
		})
	}
}

func TestIPv6Extensions(t *testing.T) {
	// Destination options of 8 bytes, written by hand: gopacket can't build them.
	ext := func(next byte) gopacket.SerializableLayer { return gopacket.Payload([]byte{next, 0, 1, 4, 0, 0, 0, 0}) }
	for _, tt := range []struct {
		name string
		n    int
		want string // malformed
	}{{"one", 1, ""}, {"seven", 7, ""}, {"too many", 20, "ipv6_extensions"}} {
		t.Run(tt.name, func(t *testing.T) {
			var chain []gopacket.SerializableLayer
			for range tt.n - 1 {
				chain = append(chain, ext(60))
			}
			all, st, err := read(t, pcap(t, 101, query6(t, "claude.ai", append(chain, ext(17))...)))
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" && (len(all) != 1 || len(st.Malformed()) != 0) || tt.want != "" && (len(all) != 0 || st.Malformed()[tt.want] != 1) {
				t.Errorf("%d observations, malformed %v; want %q", len(all), st.Malformed(), tt.want)
			}
		})
	}
}

// dnsPacket wraps a DNS message.
func dnsPacket(t testing.TB, msg []byte) []byte {
	t.Helper()
	udp := query(t, "x")
	ip := &layers.IPv4{Version: 4, TTL: 9, Protocol: layers.IPProtocolUDP, SrcIP: udp[12:16], DstIP: udp[16:20]}
	u := &layers.UDP{SrcPort: 40000, DstPort: 53}
	u.SetNetworkLayerForChecksum(ip)
	return serialize(t, ip, u, gopacket.Payload(msg))
}

func TestNames(t *testing.T) {
	head := func(n byte, rest ...byte) []byte { return append([]byte{0, 1, 0, 0, 0, n, 0, 0, 0, 0, 0, 0}, rest...) }
	long := bytes.Repeat(append([]byte{49}, bytes.Repeat([]byte{'a'}, 49)...), 5) // 250 bytes
	for _, tt := range []struct {
		name string
		msg  []byte
		want []string
		bad  string
	}{
		{"lower case", head(1, 3, 'W', 'w', 'W', 2, 'A', 'i', 0, 0, 1, 0, 1), []string{"www.ai"}, ""},
		{"root", head(1, 0, 0, 2, 0, 1), []string{"."}, ""},
		{"odd bytes", head(1, 5, 'a', '.', 0, 0xff, '\\', 0, 0, 1, 0, 1), []string{`a\046\000\255\092`}, ""},
		{"space", head(1, 3, 'a', ' ', 'b', 0, 0, 1, 0, 1), []string{`a\032b`}, ""},
		{"two questions, pointer", head(2, 2, 'a', 'i', 0, 0, 1, 0, 1, 1, 'x', 0xc0, 12, 0, 28, 0, 1), []string{"ai", "x.ai"}, ""},
		{"no question", head(0), nil, ""},
		{"longest", head(1, append(append(bytes.Clone(long), 3, 'b', 'b', 'b'), 0, 0, 1, 0, 1)...), []string{strings.Repeat(strings.Repeat("a", 49)+".", 5) + "bbb"}, ""},
		{"too long", head(1, append(append(bytes.Clone(long), 4, 'b', 'b', 'b', 'b'), 0, 0, 1, 0, 1)...), nil, "dns_name"},
		{"short header", []byte{0, 1, 2}, nil, "dns_header"},
		{"pointer to itself", head(1, 0xc0, 12, 0, 1, 0, 1), nil, "dns_pointer"},
		{"pointer forwards", head(1, 0xc0, 20, 0, 1, 0, 1), nil, "dns_pointer"},
		{"pointer into the header", head(1, 0xc0, 2, 0, 1, 0, 1), nil, "dns_pointer"},
		{"pointers in a circle", head(1, 1, 'a', 0xc0, 12, 0, 1, 0, 1), nil, "dns_pointer"},
		{"name runs out", head(1, 9, 'a'), nil, "dns_name"},
		{"name without end", head(1, 1, 'a'), nil, "dns_name"},
		{"half a pointer", head(1, 0xc0), nil, "dns_name"},
		{"extended label", head(1, 0x41, 'a', 0, 0, 1, 0, 1), nil, "dns_name"},
		{"no type", head(1, 1, 'a', 0, 0, 1), nil, "dns_question"},
		{"first good, second cut", head(2, 2, 'a', 'i', 0, 0, 1, 0, 1, 5), []string{"ai"}, "dns_name"},
		{"many questions", head(200, bytes.Repeat([]byte{1, 'q', 0, 0, 1, 0, 1}, 200)...), slices.Repeat([]string{"q"}, 64), "dns_questions"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, st, err := read(t, pcap(t, 101, dnsPacket(t, tt.msg)))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, o := range all {
				got = append(got, o.Name)
			}
			if !slices.Equal(got, tt.want) || st.Malformed()[tt.bad] == 0 && tt.bad != "" || len(st.Malformed()) > 0 && tt.bad == "" {
				t.Errorf("names = %q, malformed = %v; want %q and %q", got, st.Malformed(), tt.want, tt.bad)
			}
		})
	}
}

func TestReply(t *testing.T) {
	msg := []byte{0, 1, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 2, 'a', 'i', 0, 0, 1, 0, 1}
	all, st, err := read(t, pcap(t, 101, dnsPacket(t, msg)))
	if err != nil || len(all) != 1 || st.Replies != 1 {
		t.Fatalf("%+v, %+v, %v", all, st, err)
	}
	if o := all[0]; o.Kind != sniffer.KindReply || o.Client.String() != "192.0.2.53" || o.ClientPort != 53 || o.Server.String() != "192.0.2.7" {
		t.Errorf("a reply's client is its destination; got %+v", o)
	}
}

func TestOtherPortsIgnored(t *testing.T) {
	p := query(t, "printer.local")
	p[22], p[23] = 0x14, 0xe9 // 5353
	all, st, err := read(t, pcap(t, 101, p))
	if err != nil || len(all) != 0 || st.Messages != 0 || st.Packets != 1 {
		t.Errorf("mDNS: %+v, %+v, %v; want nothing", all, st, err)
	}
}

func TestFragments(t *testing.T) {
	first, later := query(t, "first.example"), query(t, "later.example")
	first[6] = 0x20 // more fragments
	later[7] = 9    // offset
	all, st, err := read(t, pcap(t, 101, first, later))
	if err != nil || len(all) != 1 || all[0].Name != "first.example" || st.Fragments.Fragments != 2 {
		t.Errorf("%+v, %+v, %v; want the first fragment's name", all, st, err)
	}
}

func TestMalformedHeaders(t *testing.T) {
	good := query(t, "api.openai.com")
	change := func(at int, to byte) []byte { b := bytes.Clone(good); b[at] = to; return b }
	for _, tt := range []struct {
		name, want string
		link       uint32
		frame      []byte
	}{
		{"short ethernet", "link_short", 1, good[:10]},
		{"short VLAN", "link_short", 1, be16(12, 0x8100)},
		{"unknown link", "link_type", 147, good},
		{"IP header length", "ip_header", 101, change(0, 0x41)},
		{"IP total length", "ip_header", 101, change(3, 10)},
		{"short IP", "ip_header", 101, good[:12]},
		{"short UDP", "udp_header", 101, good[:25]},
		{"UDP length", "udp_header", 101, change(25, 3)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, st, err := read(t, pcap(t, tt.link, tt.frame, tt.frame))
			if err != nil || len(all) != 0 || st.Malformed()[tt.want] != 2 || len(st.Malformed()) != 1 {
				t.Errorf("%+v, malformed %v, %v; want %s twice", all, st.Malformed(), err, tt.want)
			}
		})
	}
}

func TestTruncatedFile(t *testing.T) {
	p := query(t, "api.openai.com")
	whole := pcap(t, 101, p, p, p)
	second := 24 + 2*(16+len(p))
	for _, tt := range []struct {
		name string
		cut  int
		want int
		err  string
	}{
		{"whole", len(whole), 3, ""},
		{"between packets", second, 2, ""},
		{"in a packet", len(whole) - 1, 2, "truncated at byte"},
		{"in a record header", second + 5, 2, "truncated at byte"},
		{"in the file header", 20, 0, "truncated at byte"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, _, err := read(t, whole[:tt.cut])
			if len(all) != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%d observations, error %v; want %d and %q", len(all), err, tt.want, tt.err)
			}
			if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("error %v does not say io.ErrUnexpectedEOF", err)
			}
		})
	}
}

func TestNotACapture(t *testing.T) {
	for _, s := range []string{"", "abc", "GET / HTTP/1.1\r\n\r\n", "\xa1\xb2\xc3\x00 and more of it here, long enough"} {
		if _, _, err := read(t, []byte(s)); !errors.Is(err, capture.ErrFormat) {
			t.Errorf("reading %q: %v, want ErrFormat", s, err)
		}
	}
}

func TestHugeLength(t *testing.T) {
	b := pcap(t, 101, query(t, "a.example"))
	copy(b[24+8:], []byte{0xff, 0xff, 0xff, 0x7f})
	if _, _, err := read(t, b); err == nil || !strings.Contains(err.Error(), "damaged at byte 24") {
		t.Errorf("error %v, want damage at byte 24", err)
	}
}

func TestByteOrders(t *testing.T) {
	p := query(t, "a.example")
	rec := func(head string) []byte { return append([]byte(head), p...) }
	n := string([]byte{0, 0, 0, byte(len(p))})
	le := string([]byte{byte(len(p)), 0, 0, 0})
	for _, tt := range []struct {
		name string
		file []byte
		nano int64
	}{
		{"big endian", rec("\xa1\xb2\xc3\xd4\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x00\x65" + "\x00\x00\x00\x09\x00\x00\x00\x07" + n + n), 7000},
		{"big endian, ns", rec("\xa1\xb2\x3c\x4d\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x00\x65" + "\x00\x00\x00\x09\x00\x00\x00\x07" + n + n), 7},
		{"little endian, ns", rec("\x4d\x3c\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x65\x00\x00\x00" + "\x09\x00\x00\x00\x07\x00\x00\x00" + le + le), 7},
		{"patched", rec("\x34\xcd\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x65\x00\x00\x00" + "\x09\x00\x00\x00\x07\x00\x00\x00" + le + le + "\x00\x00\x00\x00\x00\x00\x00\x00"), 7000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, _, err := read(t, tt.file)
			if err != nil || len(all) != 1 || !all[0].Time.Equal(time.Unix(9, tt.nano)) {
				t.Errorf("%+v, %v; want time 9 s and %d ns", all, err, tt.nano)
			}
		})
	}
}

func TestPcapng(t *testing.T) {
	var b bytes.Buffer
	opt := pcapgo.DefaultNgWriterOptions
	w, err := pcapgo.NewNgWriterInterface(&b, pcapgo.NgInterface{LinkType: layers.LinkTypeRaw, TimestampResolution: 9, SnapLength: 65535}, opt)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.AddInterface(pcapgo.NgInterface{LinkType: layers.LinkTypeEthernet, TimestampResolution: 6, SnapLength: 65535})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range [][]byte{query(t, "one.example"), prefix(query(t, "two.example"), be16(12, 0x0800)...)} {
		at := time.Unix(1e9, 123456000)
		err := w.WritePacket(gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(p), Length: len(p), InterfaceIndex: i * second}, p)
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	all, st, err := read(t, b.Bytes())
	if err != nil || len(all) != 2 || all[0].Name != "one.example" || all[1].Name != "two.example" || st.Packets != 2 {
		t.Fatalf("%+v, %+v, %v", all, st, err)
	}
	for _, o := range all {
		if !o.Time.Equal(time.Unix(1e9, 123456000)) {
			t.Errorf("time of %s = %v", o.Name, o.Time)
		}
	}
	cut := b.Bytes()[:b.Len()-9]
	if all, _, err := read(t, cut); len(all) != 1 || err == nil || !strings.Contains(err.Error(), "truncated at byte") {
		t.Errorf("cut file: %d observations, %v; want 1 and the place", len(all), err)
	}
}

func TestGzip(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(pcap(t, 101, query(t, "a.example"), query(t, "b.example")))
	z.Close()
	file := filepath.Join(t.TempDir(), "x.pcap.gz")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := capture.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	sn := sniffer.New(sniffer.Config{}, sniffer.Sink{})
	err = sn.Run(t.Context(), src)
	st := sn.Stats()
	if err != nil || st.Queries != 2 {
		t.Errorf("%+v, %v; want 2 queries", st, err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := run(ctx, pcap(t, 101, query(t, "a.example")), sniffer.Config{}, sniffer.Sink{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}
