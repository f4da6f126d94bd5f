package logs

import (
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// windowsDNS reads the debug log of the Windows DNS server:
//
//	3/2/2026 9:15:04 AM 0E64 PACKET  00000000040DBE50 UDP Rcv 192.0.2.10
//	  b4c2   Q [0001   D   NOERROR] A      (7)chatgpt(3)com(0)
//
// A query is what is received (Rcv) without R. Answers (Snd, R) only count
// where queries aren't logged. The date is written as the server's locale has it.
type windowsDNS struct {
	env     *env
	dates   windowsDate
	queries bool // are logged
	name    []byte
}

func newWindowsDNS(e *env) parser { return &windowsDNS{env: e} }

func scoreWindowsDNS(head []string) int {
	for _, s := range head {
		if strings.HasPrefix(s, windowsHeader) {
			return 100
		}
	}
	return share(head, func(s string) bool {
		i := strings.Index(s, " PACKET ")
		return i > 0 && i < 60 && (strings.Contains(s[i:], " Rcv ") || strings.Contains(s[i:], " Snd ")) && strings.HasSuffix(s, "(0)")
	})
}

// windowsHeader begins the log, and is followed by the time.
const windowsHeader = "DNS Server log file creation at"

// peek implements peeker: the header or a later line may tell how the dates
// before it are to be read.
func (p *windowsDNS) peek(s string) {
	if at, ok := strings.CutPrefix(s, windowsHeader); ok {
		p.dates.learn(p.env, strings.TrimLeft(at, " "))
	} else if stamp, _, ok := strings.Cut(s, " PACKET "); ok && len(stamp) <= 60 {
		p.dates.learn(p.env, stamp)
	}
}

func (p *windowsDNS) line(s string, r *Record) verdict {
	stamp, rest, ok := strings.Cut(s, " PACKET ")
	if !ok || len(stamp) > 60 {
		p.peek(s)
		return nothing // the header, details of a packet, events
	}
	w, s := word(rest)
	if w != "UDP" && w != "TCP" { // where in memory the packet lies
		w, s = word(s)
	}
	dir, s := word(s)
	client, s := word(s)
	_, s = word(s) // its id
	kind, s := word(s)
	reply := kind == "R"
	if reply {
		kind, s = word(s)
	}
	switch {
	case w != "UDP" && w != "TCP" || dir != "Rcv" && dir != "Snd" || kind == "":
		return badColumns
	case kind != "Q", dir == "Snd" && !reply, dir == "Rcv" && reply: // updates, and what the server asks others
		return nothing
	case reply && p.queries:
		return nothing
	}
	p.queries = p.queries || !reply
	if r.Client, ok = address(client); !ok {
		return badClient
	}
	stamp = strings.TrimRight(stamp, " ")
	if i := strings.LastIndexByte(stamp, ' '); i > 0 { // the thread
		stamp = stamp[:i]
	}
	if r.Time, ok = p.dates.read(p.env, stamp); !ok {
		return badTime
	}
	_, s, _ = strings.Cut(s, "]") // the flags
	_, s = word(s)                // the type
	if !p.labels(strings.TrimLeft(s, " ")) {
		return badHost
	}
	if len(p.name) == 0 { // the root
		return nothing
	}
	r.Kind, r.Host = KindDNS, traffic.CanonicalHost(string(p.name))
	return yes
}

// labels reads (7)chatgpt(3)com(0) into p.name. The lengths are those on the
// wire; the text of a label with odd bytes is longer.
func (p *windowsDNS) labels(s string) bool {
	p.name = p.name[:0]
	for len(p.name) < 1024 {
		if s == "" || s[0] != '(' {
			return false
		}
		n, rest, ok := strings.Cut(s[1:], ")")
		size, isNumber := number(n)
		if !ok || !isNumber {
			return false
		}
		if size == 0 {
			return true
		}
		end := int(min(size, 1000))
		if end >= len(rest) || rest[end] != '(' {
			if end = strings.IndexByte(rest, '('); end < 0 {
				return false
			}
		}
		if len(p.name) > 0 {
			p.name = append(p.name, '.')
		}
		p.name = append(p.name, rest[:end]...)
		s = rest[end:]
	}
	return false
}
