package quic_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer/quic"
)

var (
	client = netip.MustParseAddrPort("192.0.2.7:50000")
	server = netip.MustParseAddrPort("203.0.113.9:443")
	start  = time.Unix(1e9, 0)
)

// step is a datagram that a test sends, and whether it completes a hello.
type step struct {
	datagram []byte
	from     byte // 's': from the server
	after    time.Duration
	want     []byte // the hello
}

func TestDatagram(t *testing.T) {
	a, b := clientHello("a.example", 300), clientHello("b.example", 300)
	big := clientHello("big.example", 2000)
	p := func(frames ...[]byte) initial {
		return initial{version: v1, dcid: "clientschoice", frames: slices.Concat(frames...), size: 1200}
	}
	with := func(i initial, f func(*initial)) []byte { f(&i); return i.seal() }
	whole := func(i initial) []byte { return i.seal() }
	ack, ping, closing := []byte{2, 5, 0x41, 0, 2, 1, 1, 1, 1, 0}, []byte{1}, []byte{0x1c, 10, 6, 3, 'w', 'h', 'y'}
	ackECN := []byte{3, 5, 0, 0, 0, 1, 2, 3}
	zeroRTT := slices.Concat([]byte{0xd0, 0, 0, 0, 1, 4}, []byte("abcd"), []byte{0, 0x40, 50}, make([]byte, 50))
	retry := slices.Concat([]byte{0xf0, 0, 0, 0, 1, 0, 9}, []byte("retryscid"), make([]byte, 40))
	negotiation := slices.Concat([]byte{0x80, 0, 0, 0, 0, 0, 13}, []byte("clientschoice"), []byte{0, 0, 0, 1})
	short := append([]byte{0x40}, make([]byte, 100)...)

	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"one packet", []step{{datagram: whole(p(crypto(a, 0, len(a)))), want: a}}},
		{"sent again", []step{{datagram: whole(p(crypto(a, 0, len(a)))), want: a}, {datagram: with(p(crypto(a, 0, len(a))), func(i *initial) { i.number = 1 })}}},
		{"other frames between", []step{{datagram: whole(p(ping, ack, crypto(a, 0, 100), make([]byte, 9), ackECN, crypto(a, 100, len(a)), closing)), want: a}}},
		{"out of order", []step{{datagram: whole(p(crypto(a, 200, len(a)), ping, crypto(a, 50, 200), crypto(a, 0, 50))), want: a}}},
		{"overlapping and twice", []step{{datagram: whole(p(crypto(a, 100, 250), crypto(a, 100, 250), crypto(a, 0, 120), crypto(a, 10, 60), crypto(a, 240, len(a)))), want: a}}},
		{"two datagrams", []step{{datagram: whole(p(crypto(big, 0, 1000)))}, {datagram: with(p(crypto(big, 1000, 2000)), func(i *initial) { i.number = 1 }), want: big}}},
		{"two datagrams, the last first", []step{{datagram: with(p(crypto(big, 1000, 2000)), func(i *initial) { i.number = 1 })}, {datagram: whole(p(crypto(big, 0, 1000))), want: big}}},
		{"holes in both", []step{
			{datagram: whole(p(crypto(big, 1500, 2000), crypto(big, 300, 700)))},
			{datagram: with(p(crypto(big, 700, 1500), crypto(big, 0, 300)), func(i *initial) { i.number = 1 }), want: big}}},
		{"a ping first", []step{{datagram: whole(p(ping))}, {datagram: with(p(crypto(a, 0, len(a))), func(i *initial) { i.number = 1 }), want: a}}},
		{"two packets in a datagram", []step{{datagram: slices.Concat(
			initial{version: v1, dcid: "clientschoice", frames: crypto(a, 0, 100)}.seal(),
			initial{version: v1, dcid: "clientschoice", number: 1, frames: crypto(a, 100, len(a))}.seal()), want: a}}},
		{"0-RTT before and behind", []step{{datagram: slices.Concat(zeroRTT, initial{version: v1, dcid: "clientschoice", frames: crypto(a, 0, len(a))}.seal(), zeroRTT, short), want: a}}},
		{"0-RTT first, alone", []step{{datagram: zeroRTT}, {datagram: whole(p(crypto(a, 0, len(a)))), want: a}}},
		{"the server's connection id", []step{
			{datagram: whole(p(crypto(big, 0, 1000)))},
			{datagram: with(p(crypto(big, 1000, 2000)), func(i *initial) { i.dcid, i.keyCID, i.number = "servers", "clientschoice", 1 }), want: big}}},
		{"the server's connection id, zero bytes", []step{
			{datagram: whole(p(crypto(big, 0, 1000)))},
			{datagram: with(p(crypto(big, 1000, 2000)), func(i *initial) { i.dcid, i.keyCID, i.number = "", "clientschoice", 1 }), want: big}}},
		{"Retry behind a whole hello", []step{
			{datagram: whole(p(crypto(a, 0, len(a)))), want: a}, {datagram: retry, from: 's'},
			{datagram: with(p(crypto(a, 0, len(a))), func(i *initial) { i.dcid, i.token, i.number = "retryscid", "token", 1 })}}},
		{"Retry behind a part", []step{
			{datagram: whole(p(crypto(big, 0, 1000)))}, {datagram: retry, from: 's'},
			{datagram: with(p(crypto(big, 0, 1000)), func(i *initial) { i.dcid, i.token, i.number = "retryscid", "token", 1 })},
			{datagram: with(p(crypto(big, 1000, 2000)), func(i *initial) { i.dcid, i.token, i.number = "retryscid", "token", 2 }), want: big}}},
		{"version negotiation", []step{
			{datagram: with(p(crypto(a, 0, len(a))), func(i *initial) { i.version, i.salt = grease, v1 }), want: a}, {datagram: negotiation, from: 's'},
			{datagram: whole(p(crypto(b, 0, len(b)))), want: b}}},
		{"a reserved version with a draft's keys", []step{{datagram: with(p(crypto(a, 0, len(a))), func(i *initial) { i.version, i.salt = grease, draft29 }), want: a}}},
		{"version 2", []step{{datagram: with(p(crypto(a, 0, len(a))), func(i *initial) { i.version = v2 }), want: a}}},
		{"draft 34", []step{{datagram: with(p(crypto(a, 0, len(a))), func(i *initial) { i.version = draft34 }), want: a}}},
		{"draft 29", []step{{datagram: with(p(crypto(a, 0, len(a))), func(i *initial) { i.version = draft29 }), want: a}}},
		{"draft 27", []step{{datagram: with(p(crypto(a, 0, len(a))), func(i *initial) { i.version = draft27 }), want: a}}},
		{"a new connection between the same ports", []step{
			{datagram: whole(p(crypto(a, 0, len(a)))), want: a},
			{datagram: with(p(crypto(b, 0, len(b))), func(i *initial) { i.dcid = "another one" }), want: b}}},
		{"a new connection behind a part", []step{
			{datagram: whole(p(crypto(big, 0, 1000)))},
			{datagram: with(p(crypto(b, 0, len(b))), func(i *initial) { i.dcid = "another one" }), want: b}}},
		{"the same again after a long time", []step{
			{datagram: whole(p(crypto(a, 0, len(a)))), want: a},
			{datagram: whole(p(crypto(a, 0, len(a)))), after: 2 * time.Minute, want: a}}},
		{"the server first", []step{{datagram: whole(p(crypto(a, 0, len(a)))), from: 's', want: a}}},
		{"the server's answer", []step{
			{datagram: whole(p(crypto(a, 0, len(a)))), want: a},
			{datagram: initial{version: v1, server: true, keyCID: "clientschoice", scid: "servers", frames: []byte{2, 0, 0, 0, 0, 6, 0, 4, 2, 0, 0, 0}}.seal(), from: 's'}}},
		{"packet numbers of a byte", []step{
			{datagram: with(p(crypto(big, 0, 1000)), func(i *initial) { i.number = 250 })},
			{datagram: with(p(crypto(big, 1000, 2000)), func(i *initial) { i.number, i.numberLen = 258, 1 }), want: big}}},
		{"a damaged packet", []step{
			{datagram: func() []byte { b := whole(p(crypto(a, 0, len(a)))); b[600] ^= 1; return b }()},
			{datagram: whole(p(crypto(a, 0, len(a)))), want: a}}},
		{"a longest connection id", []step{{datagram: with(p(crypto(a, 0, len(a))), func(i *initial) { i.dcid, i.scid = "01234567890123456789", "01234567890123456789" }), want: a}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tb, now := quic.New(quic.Options{}), start
			for i, s := range tt.steps {
				now = now.Add(s.after)
				src, dst := client, server
				if s.from == 's' {
					src, dst = server, client
				}
				given := bytes.Clone(s.datagram)
				msg, ok := tb.Datagram(src, dst, now, s.datagram)
				if ok != (s.want != nil) || !bytes.Equal(msg, s.want) {
					t.Errorf("datagram %d: %d bytes, %v; want %d; failed: %v", i, len(msg), ok, len(s.want), tb.Stats.Failed())
				}
				if !bytes.Equal(given, s.datagram) {
					t.Errorf("datagram %d was written to", i)
				}
			}
		})
	}
}

func TestFailed(t *testing.T) {
	a, big := clientHello("a.example", 300), clientHello("big.example", 3000)
	seal := func(frames ...[]byte) []byte {
		return initial{version: v1, dcid: "clientschoice", frames: slices.Concat(frames...)}.seal()
	}
	cut := seal(crypto(a, 0, len(a)))
	long := []byte{1, 1, 0, 0}
	for _, tt := range []struct {
		name     string
		datagram []byte
		want     string
	}{
		{"cut short", cut[:len(cut)-1], "quic_header"},
		{"connection id of 21 bytes", append([]byte{0xc0, 0, 0, 0, 1, 21}, make([]byte, 50)...), "quic_header"},
		{"token longer than all", append([]byte{0xc0, 0, 0, 0, 1, 1, 9, 0, 0x7f, 0xff}, make([]byte, 50)...), "quic_header"},
		{"too short to be protected", []byte{0xc0, 0, 0, 0, 1, 1, 9, 0, 0, 4, 1, 2, 3, 4}, "quic_not_decrypted"},
		{"no connection id", initial{version: v1, keyCID: "x", frames: crypto(a, 0, len(a))}.seal(), "quic_not_decrypted"},
		{"a server's", initial{version: v1, dcid: "clientschoice", server: true, frames: crypto(a, 0, len(a))}.seal(), "quic_not_decrypted"},
		{"a frame that has no place", seal([]byte{8, 0}), "quic_frame"},
		{"a frame cut", seal([]byte{6, 0, 0x40, 0xff, 1}), "quic_frame"},
		{"ranges without end", seal([]byte{2, 0, 0, 0x7f, 0xff, 0}), "quic_frame"},
		{"a ServerHello", seal(crypto([]byte{2, 0, 0, 0}, 0, 4)), "quic_not_hello"},
		{"a hello of 64 KiB", seal(crypto(long, 0, 4)), "quic_crypto_overflow"},
		{"an offset of 20000", seal([]byte{6, 0x80, 0, 0x4e, 0x20, 1, 0}), "quic_crypto_overflow"},
		{"an offset of 2^62", seal([]byte{6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0}), "quic_crypto_overflow"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tb := quic.New(quic.Options{})
			if msg, ok := tb.Datagram(client, server, start, tt.datagram); ok {
				t.Errorf("found %x", msg)
			}
			if got := fmt.Sprint(tb.Stats.Failed()); got != "map["+tt.want+":1]" {
				t.Errorf("failed = %v, want %s", got, tt.want)
			}
		})
	}
	tb := quic.New(quic.Options{})
	tb.Datagram(client, server, start, initial{version: v1, dcid: "clientschoice", frames: crypto(big, 0, 1000)}.seal())
	if tb.Pending() != 1 {
		t.Errorf("Pending = %d, want 1", tb.Pending())
	}
	other := netip.MustParseAddrPort("192.0.2.8:1")
	for i := range 3 {
		tb.Datagram(other, server, start.Add(time.Duration(i+1)*2*time.Minute), cut)
	}
	if got := tb.Stats.Failed()["quic_expired"]; got != 1 || tb.Pending() != 0 {
		t.Errorf("expired %d, pending %d; want 1, 0", got, tb.Pending())
	}
}

// TestIgnored checks that what is not QUIC is not even counted.
func TestIgnored(t *testing.T) {
	tb := quic.New(quic.Options{})
	for name, b := range map[string][]byte{
		"nothing":             nil,
		"a byte":              {0xc0},
		"DNS":                 {0x80, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1},
		"RTP":                 append([]byte{0x80, 0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, make([]byte, 160)...),
		"short header":        append([]byte{0x5f}, make([]byte, 1300)...),
		"version negotiation": {0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
		"gQUIC":               append([]byte{0xc3, 'Q', '0', '4', '6'}, make([]byte, 1300)...),
	} {
		if _, ok := tb.Datagram(client, server, start, b); ok || len(tb.Stats.Failed()) != 0 || tb.Stats.Initials != 0 {
			t.Errorf("%s: %v, %+v", name, ok, tb.Stats)
		}
	}
}

// TestShuffled cuts a hello into frames and packets at random.
func TestShuffled(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		msg := clientHello(fmt.Sprintf("r%d.example", round), 200+rnd.IntN(5000))
		var frames [][]byte
		for at := 0; at < len(msg); {
			n := min(1+rnd.IntN(300), len(msg)-at)
			frames = append(frames, crypto(msg, at, at+n))
			if from := max(0, at-rnd.IntN(200)); rnd.IntN(4) == 0 {
				frames = append(frames, crypto(msg, from, at+n))
			}
			at += n
		}
		rnd.Shuffle(len(frames), func(i, j int) { frames[i], frames[j] = frames[j], frames[i] })
		tb, found := quic.New(quic.Options{}), 0
		for i, f := range frames {
			b := initial{version: v1, dcid: "clientschoice", number: uint32(i), frames: f}.seal()
			if got, ok := tb.Datagram(client, server, start, b); ok {
				if found++; !bytes.Equal(got, msg) {
					t.Fatalf("round %d: another message", round)
				}
			}
		}
		if found != 1 {
			t.Errorf("round %d: found %d times; failed %v", round, found, tb.Stats.Failed())
		}
	}
}
