package dns_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/dns"
)

func TestPlausible(t *testing.T) {
	opt := []byte{0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0}
	plain := join(header(query, 1), question("api.openai.com", 1))
	with := func(at int, v byte) []byte {
		b := append([]byte{}, plain...)
		b[at] = v
		return b
	}
	netbios := join(header(0x0110, 1), []byte{32}, []byte("CK"+strings.Repeat("A", 30)), []byte{0, 0, 0x21, 0, 1})
	for _, tt := range []struct {
		name string
		in   []byte
		want bool
	}{
		{"query", plain, true},
		{"query with EDNS", join(header(query, 1, 0, 0, 1), question("_443._tcp.a-b.test", 52), opt), true},
		{"reply", pack(t, "a.test", 1, "a.test. 60 IN CNAME b.test.", "b.test. 60 IN A 192.0.2.1"), true},
		{"NXDOMAIN", join(header(0x8183, 1), question("a.test", 1)), true},
		{"https", join(header(query, 1), question("a.test", 65)), true},

		{"a byte more", append(append([]byte{}, plain...), 0), false},
		{"a byte less", plain[:len(plain)-1], false},
		{"no question", header(query), false},
		{"two questions", join(header(query, 2), question("a.test", 1), question("b.test", 1)), false},
		{"opcode", with(2, 0x29), false},
		{"reserved bit", with(3, 0x40), false},
		{"query that is authoritative", with(2, 0x05), false},
		{"query with an error", with(3, 0x03), false},
		{"query with an answer", join(header(query, 1, 1), question("a.test", 1), record(asked, 1, 1, one)), false},
		{"unclean name", with(13, '@'), false},
		{"pointer for a name", join(header(query, 1), []byte{0xc0, 12, 0, 1, 0, 1}), false},
		{"root", join(header(query, 1), question(".", 2)), false},
		{"other class", with(len(plain)-1, 3), false},
		{"multicast's unicast bit", with(len(plain)-2, 0x80), false},
		{"type out of use", with(len(plain)-4, 0x40), false},
		{"NetBIOS", netbios, false},
		{"empty", nil, false},
		{"zeroes", make([]byte, 64), false},
		{"SIP", []byte("OPTIONS sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP z\r\n\r\n"), false},
	} {
		if got := dns.Plausible(tt.in); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// TestPlausibleNoise asks of random bytes, also behind a good header.
func TestPlausibleNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 200)
	for i := range 200_000 {
		for j := range b {
			b[j] = byte(rng.Uint32())
		}
		if i%2 == 0 {
			copy(b, header(query, 1))
		}
		if n := 12 + rng.IntN(len(b)-12); dns.Plausible(b[:n]) {
			t.Fatalf("noise is plausible: %x", b[:n])
		}
	}
}
