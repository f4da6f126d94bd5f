package logs

import (
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// bind reads the query log of BIND:
//
//	02-Mar-2026 09:15:04.250 queries: info: client @0x7f3a2c000000
//	  192.0.2.10#51544 (chatgpt.com): query: chatgpt.com IN A +E(0)K (192.0.2.53)
//
// Time, category and severity depend on the settings; "view x:" may stand
// before the query. What a policy zone or an ACL refused is a line of its own.
type bind struct {
	env *env
	held
}

func newBind(e *env) parser { return &bind{env: e} }

// scoreBind wants a query; what else BIND writes to the same file counts as its
// own where it has BIND's kind of date.
func scoreBind(head []string) int {
	var clock env
	seen := false
	n := share(head, func(s string) bool {
		_, own := clock.bindTime(s[:min(len(s), len("02-Mar-2026 09:15:04.250"))])
		before, c, ok := bindClient(s)
		_, dated := clock.bindTime(before)
		dated = dated || !strings.ContainsAny(before, "0123456789") // other times are peeled off
		ok = ok && dated && strings.IndexByte(c.peer, '#') > 0
		seen = seen || ok
		return ok || own
	})
	if !seen {
		return 0
	}
	return n
}

// bindHead is what every line about a client starts with.
type bindHead struct{ peer, name, rest string }

// bindFront is how far into a line "client " may start.
const bindFront = 120

// bindClient cuts a line about a client; before is what stands in front.
func bindClient(s string) (before string, c bindHead, ok bool) {
	i := strings.Index(s[:min(len(s), bindFront)], "client ")
	if i < 0 {
		return "", c, false
	}
	before, s = s[:i], s[i+len("client "):]
	c.peer, c.rest = word(s)
	if strings.HasPrefix(c.peer, "@") {
		c.peer, c.rest = word(c.rest)
	}
	if peer, ok := strings.CutSuffix(c.peer, "/key"); ok {
		c.peer = peer
		_, c.rest = word(c.rest)
	}
	if peer, ok := strings.CutSuffix(c.peer, ":"); ok { // before BIND 9.9
		c.peer = peer
		return before, c, true
	}
	if !strings.HasPrefix(c.rest, "(") {
		return before, c, false
	}
	c.name, c.rest, ok = strings.Cut(c.rest[1:], "): ")
	return before, c, ok
}

func (p *bind) line(s string, r *Record) verdict {
	before, c, ok := bindClient(s)
	if !ok {
		return nothing // transfers, notifies, and what else is in the log
	}
	view := c.rest
	if strings.HasPrefix(view, "view ") {
		_, view, _ = strings.Cut(view, ": ")
	}
	switch {
	case strings.HasPrefix(view, "query: "):
		if v := p.client(before, c, r); v != yes {
			return v
		}
		name, _ := word(view[len("query: "):])
		if r.Host = traffic.CanonicalHost(name); r.Host == "" || r.Host == "." {
			return nothing // the root
		}
		return p.swap(r, c.peer)
	case bindRefused(view):
		if v := p.client(before, c, r); v != yes {
			return v
		}
		return p.refused(c, r)
	}
	return nothing
}

// bindRefused recognises "rpz QNAME NXDOMAIN rewrite ..." and "query (cache)
// 'name/A/IN' denied". A policy of PASSTHRU lets through.
func bindRefused(s string) bool {
	if strings.HasPrefix(s, "rpz ") || strings.HasPrefix(s, "disabled rpz ") {
		return !strings.HasPrefix(s, "disabled") && !strings.Contains(s, " PASSTHRU ") && strings.Contains(s, " rewrite ")
	}
	return strings.HasPrefix(s, "query") && strings.Contains(s, " denied")
}

// refused marks the query that this is about; where queries aren't logged, the
// refusal tells of it.
func (p *bind) refused(c bindHead, r *Record) verdict {
	if p.full && p.key == c.peer {
		return p.answer(r, c.peer, true)
	}
	if r.Host, r.Blocked = traffic.CanonicalHost(c.name), true; r.Host == "" {
		return nothing
	}
	return p.swap(r, c.peer)
}

// client fills who asked, and when.
func (p *bind) client(before string, c bindHead, r *Record) verdict {
	ip, _, _ := strings.Cut(c.peer, "#")
	var ok bool
	if r.Client, ok = address(ip); !ok {
		return badClient
	}
	if r.Time, ok = p.env.bindTime(before); !ok {
		if r.Time = p.env.stampTime(); r.Time.IsZero() {
			return badTime
		}
	}
	r.Kind = KindDNS
	return yes
}

// bindTime reads 02-Mar-2026 09:15:04.250.
func (e *env) bindTime(s string) (time.Time, bool) {
	if len(s) < 20 || s[2] != '-' || s[6] != '-' || s[11] != ' ' {
		return time.Time{}, false
	}
	d := civil{day: two(s, 0), month: monthOf(s[3:6]), year: two(s, 7)*100 + two(s, 9)}
	if _, ok := d.clock(s[12:]); !ok {
		return time.Time{}, false
	}
	return e.local(d)
}
