package dns_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	mdns "github.com/miekg/dns"

	"github.com/gnomon-proxy/gnomon/sniffer/dns"
)

// FuzzMessage holds the reader against miekg/dns: whatever that unpacks, we
// read the same questions, addresses and services of. It accepts pointers that
// lead forwards and any number of records; for these we have a reason.
func FuzzMessage(f *testing.F) {
	for _, b := range [][]byte{
		typical(f), pack(f, "a.test", 65, "a.test. 300 IN HTTPS 1 b.test. alpn=h3 ipv4hint=192.0.2.1", "b.test. 300 IN AAAA 2001:db8::1"),
		join(header(query, 2), question("a.test", 1), []byte{1, 'b', 0xc0, 14, 0, 1, 0, 1}),
		join(header(reply, 1, 2), question("A.test", 1), record(here, 5, 9, []byte{1, 'c', 0xc0, 14}), record(wire("c.TEST"), 1, 9, one)),
		join(header(reply, 1, 1, 0, 1), question("a.test", 65), record(asked, 65, 60, join([]byte{0, 1, 0, 0, 5, 0, 71}, configs(config(0xfe0d, "x.test")))), []byte{0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0}),
		join(header(query, 1), []byte{0}),
		join(header(reply, 1, 1), question("a.test", 1), record(wire("A.TEST"), 1, 60, nil)),
		pointers(),
		join(header(reply, 1, 1), question(".", 1), record([]byte{0xc0, 27}, 1, 60, one)), // the owner is further on
	} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got := read(b)
		dns.Plausible(b)
		var m mdns.Msg
		if err := m.Unpack(b); err != nil {
			return
		}
		if got.asked == dns.ReasonPointer || got.asked == dns.ReasonQuestions {
			return
		}
		var want []string
		for _, q := range m.Question {
			want = append(want, canonical(t, q.Name)+" "+dns.TypeName(q.Qtype))
		}
		if got.asked == dns.ReasonQuestion && len(want) > 0 {
			want = want[:len(want)-1] // the other makes up a type where the message ends
		}
		if !slices.Equal(got.questions, want) {
			t.Errorf("questions %q, the other reads %q", got.questions, want)
		}
		if got.told == dns.ReasonPointer || got.told == dns.ReasonRecords || got.told == dns.ReasonData {
			return
		}
		if want := addresses(&m); !slices.Equal(sorted(got.addresses), sorted(want)) {
			t.Errorf("addresses %q (%s), the other reads %q of\n%s", got.addresses, got.told, want, &m)
		}
	})
}

// canonical writes a name of the other implementation as ours does.
func canonical(t *testing.T, name string) string {
	b := make([]byte, 300)
	n, err := mdns.PackDomainName(name, b, 0, nil, false)
	if err != nil {
		t.Fatalf("packing %q: %v", name, err)
	}
	msg := join(header(query, 1), b[:n], []byte{0, 1, 0, 1})
	return strings.TrimSuffix(read(msg).questions[0], " A")
}

// addresses finds what a message says of the asked name, the plain way.
func addresses(m *mdns.Msg) (all []string) {
	if !m.Response || m.Opcode != 0 || len(m.Question) != 1 || m.Question[0].Qclass != 1 {
		return nil
	}
	of := map[string]bool{mdns.CanonicalName(m.Question[0].Name): true}
	records := slices.Concat(m.Answer, m.Extra)
	for before := -1; before != len(of); {
		before = len(of)
		for _, rr := range records {
			if !of[mdns.CanonicalName(rr.Header().Name)] || rr.Header().Class != 1 {
				continue
			}
			switch rr := rr.(type) {
			case *mdns.CNAME:
				of[mdns.CanonicalName(rr.Target)] = true
			case *mdns.SVCB:
				lead(of, rr)
			case *mdns.HTTPS:
				lead(of, &rr.SVCB)
			}
		}
	}
	for _, rr := range records {
		if !of[mdns.CanonicalName(rr.Header().Name)] || rr.Header().Class != 1 {
			continue
		}
		switch rr := rr.(type) {
		case *mdns.A: // no data is no address (RFC 2136 has such records)
			if len(rr.A) > 0 {
				all = append(all, rr.A.String())
			}
		case *mdns.AAAA:
			if a, ok := netip.AddrFromSlice(rr.AAAA); ok {
				all = append(all, a.String())
			}
		case *mdns.SVCB:
			all = append(all, hints(rr)...)
		case *mdns.HTTPS:
			all = append(all, hints(&rr.SVCB)...)
		}
	}
	return all
}

func lead(of map[string]bool, rr *mdns.SVCB) {
	if rr.Target != "." {
		of[mdns.CanonicalName(rr.Target)] = true
	}
}

func hints(rr *mdns.SVCB) (all []string) {
	if rr.Priority == 0 {
		return nil
	}
	for _, v := range rr.Value {
		switch v := v.(type) {
		case *mdns.SVCBIPv4Hint:
			for _, ip := range v.Hint {
				all = append(all, ip.String())
			}
		case *mdns.SVCBIPv6Hint:
			for _, ip := range v.Hint {
				a, _ := netip.AddrFromSlice(ip)
				all = append(all, a.String())
			}
		}
	}
	return all
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

func FuzzPublicName(f *testing.F) {
	f.Add(configs(config(0xfe0d, "public.example")))
	f.Add(configs(config(0xfe0a, "x"), config(0xfe0d, "a.b")))
	f.Fuzz(func(t *testing.T, b []byte) {
		name, ok := dns.PublicName(b)
		if !ok && name != nil || len(name) > 255 || strings.ContainsAny(string(name), " /\\:") {
			t.Errorf("%q, %v", name, ok)
		}
	})
}
