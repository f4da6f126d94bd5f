package dns_test

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"

	mdns "github.com/miekg/dns"

	"github.com/gnomon-proxy/gnomon/sniffer/dns"
)

// header is one of a message with these counts.
func header(flags uint16, counts ...uint16) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0x12, 0x34}, flags)
	for i := range 4 {
		n := uint16(0)
		if i < len(counts) {
			n = counts[i]
		}
		b = binary.BigEndian.AppendUint16(b, n)
	}
	return b
}

const (
	query = 0x0100
	reply = 0x8180
)

// wire is a name in wire form.
func wire(name string) (b []byte) {
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if label != "" {
			b = append(append(b, byte(len(label))), label...)
		}
	}
	return append(b, 0)
}

func question(name string, kind uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(wire(name), kind), dns.ClassIN)
}

func join(parts ...[]byte) (b []byte) {
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// record is one with its owner in wire form.
func record(owner []byte, kind uint16, ttl uint32, data []byte) []byte {
	b := binary.BigEndian.AppendUint16(append([]byte{}, owner...), kind)
	b = binary.BigEndian.AppendUint16(b, dns.ClassIN)
	b = binary.BigEndian.AppendUint32(b, ttl)
	return append(binary.BigEndian.AppendUint16(b, uint16(len(data))), data...)
}

// asked is a pointer to the name of the first question.
var asked = []byte{0xc0, 12}

// pack makes a reply to name of records as a zone file has them, by the other
// implementation.
func pack(t testing.TB, name string, kind uint16, records ...string) []byte {
	t.Helper()
	m := new(mdns.Msg)
	m.SetQuestion(mdns.Fqdn(name), kind)
	m.Response, m.Compress = true, true
	for _, s := range records {
		rr, err := mdns.NewRR(s)
		if err != nil {
			t.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// seen is all that is read of a message.
type seen struct {
	questions []string
	addresses []string
	services  []string
	asked     dns.Reason
	told      dns.Reason
}

func read(b []byte) (s seen) {
	var m dns.Message
	r := m.Reset(b)
	for r == dns.Fine {
		var ok bool
		if ok, r = m.Next(); !ok {
			break
		}
		s.questions = append(s.questions, string(m.Name)+" "+dns.TypeName(m.Type))
	}
	s.asked, s.told = r, m.Records()
	for _, a := range m.Addresses {
		s.addresses = append(s.addresses, a.Addr.String())
	}
	for i := range m.Services {
		v := &m.Services[i]
		text := dns.TypeName(v.Type) + " " + string(m.AppendTarget(nil, v))
		if v.ECH {
			text += " ech=" + string(v.PublicName)
		}
		s.services = append(s.services, text)
	}
	return s
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }
