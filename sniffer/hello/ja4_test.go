package hello_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/hello"
)

// TestJA4 has the examples of JA4's technical details.
func TestJA4(t *testing.T) {
	many := make([]uint16, 150)
	for i := range many {
		many[i] = uint16(0x4000 + i)
	}
	for _, tt := range []struct {
		name string
		msg  []byte
		quic bool
		want string
	}{
		{"the example", chrome("a.example"), false, "t13d1516h2_8daaf6152771_e5627efa2ab1"},
		{"over QUIC", chrome("a.example"), true, "q13d1516h2_8daaf6152771_e5627efa2ab1"},
		{"nothing", message(0x0301, []uint16{0x0a0a}), false, "t10i000000_000000000000_000000000000"},
		{"SSL 3.0", message(0x0300, []uint16{0x0a0a}), false, "ts3i000000_000000000000_000000000000"},
		{"DTLS 1.2", message(0xfefd, []uint16{0x0a0a}), false, "dd2i000000_000000000000_000000000000"},
		{"unknown version", message(0x0303, []uint16{0x0a0a}, ext{43, vec8(words(0x7f17))}), false, "t00i000100_000000000000_"},
		{"only SNI and ALPN", message(0x0303, []uint16{0x0a0a}, sni("a"), alpn("h2")), false, "t12d0002h2_000000000000_000000000000"},
		{"150 suites", message(0x0303, many), false, "t12i990000_"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var h hello.Hello
			if err := hello.Parse(tt.msg, &h); err != nil {
				t.Fatal(err)
			}
			if got := h.JA4(tt.quic); !strings.HasPrefix(got, tt.want) || len(got) != 36 {
				t.Errorf("JA4 = %q, want %q", got, tt.want)
			}
		})
	}
}

// TestJA4WithoutAlgorithms has the document's hash for a hello without signature
// algorithms.
func TestJA4WithoutAlgorithms(t *testing.T) {
	var exts []ext
	for _, id := range []uint16{0x1b, 0, 0x33, 0x10, 0x4469, 0x17, 0x2d, 0x0d, 5, 0x23, 0x12, 0x2b, 0xff01, 0x0b, 0x0a, 0x15} {
		exts = append(exts, ext{id, nil})
	}
	var h hello.Hello
	hello.Parse(message(0x0303, suites, exts...), &h) // the empty extensions are an error, but they are there
	if got := h.JA4(false); !strings.HasSuffix(got, "_6d807ffa2a79") {
		t.Errorf("JA4 = %q, want the end 6d807ffa2a79", got)
	}
}

func TestJA4Protocol(t *testing.T) {
	for _, tt := range []struct{ protocol, want string }{
		{"h2", "h2"}, {"http/1.1", "h1"}, {"h", "hh"}, {"\xab", "ab"}, {"\xab\xcd", "ad"},
		{"0\xab", "3b"}, {"01\xab\xcd", "3d"}, {"0\xab\xcd1", "01"}, {"\x0a\x0a", "0a"},
	} {
		var h hello.Hello
		if err := hello.Parse(message(0x0303, suites, alpn(tt.protocol)), &h); err != nil {
			t.Fatal(err)
		}
		if got := h.JA4(false)[8:10]; got != tt.want {
			t.Errorf("%q: %q, want %q", tt.protocol, got, tt.want)
		}
	}
}

func TestJA4TooLong(t *testing.T) {
	var h hello.Hello
	if err := hello.Parse(message(0x0303, make([]uint16, 257)), &h); err != nil {
		t.Fatal(err)
	}
	if got := h.JA4(false); got != "" {
		t.Errorf("257 suites: JA4 = %q, want none", got)
	}
}

func TestBrowser(t *testing.T) {
	firefox := message(0x0303, suites, sni("a.example"), alpn("h2", "http/1.1"), ext{34, nil}, ext{28, []byte{0x40, 1}})
	script := message(0x0303, suites, sni("a.example"), alpn("h2", "http/1.1"))
	// The extensions of Chromium 115, curl 8.1 and Firefox over QUIC.
	chromiumQUIC := message(0x0303, suites, ext{43, vec8(words(0x0304))}, alpn("h3"), ext{17513, nil}, ext{27, []byte{2, 0, 2}}, ext{57, nil})
	curlQUIC := message(0x0303, suites, ext{43, vec8(words(0x0304))}, alpn("h3"), ext{57, nil})
	firefoxQUIC := message(0x0303, suites, ext{43, vec8(words(0x0304))}, alpn("h3"), ext{28, []byte{0x40, 1}}, ext{34, nil}, ext{57, nil})
	for _, tt := range []struct {
		name string
		msg  []byte
		quic bool
		want bool
	}{
		{"Chrome", chrome("a.example"), false, true},
		{"Firefox", firefox, false, true},
		{"Chrome over QUIC", chromiumQUIC, true, true},
		{"Firefox over QUIC", firefoxQUIC, true, true},
		{"curl over QUIC", curlQUIC, true, false},
		{"the protocols of QUIC over TCP", chromiumQUIC, false, false},
		{"a program", script, false, false},
		{"Go", stdlib(t, "a.example")[5:], false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var h hello.Hello
			if err := hello.Parse(tt.msg, &h); err != nil {
				t.Fatal(err)
			}
			if got := h.Browser(tt.quic); got != tt.want {
				t.Errorf("Browser = %v, want %v", got, tt.want)
			}
		})
	}
}
