package dns_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/dns"
)

func TestQuestions(t *testing.T) {
	long := strings.Repeat("a", 63)
	most := strings.Join([]string{long, long, long, long[:61]}, ".") // 255 bytes on the wire
	for _, tt := range []struct {
		name   string
		in     []byte
		want   []string
		reason dns.Reason
	}{
		{"case", join(header(query, 1), question("API.OpenAI.Com", 1)), []string{"api.openai.com A"}, dns.Fine},
		{"root", join(header(query, 1), question(".", 2)), []string{". NS"}, dns.Fine},
		{"odd bytes", join(header(query, 1), []byte{5, 'a', '.', '\\', ' ', 0xff, 1, '~', 0, 0, 1, 0, 1}), []string{`a\046\092\032\255.~ A`}, dns.Fine},
		{"unknown type", join(header(query, 1), question("x.test", 65400)), []string{"x.test TYPE65400"}, dns.Fine},
		{"two", join(header(query, 2), question("a.test", 1), question("b.test", 28)), []string{"a.test A", "b.test AAAA"}, dns.Fine},
		{"pointer back", join(header(query, 2), question("a.test", 1), []byte{1, 'b', 0xc0, 14, 0, 1, 0, 1}), []string{"a.test A", "b.test A"}, dns.Fine},
		{"longest name", join(header(query, 1), question(most, 1)), []string{most + " A"}, dns.Fine},
		{"none", header(query), nil, dns.Fine},
		{"update", join(header(0x2800, 1), question("zone.test", 6)), []string{"zone.test SOA"}, dns.Fine},

		{"header", header(query, 1)[:11], nil, dns.ReasonHeader},
		{"empty", nil, nil, dns.ReasonHeader},
		{"name too long", join(header(query, 1), question(most+"a", 1)), nil, dns.ReasonName},
		{"name cut", join(header(query, 1), []byte{5, 'a'}), nil, dns.ReasonName},
		{"no end", join(header(query, 1), []byte{1, 'a'}), nil, dns.ReasonName},
		{"extended label", join(header(query, 1), []byte{0x41, 'a', 0, 0, 1, 0, 1}), nil, dns.ReasonName},
		{"pointer cut", join(header(query, 1), []byte{0xc0}), nil, dns.ReasonName},
		{"pointer to itself", join(header(query, 1), []byte{0xc0, 12, 0, 1, 0, 1}), nil, dns.ReasonPointer},
		{"pointer forward", join(header(query, 1), []byte{0xc0, 14, 1, 'a', 0, 0, 1, 0, 1}), nil, dns.ReasonPointer},
		{"pointer into the header", join(header(query, 1), []byte{1, 'a', 0xc0, 2, 0, 1, 0, 1}), nil, dns.ReasonPointer},
		{"loop of two", join(header(query, 2), []byte{1, 'a', 0xc0, 12, 0, 1, 0, 1}), nil, dns.ReasonPointer},
		{"no type", join(header(query, 1), wire("a.test"), []byte{0, 1, 0}), nil, dns.ReasonQuestion},
		{"more promised", join(header(query, 2), question("a.test", 1)), []string{"a.test A"}, dns.ReasonCounts},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := read(tt.in)
			if !slices.Equal(got.questions, tt.want) || got.asked != tt.reason {
				t.Errorf("got %q, %q; want %q, %q", got.questions, got.asked, tt.want, tt.reason)
			}
			if got.addresses != nil {
				t.Errorf("addresses of a query: %q", got.addresses)
			}
		})
	}
}

func TestManyQuestions(t *testing.T) {
	b := join(header(query, 65), question("a.test", 1))
	for range 64 {
		b = append(b, 0xc0, 12, 0, 1, 0, 1)
	}
	if got := read(b); len(got.questions) != dns.MaxQuestions || got.asked != dns.ReasonQuestions {
		t.Errorf("%d questions, %q", len(got.questions), got.asked)
	}
}

// TestHops builds chains of pointers, in the data of a TXT record, for a CNAME
// to lead to: a name may have as many pointers as labels.
func TestHops(t *testing.T) {
	for n, want := range map[int]dns.Reason{127: dns.Fine, 128: dns.ReasonPointer, 8000: dns.ReasonPointer} {
		b := join(header(reply, 1, 2), question("a.test", 1), record([]byte{0}, 16, 1, make([]byte, 2*(n-1))))
		last := 12
		for at := len(b) - 2*(n-1); at < len(b); at += 2 {
			b[at], b[at+1] = 0xc0|byte(last>>8), byte(last)
			last = at
		}
		b = append(b, record(asked, dns.TypeCNAME, 9, []byte{0xc0 | byte(last>>8), byte(last)})...)
		if got := read(b); got.told != want {
			t.Errorf("%d pointers: %q, want %q", n, got.told, want)
		}
	}
}

func TestReset(t *testing.T) {
	var m dns.Message
	m.Reset(pack(t, "a.test", dns.TypeA, "a.test. 60 IN A 192.0.2.1"))
	if r := m.Records(); r != dns.Fine || len(m.Addresses) != 1 || string(m.Name) != "a.test" {
		t.Fatalf("%q %v %s: Records must read questions that nobody has", r, m.Addresses, m.Name)
	}
	if m.Records(); len(m.Addresses) != 1 {
		t.Error("a second call of Records reads on")
	}
	if r := m.Reset([]byte{1}); r != dns.ReasonHeader || m.Addresses != nil || m.Name != nil {
		t.Errorf("%q, and %v is left of the message before", r, m.Addresses)
	}
	if ok, r := m.Next(); ok || r != dns.Fine || m.Records() != dns.Fine {
		t.Error("there is more in a message without header")
	}
}

func TestReasons(t *testing.T) {
	names := map[string]bool{}
	for _, r := range dns.Reasons() {
		names[r.String()] = true
		if !strings.HasPrefix(r.String(), "dns_") {
			t.Errorf("reason %d is called %q", r, r)
		}
	}
	if len(names) != 12 || dns.Fine.String() != "" || dns.Reason(200).String() != "unknown" {
		t.Errorf("%d names", len(names))
	}
}
