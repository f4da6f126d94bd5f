package logs

import (
	"net/netip"
	"strings"
	"time"
)

// Record is what one line of a log says. Fields that the line does not tell
// are zero. Its strings lie in what was read of the log, which the next line may
// overwrite: clone what is to last longer.
type Record struct {
	Time      time.Time      // UTC; zero when the line carries none
	Client    netip.Addr     // IPv4 unmapped, without zone
	User      string         // as logged, escapes removed: EXAMPLE\carol
	Device    string         // the client's host name, where the log has one
	Host      string         // canonical (traffic.CanonicalHost)
	Server    netip.AddrPort // where the client connected to; with Proxied, where the proxy did
	URL       string         // as logged: may lack a scheme, or be host:port of a CONNECT
	Method    string
	Status    int // of HTTP
	Up, Down  int64
	UserAgent string
	Kind      Kind
	Blocked   bool    // the system that wrote the log refused it
	Proxied   bool    // the client connected to a proxy, not to Server
	Answers   Answers // what a lookup of Host got; only with Options.Answers
}

// texts returns where the strings of r are.
func (r *Record) texts() [6]*string {
	return [...]*string{&r.User, &r.Device, &r.Host, &r.URL, &r.Method, &r.UserAgent}
}

// Kind is what a line tells of.
type Kind uint8

// The zero Kind is unknown.
const (
	KindUnknown Kind = iota
	KindDNS          // a name was asked for
	KindHTTP         // a request, or a tunnel through a proxy
	KindTLS          // a ClientHello over TCP
	KindQUIC         // a ClientHello over QUIC
	KindFlow         // a connection, by address
	KindAnswer       // no event: Answers of a lookup that has been told before; only with Options.Answers
)

// String returns the name of k as it is shown to users.
func (k Kind) String() string {
	switch k {
	case KindDNS:
		return "dns"
	case KindHTTP:
		return "http"
	case KindTLS:
		return "tls"
	case KindQUIC:
		return "quic"
	case KindFlow:
		return "flow"
	case KindAnswer:
		return "answer"
	}
	return "unknown"
}

// Path returns the path of r.URL without query and fragment, "" when it has
// none, as that of a CONNECT.
func (r *Record) Path() string {
	if strings.IndexByte(r.URL, '/') < 0 {
		return ""
	}
	u := cutScheme(r.URL)
	i := strings.IndexByte(u, '/')
	if i < 0 || strings.IndexByte(u[:i], '?') >= 0 || strings.IndexByte(u[:i], '#') >= 0 {
		return ""
	}
	u = u[i:]
	for _, end := range [...]byte{'?', '#'} { // a byte at a time: strings.IndexAny costs more than all of this
		if i := strings.IndexByte(u, end); i >= 0 {
			u = u[:i]
		}
	}
	return u
}
