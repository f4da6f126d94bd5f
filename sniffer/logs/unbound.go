package logs

import (
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// unbound reads the log of Unbound:
//
//	[1772442904] unbound[2021:0] info: 192.0.2.10 chatgpt.com. A IN
//
// With log-tag-queryreply "query:" stands for "info:"; log-replies adds a line
// with the result for each, which only counts where queries aren't logged.
// log-local-actions and policy zones add a line for what they refuse. Times
// other than the epoch are peeled off as a syslog prefix.
type unbound struct {
	env     *env
	queries bool                          // are logged
	refused struct{ client, host string } // by the last line of a zone without a query
	held
}

func newUnbound(e *env) parser { return &unbound{env: e} }

func scoreUnbound(head []string) int {
	return share(head, func(s string) bool {
		_, _, _, ok := unboundTag(s)
		return ok
	})
}

// unboundTag cuts "[stamp] unbound[pid:thread] tag: message"; stamp is "" and
// the program's name missing where syslog has them.
func unboundTag(s string) (stamp, tag, msg string, ok bool) {
	if strings.HasPrefix(s, "[") {
		in, rest, closed := strings.Cut(s[1:], "]")
		if _, epoch := number(in); closed && epoch {
			stamp, s = in, strings.TrimLeft(rest, " ")
		}
	}
	who, s := word(s)
	i := strings.IndexByte(who, '[')
	if i < 0 || who[len(who)-1] != ']' || who[:i] != "" && who[:i] != "unbound" || strings.IndexByte(who, ':') < 0 {
		return "", "", "", false
	}
	tag, msg = word(s)
	return stamp, tag, msg, len(tag) > 1 && tag[len(tag)-1] == ':'
}

func (p *unbound) line(s string, r *Record) verdict {
	stamp, tag, msg, ok := unboundTag(s)
	if !ok {
		return badFormat
	}
	if tag != "info:" && tag != "query:" && tag != "reply:" {
		return nothing // errors and what else it has to say
	}
	if strings.IndexByte(msg, '@') > 0 {
		return p.local(msg, r)
	}
	client, rest := word(msg)
	name, rest := word(rest)
	qtype, rest := word(rest)
	class, result := word(rest)
	if class == "" || name[len(name)-1] != '.' || !isUpper(qtype) || !isUpper(class) {
		return nothing
	}
	if r.Client, ok = address(client); !ok {
		return nothing // statistics look much the same
	}
	if r.Time, ok = epoch(stamp); !ok {
		if r.Time = p.env.stampTime(); r.Time.IsZero() {
			return badTime
		}
	}
	r.Kind, r.Host = KindDNS, traffic.CanonicalHost(name)
	if tag == "reply:" || result != "" {
		if p.queries {
			return nothing
		}
		r.Blocked = r.Host != "" && p.refused.client == client && p.refused.host == r.Host
		return yes
	}
	p.queries = true
	if r.Host == "" { // the root
		return nothing
	}
	return p.swap(r, client)
}

// local reads what a local zone or a policy zone did with a query:
//
//	huggingface.co. always_nxdomain 192.0.2.12@49152 huggingface.co. A IN
//	rpz: applied [ai] huggingface.co. rpz-nxdomain 192.0.2.12@49152 ...
func (p *unbound) local(s string, r *Record) verdict {
	var action, w string
	for s != "" {
		if w, s = word(s); strings.IndexByte(w, '@') > 0 {
			break
		}
		action = w
	}
	client, _, _ := strings.Cut(w, "@")
	blocked := false
	for _, word := range []string{"nxdomain", "refuse", "deny", "null", "nodata", "redirect", "drop", "static"} {
		blocked = blocked || strings.Contains(action, word)
	}
	name, _ := word(s)
	host := traffic.CanonicalHost(name)
	if blocked && !p.queries {
		p.refused.client, p.refused.host = strings.Clone(client), strings.Clone(host)
	}
	if !p.full || host != p.rec.Host {
		return nothing
	}
	return p.answer(r, client, blocked)
}

// isUpper accepts what types and classes are made of: TYPE65, AAAA, IN.
func isUpper(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 'A' || c > 'Z') && c-'0' > 9 {
			return false
		}
	}
	return s != "" && s[0]-'0' > 9
}
