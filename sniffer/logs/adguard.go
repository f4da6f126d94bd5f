package logs

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/gnomon-proxy/gnomon/sniffer/dns"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// adguard reads the querylog.json of AdGuard Home: one JSON object a line.
type adguard struct {
	env     *env
	message *dns.Message // nil until there is a reply to read
	wire    []byte
	text    [2][]byte // addresses and TTLs of the line
}

func newAdguard(e *env) parser { return &adguard{env: e} }

func scoreAdguard(head []string) int {
	return share(head, func(s string) bool {
		return s[0] == '{' && strings.Contains(s, `"QH"`) && strings.Contains(s, `"QT"`) && strings.Contains(s, `"IP"`)
	})
}

func (p *adguard) line(s string, r *Record) verdict {
	var stamp, client, result, answer string
	m := object(s)
	for m.next() {
		switch m.key {
		case "T":
			stamp = text(m.value)
		case "QH":
			r.Host = traffic.CanonicalHost(text(m.value))
		case "IP":
			client = text(m.value)
		case "CID": // the name that the admin gave a client
			r.User = text(m.value)
		case "Result":
			result = m.value
		case "Answer":
			answer = text(m.value)
		}
	}
	if m.bad {
		return badJSON
	}
	var ok bool
	if r.Time, ok = p.env.iso(stamp); !ok {
		return badTime
	}
	if r.Client, ok = address(client); !ok {
		return badClient
	}
	if r.Host == "" { // the root
		return nothing
	}
	r.Kind = KindDNS
	r.Blocked = result != "" && member(result, "IsFiltered") == "true"
	if p.env.Answers && answer != "" {
		r.Answers = p.answers(answer)
	}
	return yes
}

// answers reads the reply, which is logged as it came, in base64.
func (p *adguard) answers(encoded string) Answers {
	if len(encoded) > base64.StdEncoding.EncodedLen(maxMessage) {
		return Answers{}
	}
	if p.message == nil {
		p.message = new(dns.Message)
	}
	var err error
	if p.wire, err = base64.StdEncoding.AppendDecode(p.wire[:0], []byte(encoded)); err != nil {
		return Answers{}
	}
	if p.message.Reset(p.wire) != dns.Fine {
		return Answers{}
	}
	p.message.Records() // what can be read of it
	list, ttls := p.text[0][:0], p.text[1][:0]
	for _, a := range p.message.Addresses {
		list = append(a.Addr.AppendTo(list), ',')
		ttls = append(strconv.AppendUint(ttls, uint64(a.TTL), 10), ',')
	}
	p.text = [2][]byte{list, ttls}
	return Answers{list: string(list), ttls: string(ttls)}
}
