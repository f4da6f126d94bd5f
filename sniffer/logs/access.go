package logs

import (
	"strings"
	"time"
)

// access reads the common log format, with the agent of the combined one and
// the result that Squid adds to both:
//
//	client ident user [day/Mon/year:time zone] "request" status bytes
//	  "referer" "agent" TCP_MISS:HIER_DIRECT
//
// A web server that logs its own visitors writes requests without a host; they
// say nothing about where clients go.
type access struct{ env *env }

func newAccess(e *env) parser { return access{e} }

func scoreSquidAccess(head []string) int {
	return share(head, func(s string) bool {
		i := strings.LastIndexByte(s, ' ')
		tag, _, ok := strings.Cut(s[i+1:], ":")
		return ok && looksLikeAccess(s) && (strings.HasPrefix(tag, "TCP_") || strings.HasPrefix(tag, "NONE") || strings.HasPrefix(tag, "UDP_"))
	})
}

func scoreAccess(head []string) int { return share(head, looksLikeAccess) }

// looksLikeAccess looks for [02/Mar/2026:09:15:04 +0000] ".
func looksLikeAccess(s string) bool {
	_, s, ok := strings.Cut(s, " [")
	_, tail, good := accessTime(s)
	return ok && good && strings.HasPrefix(tail, ` "`)
}

// accessTime reads up to the closing bracket.
func accessTime(s string) (t time.Time, rest string, ok bool) {
	var d civil
	if len(s) < 27 || s[2] != '/' || s[6] != '/' || s[11] != ':' || s[20] != ' ' || s[26] != ']' {
		return t, s, false
	}
	d.day, d.month, d.year = two(s, 0), monthOf(s[3:6]), two(s, 7)*100+two(s, 9)
	_, ok = d.clock(s[12:20])
	east, _, zoned := offset(s[21:26])
	if !ok || !zoned || !d.valid() {
		return t, s, false
	}
	return time.Unix(d.unix()-int64(east), 0).UTC(), s[27:], true
}

func (p access) line(s string, r *Record) verdict {
	client, s := word(s)
	_, s = word(s)                      // ident, never used
	user, s, ok := strings.Cut(s, " [") // a user may have spaces
	if !ok {
		return badFormat
	}
	if !r.client(client) {
		return badClient
	}
	if r.Time, s, ok = accessTime(s); !ok {
		return badTime
	}
	r.User = strings.Trim(unslash(unpercent(dash(strings.TrimLeft(user, " ")))), `"`)
	if !strings.HasPrefix(s, ` "`) {
		return badFormat
	}
	request, s, ok := cutEscaped(s[2:])
	if !ok {
		return badQuoting
	}
	status, s := word(s)
	size, s := word(s)
	if s = strings.TrimLeft(s, " "); strings.HasPrefix(s, `"`) {
		if _, s, ok = cutEscaped(s[1:]); !ok {
			return badQuoting
		}
		if s = strings.TrimLeft(s, " "); strings.HasPrefix(s, `"`) {
			if r.UserAgent, s, ok = cutEscaped(s[1:]); !ok {
				return badQuoting
			}
			r.UserAgent = dash(r.UserAgent)
		}
	}
	tag, _ := word(s)
	if v := r.result(tag, status, size); v != yes {
		return v
	}
	return p.request(request, r)
}

// request reads "METHOD URL HTTP/1.1".
func (p access) request(s string, r *Record) verdict {
	method, url, ok := strings.Cut(s, " ")
	if !ok {
		return nothing // "-": the client said nothing
	}
	if i := strings.LastIndexByte(url, ' '); i >= 0 && strings.HasPrefix(url[i+1:], "HTTP/") {
		url = url[:i]
	}
	if strings.HasPrefix(url, "/") || url == "*" {
		p.env.note("requests without a host are left out: this looks like the log of a web server, not of a proxy")
		return nothing
	}
	_, v := r.request(method, url)
	return v
}
