package logs

import (
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// dnsmasq reads the log of dnsmasq and of Pi-hole, which is one:
//
//	Mar  2 09:15:04 dnsmasq[812]: query[A] chatgpt.com from 192.0.2.10
//	Mar  2 09:15:04 dnsmasq[812]: gravity blocked chatgpt.com is 0.0.0.0
//
// With log-queries=extra a serial number and the client's address and port
// stand in front. Time and tag are peeled off as a syslog prefix.
type dnsmasq struct {
	env *env
	held
	replies dnsmasqReplies
}

func newDnsmasq(e *env) parser { return &dnsmasq{env: e} }

func scoreDnsmasq(head []string) int {
	return share(head, func(s string) bool {
		what, _ := dnsmasqSerial(dnsmasqTag(s))
		return dnsmasqLine(what) || dnsmasqTalk(what)
	})
}

func scoreDnsmasqExtra(head []string) int {
	seen := false
	n := share(head, func(s string) bool {
		what, serial := dnsmasqSerial(dnsmasqTag(s))
		seen = seen || serial != ""
		return serial != "" && dnsmasqLine(what) || dnsmasqTalk(what)
	})
	if !seen {
		return 0
	}
	return n
}

// dnsmasqLine recognises what dnsmasq says about a name.
func dnsmasqLine(s string) bool {
	if strings.HasPrefix(s, "query[") {
		return true
	}
	for _, verb := range []string{"forwarded ", "reply ", "cached ", "cached-stale ", "config ", "gravity blocked ", "regex ", "exactly ",
		"special domain ", "validation ", "dnssec-", "DHCP"} {
		if strings.HasPrefix(s, verb) {
			return true
		}
	}
	// A hosts file, which it names: "/etc/hosts pi.lan is 192.0.2.1". Comments of C begin with a slash too.
	return strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && strings.Contains(s, " is ")
}

// dnsmasqTalk recognises what dnsmasq says when it starts, which is a page.
func dnsmasqTalk(s string) bool {
	for _, start := range []string{"started, version ", "compile time options", "using nameserver", "using only locally", "ignoring nameserver",
		"read /", "reading /", "DNS service limited", "DNSSEC ", "asynchronous logging", "exiting on receipt", "warning: "} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return false
}

// dnsmasqTag takes "dnsmasq[1]: " off, which begins a line where a container's
// output was kept without times.
func dnsmasqTag(s string) string {
	if strings.HasPrefix(s, "dnsmasq") {
		if tag, rest := word(s); isTag(tag) {
			return rest
		}
	}
	return s
}

// dnsmasqSerial takes "17 192.0.2.10/51544 " off.
func dnsmasqSerial(s string) (rest, serial string) {
	n, r := word(s)
	if _, ok := number(n); !ok {
		return s, ""
	}
	peer, r := word(r)
	if strings.IndexByte(peer, '/') < 0 {
		return s, ""
	}
	return r, n
}

func (p *dnsmasq) line(s string, r *Record) verdict {
	s, serial := dnsmasqSerial(dnsmasqTag(s))
	if strings.HasPrefix(s, "query[") {
		return p.query(s, serial, r)
	}
	if !dnsmasqLine(s) && p.others() && !dnsmasqTalk(s) {
		return passed
	}
	if !dnsmasqLine(s) && !strings.Contains(s, " is ") {
		return nothing // what else the daemon has to say
	}
	name, blocked := dnsmasqAnswer(s)
	if name == "" {
		return nothing
	}
	if serial != "" {
		name = serial
	}
	v := p.answer(r, name, blocked)
	if !p.env.Answers || blocked {
		return v
	}
	if of, answer := p.replies.reply(s, name); of != nil {
		return of.told(p.env, r, v, answer)
	}
	return v
}

// others reports whether another program wrote the line.
func (p *dnsmasq) others() bool {
	tag := programOf(p.env.peeled.tag)
	return tag != "" && !strings.HasPrefix(tag, "dnsmasq") && !strings.HasPrefix(tag, "pihole")
}

func (p *dnsmasq) query(s, serial string, r *Record) verdict {
	_, s, ok := strings.Cut(s, "] ")
	if !ok {
		return badFormat
	}
	name, s := word(s)
	from, s := word(s)
	client, _ := word(s)
	if from != "from" {
		return badColumns
	}
	if r.Client, ok = address(client); !ok {
		return badClient
	}
	if r.Time = p.env.stampTime(); r.Time.IsZero() {
		if p.env.peeled.stamp != "" {
			return badTime
		}
		p.env.note(noteNoTime)
	}
	r.Kind, r.Host = KindDNS, traffic.CanonicalHost(name)
	if serial == "" {
		serial = name
	}
	if p.env.Answers {
		p.replies.ask(serial, r)
	}
	return p.swap(r, serial)
}

// dnsmasqAnswer reads "VERB... NAME is ANSWER" and "forwarded NAME to SERVER".
// The words of Pi-hole have changed over its versions (blacklisted, denied).
func dnsmasqAnswer(s string) (name string, blocked bool) {
	if rest, ok := strings.CutPrefix(s, "forwarded "); ok {
		name, _ = word(rest)
		return name, false
	}
	i := strings.LastIndex(s, " is ")
	if i < 0 {
		return "", false
	}
	answer := s[i+4:]
	j := strings.LastIndexByte(s[:i], ' ')
	if j < 0 {
		return "", false
	}
	verb := s[:j]
	name = s[j+1 : i]
	switch {
	case verb == "reply", strings.HasPrefix(verb, "cached"), strings.HasPrefix(verb, "validation"):
		return name, false
	case strings.Contains(verb, "blocked"), strings.Contains(verb, "denied"), strings.Contains(verb, "blacklisted"):
		return name, true
	}
	// address=/name/ and hosts files of plain dnsmasq
	return name, answer == "0.0.0.0" || answer == "::" || verb == "config" && (answer == "NXDOMAIN" || strings.HasPrefix(answer, "NODATA"))
}
