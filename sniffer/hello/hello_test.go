package hello_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/hello"
)

var suites = []uint16{0x1301, 0xc02f}

func TestParseNames(t *testing.T) {
	for _, tt := range []struct {
		name string
		msg  []byte
		want string
	}{
		{"plain", message(0x0303, suites, sni("api.openai.com")), "api.openai.com"},
		{"upper case and final dot", message(0x0303, suites, sni("API.OpenAI.com.")), "api.openai.com"},
		{"odd bytes", message(0x0303, suites, sni("a b\\\x00\xff.example")), `a\032b\092\000\255.example`},
		{"the first of several", message(0x0303, suites, sni("one.example", "two.example")), "one.example"},
		{"behind another kind of name", message(0x0303, suites, ext{0, vec16(append([]byte{7, 0, 1, 'x', 0}, vec16([]byte("host.example"))...))}), "host.example"},
		{"longer than names are", message(0x0303, suites, sni(strings.Repeat("a", 300))), strings.Repeat("a", 255)},
		{"empty", message(0x0303, suites, sni("")), ""},
		{"empty extension", message(0x0303, suites, ext{0, nil}), ""},
		{"no server_name", message(0x0303, suites, alpn("h2")), ""},
		{"no extensions", message(0x0301, suites), ""},
		{"empty extensions", append(fix(message(0x0301, suites), 2), 0, 0), ""},
		{"SSL 3.0", message(0x0300, suites), ""},
		{"DTLS", message(0xfefd, suites, sni("dtls.example")), "dtls.example"},
		{"Go", stdlib(t, "go.example")[5:], "go.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var h hello.Hello
			if err := hello.Parse(tt.msg, &h); err != nil {
				t.Fatal(err)
			}
			if got := h.Name(); got != tt.want {
				t.Errorf("Name() = %q, want %q", got, tt.want)
			}
		})
	}
}

// fix adds n to the length in a message's header.
func fix(msg []byte, n int) []byte {
	k := len(msg) - 4 + n
	msg[1], msg[2], msg[3] = byte(k>>16), byte(k>>8), byte(k)
	return msg
}

func TestParseErrors(t *testing.T) {
	good := message(0x0303, suites, sni("a.example"), alpn("h2"))
	edit := func(at int, b byte) []byte { m := bytes.Clone(good); m[at] = b; return m }
	for _, tt := range []struct {
		name string
		msg  []byte
		want hello.Error
	}{
		{"nothing", nil, hello.ErrShort},
		{"header only", good[:4], hello.ErrShort},
		{"a ServerHello", edit(0, 2), hello.ErrType},
		{"version 2", edit(4, 2), hello.ErrVersion},
		{"one byte more than said", append(bytes.Clone(good), 0), hello.ErrLength},
		{"a byte behind the extensions", append(fix(bytes.Clone(good), 1), 0), hello.ErrLength},
		{"session id of 33 bytes", edit(38, 33), hello.ErrLength},
		{"odd length of suites", edit(40, 3), hello.ErrLength},
		{"no suites", message(0x0303, nil, sni("a.example")), hello.ErrLength},
		{"no null compression", edit(46, 1), hello.ErrLength},
		{"extensions longer than the message", edit(48, 200), hello.ErrLength},
		{"an extension longer than all", edit(52, 99), hello.ErrLength},
		{"list of names too short", edit(54, 3), hello.ErrExtension},
		{"server_name twice", message(0x0303, suites, sni("a.example"), sni("b.example")), hello.ErrExtension},
		{"empty protocol", message(0x0303, suites, ext{16, vec16([]byte{0})}), hello.ErrExtension},
		{"odd versions", message(0x0303, suites, ext{43, []byte{3, 3, 4, 3}}), hello.ErrExtension},
		{"broken ECH", message(0x0303, suites, ext{0xfe0d, []byte{0, 0}}), hello.ErrExtension},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var h hello.Hello
			if err := hello.Parse(tt.msg, &h); !errors.Is(err, tt.want) {
				t.Errorf("Parse = %v, want %v", err, tt.want)
			}
		})
	}
	for n := range good {
		if err := hello.Parse(good[:n], new(hello.Hello)); err != hello.ErrShort {
			t.Errorf("Parse of the first %d bytes = %v, want %v", n, err, hello.ErrShort)
		}
	}
}

// TestBrokenExtension checks that what is sound beside a broken extension counts.
func TestBrokenExtension(t *testing.T) {
	var h hello.Hello
	err := hello.Parse(message(0x0303, suites, ext{43, []byte{1}}, sni("a.example")), &h)
	if err != hello.ErrExtension || h.Name() != "a.example" {
		t.Errorf("Parse = %v, name %q", err, h.Name())
	}
	err = hello.Parse(message(0x0303, suites, sni("a.example"), sni("b.example")), &h)
	if err != hello.ErrExtension || h.Name() != "a.example" {
		t.Errorf("server_name twice: Parse = %v, name %q, want the first", err, h.Name())
	}
}

func TestParsePartial(t *testing.T) {
	msg := message(0x0303, suites, ext{5, make([]byte, 20)}, sni("a.example"), alpn("h2"), ext{21, make([]byte, 500)})
	nameEnd := bytes.Index(msg, []byte("a.example")) + len("a.example")
	for n := 4; n <= len(msg); n++ {
		var h hello.Hello
		if err := hello.ParsePartial(msg[:n], &h); err != nil {
			t.Fatalf("first %d bytes: %v", n, err)
		}
		if got, want := h.Name() == "a.example", n >= nameEnd; got != want {
			t.Errorf("first %d bytes: name seen = %v, want %v", n, got, want)
		}
		if got, want := h.Truncated, n < len(msg); got != want {
			t.Errorf("first %d bytes: Truncated = %v, want %v", n, got, want)
		}
		if got := h.JA4(false); (got == "") != h.Truncated {
			t.Errorf("first %d bytes: JA4 = %q", n, got)
		}
	}
	bad := bytes.Clone(msg[:60])
	bad[48] = 0xff // extensions longer than the message says
	if err := hello.ParsePartial(bad, new(hello.Hello)); err != hello.ErrLength {
		t.Errorf("contradiction before the cut: %v, want %v", err, hello.ErrLength)
	}
}

func TestFields(t *testing.T) {
	var h hello.Hello
	if err := hello.Parse(stdlib(t, "go.example")[5:], &h); err != nil {
		t.Fatal(err)
	}
	var protocols []string
	for p := range h.Protocols() {
		protocols = append(protocols, string(p))
	}
	if want := []string{"h2", "http/1.1"}; !slices.Equal(protocols, want) {
		t.Errorf("Protocols = %q, want %q", protocols, want)
	}
	if h.Version() != 0x0304 || h.Legacy != 0x0303 {
		t.Errorf("Version = %#x, Legacy = %#x", h.Version(), h.Legacy)
	}
	if !h.Offers("h2") || h.Offers("h") || h.Offers("dot") {
		t.Error("Offers is wrong")
	}
	if h.Grease || h.Browser(false) || h.ECH != hello.ECHNone || h.DTLS {
		t.Errorf("Go's client taken for something else: %+v", h)
	}
}

func TestVersion(t *testing.T) {
	for _, tt := range []struct {
		name    string
		legacy  uint16
		offered []uint16
		want    uint16
	}{
		{"legacy", 0x0302, nil, 0x0302},
		{"highest", 0x0303, []uint16{0x0303, 0x0304, 0x0302}, 0x0304},
		{"grease", 0x0303, []uint16{0xfafa, 0x0303}, 0x0303},
		{"only grease", 0x0303, []uint16{0xfafa}, 0x0303},
		{"DTLS counts down", 0xfefd, []uint16{0xfefd, 0xfefc}, 0xfefc},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e []ext
			if tt.offered != nil {
				e = append(e, ext{43, vec8(words(tt.offered...))})
			}
			var h hello.Hello
			if err := hello.Parse(message(tt.legacy, suites, e...), &h); err != nil {
				t.Fatal(err)
			}
			if got := h.Version(); got != tt.want {
				t.Errorf("Version = %#x, want %#x", got, tt.want)
			}
		})
	}
}

func TestECH(t *testing.T) {
	outer := slices.Concat([]byte{0, 0, 1, 0, 1, 42}, vec16(make([]byte, 32)), vec16(make([]byte, 144)))
	for _, tt := range []struct {
		name   string
		e      ext
		want   hello.ECH
		config uint8
	}{
		{"none", alpn("h2"), hello.ECHNone, 0},
		{"outer", ext{0xfe0d, outer}, hello.ECHOuter, 42},
		{"outer of a second hello", ext{0xfe0d, slices.Concat(outer[:6], vec16(nil), vec16([]byte{1}))}, hello.ECHOuter, 42},
		{"inner", ext{0xfe0d, []byte{1}}, hello.ECHInner, 0},
		{"a draft", ext{0xfe09, []byte{9}}, hello.ECHDraft, 0},
		{"ESNI", ext{0xffce, []byte{9}}, hello.ECHDraft, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var h hello.Hello
			if err := hello.Parse(message(0x0303, suites, tt.e), &h); err != nil {
				t.Fatal(err)
			}
			if h.ECH != tt.want || h.ECHConfig != tt.config {
				t.Errorf("ECH = %v, config %d; want %v, %d", h.ECH, h.ECHConfig, tt.want, tt.config)
			}
		})
	}
}

func TestErrorNames(t *testing.T) {
	seen := map[string]bool{}
	for e := hello.ErrShort; e <= hello.ErrExtension; e++ {
		if seen[e.Error()] || e.Error() == "" {
			t.Errorf("error %d has the name %q", e, e.Error())
		}
		seen[e.Error()] = true
	}
	if got := hello.Error(200).Error(); got != "hello_unknown" {
		t.Errorf("unknown error: %q", got)
	}
}
