package logs

import (
	"net/netip"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// dnsmasqReplies tells which lookups the replies in dnsmasq's log belong to:
//
//	query[A] chatgpt.com from 192.0.2.10
//	reply chatgpt.com is <CNAME>
//	reply edge.example.net is 203.0.113.20
//
// The records of a reply stand together, under the names of the chain. With
// log-queries=extra a serial number tells the lookup.
type dnsmasqReplies struct {
	asked [64]dnsmasqAsked // the latest: what is not answered by then seldom is
	next  int
	chain *dnsmasqAsked // whose alias the line before told
}

type dnsmasqAsked struct {
	key, host string
	client    netip.Addr
}

// ask notes a lookup.
func (d *dnsmasqReplies) ask(key string, r *Record) {
	d.chain = nil
	d.asked[d.next] = dnsmasqAsked{strings.Clone(key), strings.Clone(r.Host), r.Client}
	d.next = (d.next + 1) % len(d.asked)
}

// reply returns the lookup that a line "reply NAME is ANSWER" is about, nil when
// it is not known or the line holds no address. key is the name or the serial
// number.
func (d *dnsmasqReplies) reply(s, key string) (of *dnsmasqAsked, answer string) {
	verb, rest := word(s)
	if verb != "reply" && !strings.HasPrefix(verb, "cached") {
		d.chain = nil
		return nil, ""
	}
	_, rest, ok := strings.Cut(rest, " is ")
	if !ok {
		return nil, ""
	}
	of = d.find(key)
	if of == nil {
		of = d.chain
	}
	if d.chain = of; rest == "<CNAME>" {
		return nil, ""
	}
	answer, _ = word(rest)
	return of, answer
}

func (d *dnsmasqReplies) find(key string) *dnsmasqAsked {
	for i := range d.asked {
		if at := &d.asked[(d.next+len(d.asked)-1-i)%len(d.asked)]; at.key == key && key != "" {
			return at
		}
	}
	return nil
}

// told makes r tell the answer: the lookup that v lets go, or that it was told
// before.
func (of *dnsmasqAsked) told(e *env, r *Record, v verdict, answer string) verdict {
	if v == yes && r.Client == of.client && r.Host == of.host {
		r.Answers = Answers{list: answer}
		return v
	}
	if v == yes { // another lookup is let go: its record counts more
		return v
	}
	*r = Record{Time: e.stampTime(), Kind: KindAnswer, Client: of.client, Host: traffic.CanonicalHost(of.host), Answers: Answers{list: answer}}
	return yes
}
