package main

import (
	"encoding/binary"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/gnomon-proxy/gnomon/bench/sniff/world"
)

// dnsUDP is a question and, mostly, its answer.
func (g *generator) dnsUDP(start time.Duration) *talk {
	a4, a6 := g.Resolver()
	t := g.newTalk(start, a4, a6, 53)
	query, reply := g.lookup()
	t.udp(true, 0, query)
	g.truth.Query++
	switch g.Rand.IntN(40) {
	case 0: // never answered
	case 1: // asked again
		t.udp(true, time.Second, query)
		g.truth.Query++
		fallthrough
	default:
		t.udp(false, g.between(time.Millisecond, 40*time.Millisecond), reply)
		g.truth.Reply++
	}
	return t
}

// dnsTCP is one question or two over TCP, cut in the ways that are common.
func (g *generator) dnsTCP(start time.Duration) *talk {
	a4, a6 := g.Resolver()
	t := g.newTalk(start, a4, a6, 53)
	t.open(g.between(time.Millisecond, 20*time.Millisecond))
	var queries, replies []byte
	for range 1 + g.Rand.IntN(4)/3 {
		q, r := g.lookup()
		queries = append(binary.BigEndian.AppendUint16(queries, uint16(len(q))), q...)
		replies = append(binary.BigEndian.AppendUint16(replies, uint16(len(r))), r...)
		g.truth.Query++
		g.truth.Reply++
	}
	if g.Rand.IntN(4) == 0 { // the length in a segment of its own
		t.tcp(true, 0, psh|ack, queries[:2])
		queries = queries[2:]
	}
	t.tcp(true, time.Millisecond, psh|ack, queries)
	t.tcp(false, 5*time.Millisecond, ack, nil)
	if g.Rand.IntN(3) == 0 {
		half := len(replies) / 2
		t.tcp(false, time.Millisecond, ack, replies[:half])
		replies = replies[half:]
	}
	t.tcp(false, time.Millisecond, psh|ack, replies)
	t.tcp(true, time.Millisecond, ack, nil)
	t.close()
	return t
}

// lookup makes a question and its answer.
func (g *generator) lookup() (query, reply []byte) {
	s := g.Server()
	name := dnsmessage.MustNewName(s.Name + ".")
	q := dnsmessage.Question{Name: name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}
	switch n := g.Rand.IntN(20); {
	case n < 3:
		q.Type = dnsmessage.TypeHTTPS
	case n < 9:
		q.Type = dnsmessage.TypeAAAA
	}
	h := dnsmessage.Header{ID: uint16(g.Rand.Uint32()), RecursionDesired: true}
	edns := g.Rand.IntN(2) == 0
	query = g.message(h, q, edns, nil)
	h.Response, h.RecursionAvailable = true, true
	if g.Rand.IntN(20) == 0 {
		h.RCode = dnsmessage.RCodeNameError
		return query, g.message(h, q, edns, nil)
	}
	return query, g.message(h, q, edns, func(b *dnsmessage.Builder) { g.answer(b, q, s) })
}

func (g *generator) message(h dnsmessage.Header, q dnsmessage.Question, edns bool, answers func(*dnsmessage.Builder)) []byte {
	b := dnsmessage.NewBuilder(nil, h)
	b.EnableCompression()
	must(b.StartQuestions())
	must(b.Question(q))
	must(b.StartAnswers())
	if answers != nil {
		answers(&b)
	}
	if edns {
		must(b.StartAdditionals())
		var o dnsmessage.ResourceHeader
		must(o.SetEDNS0(1232, h.RCode, false))
		must(b.OPTResource(o, dnsmessage.OPTResource{}))
	}
	m, err := b.Finish()
	must(err)
	return m
}

// answer adds the records, behind an alias now and then.
func (g *generator) answer(b *dnsmessage.Builder, q dnsmessage.Question, s world.Server) {
	h := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60 + uint32(g.Rand.IntN(600))}
	if g.Rand.IntN(3) == 0 {
		alias := dnsmessage.MustNewName("edge." + s.Name + ".")
		must(b.CNAMEResource(h, dnsmessage.CNAMEResource{CNAME: alias}))
		h.Name = alias
	}
	switch q.Type {
	case dnsmessage.TypeHTTPS:
		r := dnsmessage.HTTPSResource{SVCBResource: dnsmessage.SVCBResource{Priority: 1, Target: dnsmessage.MustNewName("."),
			Params: []dnsmessage.SVCParam{{Key: dnsmessage.SVCParamALPN, Value: []byte("\x02h3\x02h2")}}}}
		must(b.HTTPSResource(h, r))
	case dnsmessage.TypeAAAA:
		must(b.AAAAResource(h, dnsmessage.AAAAResource{AAAA: s.V6.As16()}))
	default:
		for i := range 1 + g.Rand.IntN(3) {
			must(b.AResource(h, dnsmessage.AResource{A: neighbour(s.V4, i).As4()}))
		}
	}
}

// neighbour is another address that a name has: it belongs to no other name.
func neighbour(a netip.Addr, i int) netip.Addr {
	b := a.As4()
	b[0] -= byte(i)
	return netip.AddrFrom4(b)
}
