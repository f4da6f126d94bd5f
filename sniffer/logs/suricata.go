package logs

import (
	"net/netip"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// suricata reads the eve.json of Suricata: one event a line.
type suricata struct {
	env     *env
	aliases aliases // of version 1
	asked   bool    // questions are logged
	last    lookup  // that was told by its answer
}

// lookup is one as version 1 tells it in several events.
type lookup struct {
	time   time.Time
	client netip.Addr
	host   string
}

func newSuricata(e *env) parser { return &suricata{env: e} }

func scoreSuricata(head []string) int {
	return share(head, func(s string) bool {
		return s[0] == '{' && strings.Contains(s, `"event_type"`) && strings.Contains(s, `"timestamp"`)
	})
}

// eve is what the events have in common, and the raw object that belongs to the
// event's type.
type eve struct {
	stamp, kind, src, dst      string
	sport, dport, proto        string
	dns, tls, quic, http, flow string
}

func (p *suricata) line(s string, r *Record) verdict {
	var ev eve
	m := object(s)
	for m.next() {
		ev.set(m.key, m.value)
	}
	if m.bad {
		return badJSON
	}
	var ok bool
	if r.Time, ok = p.env.iso(ev.stamp); !ok {
		return badTime
	}
	if ev.kind == "" {
		return badFormat
	}
	if r.Client, ok = address(ev.src); !ok {
		if ev.src == "" { // statistics and the like
			return nothing
		}
		return badClient
	}
	if ev.kind != "dns" {
		r.Server = addressPort(ev.dst, ev.dport)
	}
	switch ev.kind {
	case "dns":
		return p.dns(&ev, r)
	case "tls":
		r.Kind, r.Host = KindTLS, traffic.CanonicalHost(member(ev.tls, "sni"))
		return yes
	case "quic":
		r.Kind, r.Host = KindQUIC, traffic.CanonicalHost(member(ev.quic, "sni"))
		return yes
	case "http":
		return ev.readHTTP(r)
	case "flow":
		return p.flow(&ev, r)
	}
	return nothing // alerts and the like
}

func (ev *eve) set(key, value string) {
	switch key {
	case "timestamp":
		ev.stamp = text(value)
	case "event_type":
		ev.kind = text(value)
	case "src_ip":
		ev.src = text(value)
	case "dest_ip":
		ev.dst = text(value)
	case "src_port":
		ev.sport = text(value)
	case "dest_port":
		ev.dport = text(value)
	case "proto":
		ev.proto = text(value)
	case "dns":
		ev.dns = value
	case "tls":
		ev.tls = value
	case "quic":
		ev.quic = value
	case "http":
		ev.http = value
	case "flow":
		ev.flow = value
	}
}

// dns reads version 1 and 2 (type query, rrname) and version 3 (type request,
// queries). Messages with two questions don't occur. A reply is an event of its
// own; in version 1, each of its records is. Where no questions are logged, replies
// tell of lookups.
func (p *suricata) dns(ev *eve, r *Record) verdict {
	var kind, name, queries, rdata, rrtype, ttl, grouped string
	m := object(ev.dns)
	for m.next() {
		switch m.key {
		case "type":
			kind = text(m.value)
		case "rrname":
			name = text(m.value)
		case "queries":
			queries = m.value
		case "answers":
			r.Answers = Answers{list: m.value, shape: answerObjects}
		case "grouped":
			grouped = m.value
		case "rdata":
			rdata = text(m.value)
		case "rrtype":
			rrtype = text(m.value)
		case "ttl":
			ttl = text(m.value)
		}
	}
	if m.bad {
		return badJSON
	}
	asks := kind == "query" || kind == "request"
	answers := kind == "answer" || kind == "response"
	if !asks && !answers || answers && p.asked && !p.env.Answers || isLocalDNS(ev.dport) || isLocalDNS(ev.sport) {
		return nothing
	}
	if name == "" && queries != "" {
		name = member(first(queries), "rrname")
	}
	r.Kind, r.Host = KindDNS, traffic.CanonicalHost(name)
	if asks {
		r.Answers, p.asked = Answers{}, true
	} else {
		if rdata != "" {
			r.Host = p.aliases.asked(r.Host)
		}
		if rrtype == "CNAME" && rdata != "" {
			p.aliases.note(traffic.CanonicalHost(rdata), r.Host)
			return nothing
		}
		if !r.Answers.Any() && grouped != "" {
			r.Answers = groupedAnswers(grouped)
		}
		if !ev.reply(r, rdata, ttl) {
			return nothing
		}
		p.answered(r)
	}
	if r.Host == "" || r.Kind == KindAnswer && !r.Answers.Any() { // the root; a reply that says no more than the question
		return nothing
	}
	return yes
}

// answered makes of a reply the lookup that no question has told.
func (p *suricata) answered(r *Record) {
	one := lookup{r.Time, r.Client, r.Host}
	if !p.asked && one != p.last {
		r.Kind = KindDNS
		one.host = strings.Clone(one.host)
		p.last = one
	}
	if !p.env.Answers {
		r.Answers = Answers{}
	}
}

// groupedAnswers reads the short form of a reply. A lookup is for one type.
func groupedAnswers(raw string) Answers {
	for m := object(raw); m.next(); {
		if m.key == "A" || m.key == "AAAA" {
			return Answers{list: m.value, shape: answerStrings}
		}
	}
	return Answers{}
}

// reply makes r tell what a lookup got. Which side asked depends on the version:
// the other one has the port of DNS.
func (ev *eve) reply(r *Record, rdata, ttl string) bool {
	r.Kind = KindAnswer
	if ev.sport == "53" {
		ok := false
		if r.Client, ok = address(ev.dst); !ok {
			return false
		}
	}
	if !r.Answers.Any() {
		r.Answers = Answers{list: rdata, ttls: ttl}
	}
	return true
}

func (ev *eve) readHTTP(r *Record) verdict {
	r.Kind = KindHTTP
	var host, url, status, length string
	m := object(ev.http)
	for m.next() {
		switch m.key {
		case "hostname":
			host = text(m.value)
		case "url":
			url = text(m.value)
		case "http_user_agent":
			r.UserAgent = text(m.value)
		case "http_method":
			r.Method = text(m.value)
		case "status":
			status = text(m.value)
		case "length":
			length = text(m.value)
		}
	}
	if m.bad {
		return badJSON
	}
	r.URL = httpURL(host, url)
	if r.Host = traffic.CanonicalHost(host); r.Host == "" {
		r.Host = traffic.CanonicalHost(hostOfURL(r.URL))
	}
	return r.result("", status, length)
}

// flow reads the end of a connection. It is dated by its start, as the event is
// written when the flow times out.
func (p *suricata) flow(ev *eve, r *Record) verdict {
	if strings.HasPrefix(ev.proto, "ICMP") || strings.HasPrefix(ev.proto, "IPv6-ICMP") {
		return nothing
	}
	r.Kind = KindFlow
	var up, down string
	m := object(ev.flow)
	for m.next() {
		switch m.key {
		case "bytes_toserver":
			up = text(m.value)
		case "bytes_toclient":
			down = text(m.value)
		case "start":
			if t, ok := p.env.iso(text(m.value)); ok {
				r.Time = t
			}
		}
	}
	var ok1, ok2 bool
	r.Up, ok1 = count(up)
	r.Down, ok2 = count(down)
	switch {
	case m.bad:
		return badJSON
	case !ok1 || !ok2:
		return badNumber
	}
	return yes
}

// member returns the text of one member of a JSON object, "" when there is none.
func member(raw, key string) string {
	for m := object(raw); m.next(); {
		if m.key == key {
			return text(m.value)
		}
	}
	return ""
}
