package dns_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/dns"
)

var (
	one  = []byte{192, 0, 2, 1}
	two  = []byte{192, 0, 2, 2}
	six  = addr("2001:db8::6").AsSlice()
	here = []byte{1, 'a', 0xc0, 14} // a.test once more, elsewhere
)

// TestAddresses reads replies with one question for a.test.
func TestAddresses(t *testing.T) {
	answers := func(n uint16, records ...[]byte) []byte {
		return join(header(reply, 1, n), question("A.test", 1), join(records...))
	}
	cname := func(owner []byte, to string) []byte { return record(owner, dns.TypeCNAME, 300, wire(to)) }
	for _, tt := range []struct {
		name   string
		in     []byte
		want   []string
		reason dns.Reason
	}{
		{"both kinds", answers(2, record(asked, 1, 60, one), record(asked, 28, 60, six)), []string{"192.0.2.1", "2001:db8::6"}, dns.Fine},
		{"owner spelt out", answers(1, record(wire("a.TEST"), 1, 60, one)), []string{"192.0.2.1"}, dns.Fine},
		{"owner half a pointer", answers(1, record(here, 1, 60, one)), []string{"192.0.2.1"}, dns.Fine},
		{"another's address", answers(2, record(wire("b.test"), 1, 60, two), record(asked, 1, 60, one)), []string{"192.0.2.1"}, dns.Fine},
		{"longer name", answers(1, record(wire("a.test.evil"), 1, 60, one)), nil, dns.Fine},
		{"other class", answers(1, func() []byte { r := record(asked, 1, 60, one); r[5] = 3; return r }()), nil, dns.Fine},
		{"chain", answers(3, cname(asked, "b.test"), cname(wire("b.test"), "c.example"), record(wire("C.example"), 1, 60, one)), []string{"192.0.2.1"}, dns.Fine},
		{"chain out of order", answers(3, record(wire("c.example"), 1, 60, one), cname(wire("b.test"), "c.example"), cname(asked, "b.test")), []string{"192.0.2.1"}, dns.Fine},
		{"loop", answers(3, cname(asked, "b.test"), cname(wire("b.test"), "a.test"), record(asked, 1, 60, one)), []string{"192.0.2.1"}, dns.Fine},
		{"broken chain", answers(2, cname(asked, "b.test"), record(wire("c.test"), 1, 60, one)), nil, dns.Fine},

		{"short address", answers(2, record(asked, 1, 60, one[:3]), record(asked, 1, 60, two)), []string{"192.0.2.2"}, dns.ReasonData},
		{"long address", answers(2, record(asked, 28, 60, append(six, 1)), record(asked, 1, 60, two)), []string{"192.0.2.2"}, dns.ReasonData},
		{"fewer than promised", answers(3, record(asked, 1, 60, one)), []string{"192.0.2.1"}, dns.ReasonCounts},
		{"cut in the data", answers(2, record(asked, 1, 60, one), record(asked, 1, 60, two))[:12+12+16+14], []string{"192.0.2.1"}, dns.ReasonRecord},
		{"cut in the fields", answers(2, record(asked, 1, 60, one), record(asked, 1, 60, two))[:12+12+16+5], []string{"192.0.2.1"}, dns.ReasonRecord},
		{"cut in the name", answers(2, record(asked, 1, 60, one), wire("a.test")[:3]), []string{"192.0.2.1"}, dns.ReasonName},
		{"owner further on", answers(2, record(asked, 1, 60, one), record([]byte{0xc0, 60}, 1, 60, two)), []string{"192.0.2.1"}, dns.ReasonPointer},
		{"alias to nowhere", answers(2, record(asked, 1, 60, one), record(asked, 5, 60, []byte{0xff, 0xff})), []string{"192.0.2.1"}, dns.ReasonPointer},
		{"alias with more behind", answers(2, record(asked, 1, 60, one), record(asked, 5, 60, append(wire("b"), 1))), []string{"192.0.2.1"}, dns.ReasonData},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := read(tt.in)
			if !slices.Equal(got.addresses, tt.want) || got.told != tt.reason {
				t.Errorf("got %q, %q; want %q, %q", got.addresses, got.told, tt.want, tt.reason)
			}
			if len(got.questions) != 1 || got.asked != dns.Fine {
				t.Errorf("the question is lost: %q, %q", got.questions, got.asked)
			}
		})
	}
}

func TestTTL(t *testing.T) {
	var m dns.Message
	m.Reset(join(header(reply, 1, 3), question("a.test", 1),
		record(asked, dns.TypeCNAME, 30, wire("b.test")),
		record(wire("b.test"), 1, 900, one),
		record(asked, 1, 1<<31, two)))
	if r := m.Records(); r != dns.Fine || len(m.Addresses) != 2 {
		t.Fatalf("%q, %v", r, m.Addresses)
	}
	if a := m.Addresses[0]; a.TTL != 0 || a.Addr != addr("192.0.2.2") {
		t.Errorf("%v: a TTL with its highest bit set is 0 (RFC 2181)", a)
	}
	if a := m.Addresses[1]; a.TTL != 30 {
		t.Errorf("%v: the alias is good for 30 s only", a)
	}
}

// TestTruncated reads a message that says itself that it is not whole.
func TestTruncated(t *testing.T) {
	b := join(header(reply|0x0200, 1, 5), question("a.test", 1), record(asked, 1, 60, one), asked)
	var m dns.Message
	if m.Reset(b); !m.Truncated {
		t.Error("not seen")
	}
	if got := read(b); got.told != dns.Fine || len(got.addresses) != 1 {
		t.Errorf("%q, %q", got.told, got.addresses)
	}
}

func TestNotForUs(t *testing.T) {
	for name, b := range map[string][]byte{
		"query":         join(header(query, 1, 1), question("a.test", 1), record(asked, 1, 60, one)),
		"two questions": join(header(reply, 2, 1), question("a.test", 1), question("b.test", 1), record(asked, 1, 60, one)),
		"update":        join(header(reply|0x2800, 1, 1), question("a.test", 1), record(asked, 1, 60, one)),
		"authority":     join(header(reply, 1, 0, 1), question("a.test", 1), record(asked, 1, 60, one)),
	} {
		if got := read(b); got.addresses != nil || got.told != dns.Fine {
			t.Errorf("%s: %q, %q", name, got.addresses, got.told)
		}
	}
}

func TestEDNS(t *testing.T) {
	opt := []byte{0, 0, 41, 0x04, 0xd0, 1, 0, 0x80, 0, 0, 0}
	subnet := []byte{0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 12, 0, 8, 0, 8, 0, 1, 32, 0, 192, 0, 2, 9}
	for _, tt := range []struct {
		name  string
		in    []byte
		want  dns.EDNS
		rcode uint16
	}{
		{"query", join(header(query, 1, 0, 0, 1), question("a.test", 1), opt), dns.EDNS{Present: true, UDPSize: 1232, DO: true}, 16},
		{"reply with a client subnet", join(header(reply|3, 1, 0, 0, 1), question("a.test", 1), subnet), dns.EDNS{Present: true, UDPSize: 4096}, 3},
		{"twice", join(header(query, 1, 0, 0, 2), question("a.test", 1), subnet, opt), dns.EDNS{Present: true, UDPSize: 4096}, 0},
		{"not at the root", join(header(query, 1, 0, 0, 1), question("a.test", 1), []byte{1, 'x'}, opt), dns.EDNS{}, 0},
		{"none", join(header(query, 1), question("a.test", 1)), dns.EDNS{}, 0},
	} {
		var m dns.Message
		m.Reset(tt.in)
		if r := m.Records(); r != dns.Fine || m.EDNS != tt.want || m.Rcode != tt.rcode {
			t.Errorf("%s: %q %+v, rcode %d, want %+v, %d", tt.name, r, m.EDNS, m.Rcode, tt.want, tt.rcode)
		}
	}
}

// TestManyRecords asks for more than is kept, and for more work than is done.
func TestManyRecords(t *testing.T) {
	b := join(header(reply, 1, 300), question("a.test", 1))
	for range 300 {
		b = append(b, record(asked, 1, 60, one)...)
	}
	if got := read(b); len(got.addresses) != 256 || got.told != dns.ReasonRecords {
		t.Errorf("%d addresses, %q", len(got.addresses), got.told)
	}
	// Each of 250 records has a name that differs from the asked one in its
	// last label only; 16 aliases do too.
	deep := ""
	for i := range 60 {
		deep += fmt.Sprintf("%d.", i%10)
	}
	b = join(header(reply, 1, 256), question(deep+"a", 1))
	for i := range 256 {
		b = append(b, record(wire(deep+string(rune('b'+i%20))), 1, 60, one)...)
	}
	if got := read(b); got.told != dns.ReasonRecords {
		t.Errorf("the work for one message is not bounded: %q", got.told)
	}
	// Aliases without end.
	b = join(header(reply, 1, 40), question("n0.test", 1))
	for i := range 40 {
		b = append(b, record(wire(fmt.Sprintf("n%d.test", i)), 5, 60, wire(fmt.Sprintf("n%d.test", i+1)))...)
	}
	if got := read(b); got.told != dns.ReasonRecords {
		t.Errorf("40 aliases: %q", got.told)
	}
}
