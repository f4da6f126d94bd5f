package dns_test

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/dns"
)

func vector(b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)
}

// config is one ECHConfig (RFC 9849, section 4).
func config(version uint16, public string) []byte {
	body := join([]byte{7, 0, 0x20}, vector(make([]byte, 32)), vector([]byte{0, 1, 0, 1}), []byte{0, byte(len(public))}, []byte(public), vector(nil))
	return append(binary.BigEndian.AppendUint16(nil, version), vector(body)...)
}

func configs(list ...[]byte) []byte { return vector(join(list...)) }

func TestServices(t *testing.T) {
	ech := base64.StdEncoding.EncodeToString(configs(config(0xfe0d, "Cloudflare-ECH.com")))
	for _, tt := range []struct {
		name      string
		records   []string
		services  []string
		addresses []string
	}{
		{"hints", []string{"a.test. 300 IN HTTPS 1 . alpn=h3,h2 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::6"},
			[]string{"HTTPS ."}, []string{"192.0.2.1", "192.0.2.2", "2001:db8::6"}},
		{"ech", []string{"a.test. 300 IN HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1 ech=" + ech},
			[]string{"HTTPS . ech=cloudflare-ech.com"}, []string{"192.0.2.1"}},
		{"another's", []string{"b.test. 300 IN HTTPS 1 . ipv4hint=192.0.2.1 ech=" + ech}, nil, nil},
		{"alias", []string{"a.test. 300 IN HTTPS 0 pool.example.", "pool.example. 60 IN HTTPS 1 . ipv4hint=192.0.2.3", "pool.example. 60 IN A 192.0.2.4"},
			[]string{"HTTPS pool.example", "HTTPS ."}, []string{"192.0.2.3", "192.0.2.4"}},
		{"service elsewhere", []string{"a.test. 300 IN SVCB 2 S.example. alpn=dot port=853", "s.example. 60 IN A 192.0.2.4"},
			[]string{"SVCB s.example"}, []string{"192.0.2.4"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := read(pack(t, "a.test", dns.TypeHTTPS, tt.records...))
			if !slices.Equal(got.services, tt.services) || !slices.Equal(got.addresses, tt.addresses) || got.told != dns.Fine {
				t.Errorf("got %q %q %q", got.services, got.addresses, got.told)
			}
		})
	}
}

func TestServiceFields(t *testing.T) {
	var m dns.Message
	m.Reset(pack(t, "_dns.resolver.arpa", dns.TypeSVCB, "_dns.resolver.arpa. 300 IN SVCB 3 dns.example. alpn=dot,doq port=8853"))
	if r := m.Records(); r != dns.Fine || len(m.Services) != 1 {
		t.Fatalf("%q, %v", r, m.Services)
	}
	s := &m.Services[0]
	if s.Priority != 3 || s.Port != 8853 || s.TTL != 300 || s.ECH || !s.HasALPN("dot") || !s.HasALPN("doq") || s.HasALPN("do") || s.HasALPN("h2") {
		t.Errorf("%+v", s)
	}
}

func TestBrokenServices(t *testing.T) {
	param := func(key uint16, v []byte) []byte {
		return append(binary.BigEndian.AppendUint16(nil, key), vector(v)...)
	}
	for _, tt := range []struct {
		name string
		data []byte
		want dns.Reason
	}{
		{"empty", nil, dns.ReasonData},
		{"target of an unknown label", []byte{0, 1, 0x41, 'x'}, dns.ReasonName},
		{"target behind the data", []byte{0, 1, 1}, dns.ReasonName},
		{"key cut", []byte{0, 1, 0, 0, 4, 0}, dns.ReasonData},
		{"value cut", join([]byte{0, 1, 0}, param(4, one)[:7]), dns.ReasonData},
		{"keys twice", join([]byte{0, 1, 0}, param(4, one), param(4, two)), dns.ReasonData},
		{"keys falling", join([]byte{0, 1, 0}, param(6, six), param(4, two)), dns.ReasonData},
		{"hint of three bytes", join([]byte{0, 1, 0}, param(4, one[:3])), dns.ReasonData},
		{"hint of no bytes", join([]byte{0, 1, 0}, param(6, nil)), dns.ReasonData},
		{"port of one byte", join([]byte{0, 1, 0}, param(3, one[:1])), dns.ReasonData},
		{"protocol too long", join([]byte{0, 1, 0}, param(1, []byte{3, 'h', '2'})), dns.ReasonData},
		{"protocol empty", join([]byte{0, 1, 0}, param(1, []byte{0})), dns.ReasonData},
		{"no protocol", join([]byte{0, 1, 0}, param(1, nil)), dns.ReasonData},
		{"ech", join([]byte{0, 1, 0}, param(5, []byte{0, 1, 0})), dns.ReasonECH},
		{"fine", join([]byte{0, 1, 0}, param(1, []byte{2, 'h', '2'}), param(4, one), param(5, configs(config(0xfe0d, "x.test"))), param(9999, nil)), dns.Fine},
	} {
		b := join(header(reply, 1, 2), question("a.test", 65), record(asked, 65, 60, tt.data), record(asked, 1, 60, two))
		got := read(b)
		if got.told != tt.want || !slices.Contains(got.addresses, "192.0.2.2") {
			t.Errorf("%s: %q %q, want %q and the address behind it", tt.name, got.told, got.addresses, tt.want)
		}
		if tt.want == dns.ReasonData && len(got.services) != 0 {
			t.Errorf("%s: a malformed record is used: %q", tt.name, got.services)
		}
	}
}

func TestPublicName(t *testing.T) {
	whole := configs(config(0xfe0d, "public.example"))
	for _, tt := range []struct {
		name, want string
		in         []byte
		ok         bool
	}{
		{"one", "public.example", whole, true},
		{"behind an unknown version", "public.example", configs(config(0xfe0a, "old.example"), config(0xfe0d, "public.example")), true},
		{"the first counts", "a.example", configs(config(0xfe0d, "a.example"), config(0xfe0d, "b.example")), true},
		{"unknown version only", "", configs(config(0xfe0a, "old.example")), true},
		{"no host name", "", configs(config(0xfe0d, "a b")), true},
		{"empty label", "", configs(config(0xfe0d, "a..b")), true},
		{"empty name", "", configs(config(0xfe0d, "")), false},
		{"empty list", "", []byte{0, 0}, false},
		{"nothing", "", nil, false},
		{"length of the list", "", append(slices.Clone(whole), 0), false},
	} {
		if got, ok := dns.PublicName(tt.in); string(got) != tt.want || ok != tt.ok {
			t.Errorf("%s: %q, %v", tt.name, got, ok)
		}
	}
	for n := range whole {
		cut := slices.Clone(whole[:n])
		if n >= 2 {
			binary.BigEndian.PutUint16(cut, uint16(n-2)) // the list fits, what is inside does not
		}
		if name, ok := dns.PublicName(cut); ok {
			t.Errorf("cut at %d: %q", n, name)
		}
	}
}
