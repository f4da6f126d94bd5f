package logs

import (
	"net/netip"
	"strings"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// slot is what a column of some log can mean. The formats that name their
// columns, or let their users do so, map columns to slots; row makes a record
// of them, the same way for all.
type slot uint8

const (
	slotNone slot = iota
	slotTime
	slotDate   // with slotClock, when time stands in two columns
	slotClock  //
	slotZone   // offset of the two
	slotClient // the address nearest to the user
	slotClient2
	slotClientPort
	slotUser
	slotDevice
	slotHost
	slotServer
	slotPort
	slotURL
	slotScheme // with slotPath and slotQuery, when the URL stands in parts
	slotPath
	slotQuery
	slotMethod
	slotStatus
	slotUp
	slotDown
	slotAgent
	slotAction // what the system did: allowed, blocked
	slots
)

// row holds the columns of one line, as logged.
type row [slots]string

// put keeps v; of several columns for one slot the first that says anything
// counts.
func (w *row) put(at slot, v string) {
	if w[at] == "" && !void(v) {
		w[at] = v
	}
}

// void tells the ways of logs to say that there is nothing to say.
func void(v string) bool {
	switch v {
	case "", "-", "N/A", "NA", "None", "none", "null", "NULL", "(null)", "(empty)":
		return true
	}
	return false
}

// record makes a record of w. What kind it is must be in r already, or it is
// told from what there is.
func (w *row) record(e *env, r *Record) verdict {
	if v := w.when(e, r); v != yes {
		return v
	}
	if v := w.who(r); v != yes {
		return v
	}
	if v := w.where(r); v != yes {
		return v
	}
	var ok1, ok2, ok3 bool
	r.Up, ok1 = count(w[slotUp])
	r.Down, ok2 = count(w[slotDown])
	status, ok3 := count(w[slotStatus])
	if !ok1 || !ok2 || !ok3 || status > 999 {
		return badNumber
	}
	r.Status = int(status)
	r.UserAgent = w[slotAgent]
	r.Blocked = refused(w[slotAction])
	if r.Kind == KindUnknown {
		r.Kind = w.kind(r)
	}
	return yes
}

// when fills r.Time unless a parser has done so.
func (w *row) when(e *env, r *Record) verdict {
	var ok bool
	switch {
	case !r.Time.IsZero():
		return yes
	case w[slotTime] != "":
		r.Time, ok = e.when(w[slotTime])
	case w[slotDate] != "":
		var d civil
		rest, dated := d.date(w[slotDate])
		tail, clocked := d.clock(w[slotClock])
		if !dated || !clocked || rest != "" || tail != "" || !d.valid() {
			return badTime
		}
		if east, zoned := zone(w[slotZone]); zoned {
			r.Time, ok = unixTime(d.unix()-int64(east), d.nsec), true
		} else {
			r.Time, ok = e.local(d)
		}
	default:
		return yes // the syslog prefix may know
	}
	if !ok {
		return badTime
	}
	return yes
}

// who fills the client: a line that names neither address, user nor device is
// of no use.
func (w *row) who(r *Record) verdict {
	r.User, r.Device = w[slotUser], w[slotDevice]
	for _, s := range [...]string{w[slotClient], w[slotClient2]} {
		if s == "" {
			continue
		}
		a, ok := address(s)
		if !ok {
			if i := strings.LastIndexByte(s, ':'); i > 0 { // address:port
				a, ok = address(s[:i])
			}
		}
		if !ok {
			return badClient
		}
		r.Client = a
		return yes
	}
	if r.User == "" && r.Device == "" {
		return badClient
	}
	return yes
}

// where fills what the client reached: host, address, URL.
func (w *row) where(r *Record) verdict {
	if w[slotServer] != "" {
		r.Server = addressPort(w[slotServer], w[slotPort])
		if !r.Server.IsValid() { // both may be in one column
			at, _ := netip.ParseAddrPort(w[slotServer])
			r.Server = netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
		}
	}
	r.Method = method(w[slotMethod])
	r.URL = w.url(r.Method)
	switch {
	case w[slotHost] != "":
		r.Host = traffic.CanonicalHost(w[slotHost])
	case r.URL != "" && r.URL[0] != '/':
		r.Host = traffic.CanonicalHost(hostOfURL(r.URL))
	}
	if r.Host == "" && !r.Server.IsValid() || strings.ContainsAny(r.Host, notInHosts) {
		return badHost
	}
	return yes
}

// notInHosts are bytes that show that a column was cut in the wrong place.
const notInHosts = " \t\"',;<>()/\\|="

// url returns the URL as logged, or put together from its parts.
func (w *row) url(method string) string {
	host, path := w[slotHost], w[slotPath]
	if u := w[slotURL]; u != "" {
		if u[0] != '/' || host == "" {
			return u
		}
		path = u // FortiGate and IIS log the path alone
	}
	switch {
	case host == "":
		return path
	case method == "CONNECT":
		if w[slotPort] == "" {
			return host
		}
		return host + ":" + w[slotPort]
	case path == "" && w[slotScheme] == "":
		return ""
	}
	scheme, port, mark := strings.ToLower(w[slotScheme]), w[slotPort], ""
	if scheme == "" {
		scheme = "https"
	}
	if scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		port = ""
	}
	if port != "" {
		port = ":" + port
	}
	if q := w[slotQuery]; q != "" && q[0] != '?' {
		mark = "?"
	}
	return scheme + "://" + host + port + path + mark + w[slotQuery]
}

func (w *row) kind(r *Record) Kind {
	switch {
	case r.URL != "" || r.Method != "" || r.Status != 0:
		return KindHTTP
	case r.Host == "":
		return KindFlow
	case r.Server.IsValid() || r.Up+r.Down > 0:
		return KindTLS
	}
	return KindDNS
}

// methods are those of HTTP; a log that writes them in small letters costs no
// allocation.
var methods = [...]string{"GET", "POST", "CONNECT", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH"}

func method(s string) string {
	for _, m := range methods {
		if len(m) == len(s) && strings.EqualFold(m, s) {
			return m
		}
	}
	return strings.ToUpper(s)
}

// refusals begin the words that systems have for "not let through".
var refusals = [...]string{"block", "deny", "denied", "drop", "reject", "reset", "refuse", "sinkhole", "quarantine", "forbid"}

// refused tells whether an action word says that the request was stopped:
// Blocked, block-url, blockedByCategory, TCP_DENIED, reset-both, REJECT.
func refused(action string) bool {
	for start := true; action != ""; action = action[1:] {
		c := action[0] | 0x20
		if start {
			for _, p := range refusals {
				if len(action) >= len(p) && c == p[0] && strings.EqualFold(action[:len(p)], p) {
					return true
				}
			}
		}
		start = c < 'a' || c > 'z'
	}
	return false
}
