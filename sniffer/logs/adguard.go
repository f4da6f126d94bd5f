package logs

import (
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// adguard reads the querylog.json of AdGuard Home: one JSON object a line.
type adguard struct{ env *env }

func newAdguard(e *env) parser { return adguard{e} }

func scoreAdguard(head []string) int {
	return share(head, func(s string) bool {
		return s[0] == '{' && strings.Contains(s, `"QH"`) && strings.Contains(s, `"QT"`) && strings.Contains(s, `"IP"`)
	})
}

func (p adguard) line(s string, r *Record) verdict {
	var stamp, client, result string
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
	return yes
}
