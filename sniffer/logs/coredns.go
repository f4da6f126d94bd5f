package logs

import (
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// coredns reads the log plugin of CoreDNS in its common format:
//
//	[INFO] 192.0.2.10:51544 - 29000 "A IN chatgpt.com. udp 41 false 4096"
//	  NOERROR qr,rd,ra 68 0.037990251s
//
// It has no time of its own; that of the container runtime or of syslog is
// taken where there is one.
type coredns struct{ env *env }

func newCoredns(e *env) parser { return coredns{e} }

func scoreCoredns(head []string) int {
	return share(head, func(s string) bool {
		peer, rest := word(strings.TrimPrefix(s, "[INFO] "))
		return corednsPeer(peer) != "" && strings.HasPrefix(rest, "- ") && strings.IndexByte(rest, '"') > 0 ||
			corednsOther(s)
	})
}

// corednsOther recognises the lines of other plugins.
func corednsOther(s string) bool {
	return strings.HasPrefix(s, "[INFO] plugin/") || strings.HasPrefix(s, "[ERROR] plugin/") || strings.HasPrefix(s, "[WARNING] plugin/")
}

// corednsPeer returns the address of address:port.
func corednsPeer(s string) string {
	i := strings.LastIndexByte(s, ':')
	if i <= 0 {
		return ""
	}
	if _, ok := number(s[i+1:]); !ok {
		return ""
	}
	return s[:i]
}

func (p coredns) line(s string, r *Record) verdict {
	s, logged := strings.CutPrefix(s, "[INFO] ")
	peer, rest := word(s)
	ip := corednsPeer(peer)
	if ip == "" || !strings.HasPrefix(rest, "- ") {
		if logged || strings.HasPrefix(s, "[") || strings.HasPrefix(s, ".") { // other plugins, the banner
			return nothing
		}
		return badFormat
	}
	var ok bool
	if r.Client, ok = address(ip); !ok {
		return badClient
	}
	_, question, ok := strings.Cut(rest, ` "`)
	if !ok {
		return badQuoting
	}
	_, question = word(question) // type
	_, question = word(question) // class
	name, _ := word(question)
	if name == "" {
		return badColumns
	}
	if r.Time = p.env.stampTime(); r.Time.IsZero() {
		p.env.note(noteNoTime)
	}
	r.Kind, r.Host = KindDNS, traffic.CanonicalHost(name)
	if r.Host == "" { // the root
		return nothing
	}
	return yes
}

const noteNoTime = "lines carry no time: keep the log with the time stamps of syslog or of the container runtime to have one"
