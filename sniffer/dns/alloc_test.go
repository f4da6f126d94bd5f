package dns_test

import (
	"testing"

	mdns "github.com/miekg/dns"

	"github.com/gnomon-proxy/gnomon/sniffer/dns"
)

func typical(t testing.TB) []byte {
	return pack(t, "chat.openai.com", dns.TypeA,
		"chat.openai.com. 300 IN CNAME chat.openai.com.cdn.cloudflare.net.",
		"chat.openai.com.cdn.cloudflare.net. 300 IN A 104.18.37.228",
		"chat.openai.com.cdn.cloudflare.net. 300 IN A 172.64.150.28")
}

func TestAllocs(t *testing.T) {
	var m dns.Message
	https := pack(t, "a.test", dns.TypeHTTPS, "a.test. 300 IN HTTPS 1 . alpn=h3,h2 ipv4hint=192.0.2.1 ipv6hint=2001:db8::6")
	for _, b := range [][]byte{typical(t), https} {
		if n := testing.AllocsPerRun(1000, func() {
			m.Reset(b)
			for ok := true; ok; {
				ok, _ = m.Next()
			}
			m.Records()
			dns.Plausible(b)
		}); n != 0 {
			t.Errorf("reading a message allocates %v times, want 0", n)
		}
		if len(m.Addresses) == 0 {
			t.Error("nothing was read")
		}
	}
}

func BenchmarkQuestion(b *testing.B) {
	var m dns.Message
	msg := typical(b)
	b.ReportAllocs()
	for b.Loop() {
		m.Reset(msg)
		m.Next()
	}
}

func BenchmarkReply(b *testing.B) {
	var m dns.Message
	msg := typical(b)
	b.ReportAllocs()
	for b.Loop() {
		m.Reset(msg)
		m.Next()
		m.Records()
	}
}

func BenchmarkPlausible(b *testing.B) {
	msg := typical(b)
	for b.Loop() {
		dns.Plausible(msg)
	}
}

// BenchmarkHostile reads the reply that costs the most.
func BenchmarkHostile(b *testing.B) {
	deep := ""
	for range 60 {
		deep += "a."
	}
	msg := join(header(reply, 1, 256), question(deep+"a", 1))
	for range 256 {
		msg = append(msg, record(wire(deep+"b"), 1, 60, one)...)
	}
	var m dns.Message
	b.SetBytes(int64(len(msg)))
	for b.Loop() {
		m.Reset(msg)
		m.Next()
		m.Records()
	}
}

// pointers is a reply whose names are a letter and a chain of pointers each: 80 records
// under eight aliases.
func pointers() []byte {
	msg := join(header(reply, 1, 89), question("q", 1))
	chain := join([]byte{1, 'x', 0})
	at := len(msg) + 2 + 10 // in the data of a record that nobody reads
	for last := at; len(chain) < 240; {
		last, chain = at+len(chain), append(chain, 0xc0|byte(last>>8), byte(last))
	}
	end := at + len(chain) - 2
	msg = append(msg, record([]byte{0xc0, 12}, 16, 60, chain)...)
	name := func(c byte) []byte { return []byte{1, c, 0xc0 | byte(end>>8), byte(end)} }
	from := []byte{0xc0, 12}
	for c := byte('a'); c < 'i'; c++ {
		msg = append(msg, record(from, 5, 60, name(c))...)
		from = name(c)
	}
	for range 80 {
		msg = append(msg, record(name('z'), 1, 60, one)...)
	}
	return msg
}

// TestPointersBounded has chains of pointers cost what as many labels cost.
func TestPointersBounded(t *testing.T) {
	var m dns.Message
	m.Reset(pointers())
	m.Next()
	if r := m.Records(); r != dns.ReasonRecords {
		t.Errorf("reason %v, want that it is too much", r)
	}
}

// BenchmarkPointers is BenchmarkHostile of chains of pointers.
func BenchmarkPointers(b *testing.B) {
	msg := pointers()
	var m dns.Message
	b.SetBytes(int64(len(msg)))
	for b.Loop() {
		m.Reset(msg)
		m.Next()
		m.Records()
	}
}

// BenchmarkMiekg is what the same costs with the full parser.
func BenchmarkMiekg(b *testing.B) {
	msg := typical(b)
	b.ReportAllocs()
	for b.Loop() {
		var m mdns.Msg
		if err := m.Unpack(msg); err != nil {
			b.Fatal(err)
		}
	}
}
