package stream

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/notice"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// Source says who sends: it is in every record.
type Source struct {
	Vendor  string
	Product string
	Version string
	Host    string // name of the machine
	PID     int
}

// Record is what an encoder encodes: one event, or one notice, and who tells of
// it. See Noticed.
type Record struct {
	*inventory.Event // of a notice: its id and time, and nothing else
	Notice           *notice.Notice
	From             *Source
}

// Noticed returns the record of a notice.
func Noticed(n *notice.Notice, from *Source) Record {
	return Record{&inventory.Event{ID: n.ID, Time: n.Time}, n, from}
}

// level grades a record: what it says of the danger, not of the gateway.
type level int

const (
	levelInfo level = iota
	levelLow
	levelMedium
	levelHigh
)

func (r *Record) level() level {
	if r.Notice != nil {
		return noticeLevels[r.Notice.Severity]
	}
	switch r.Action {
	case traffic.ActionBlock:
		return levelHigh
	case traffic.ActionRedact, traffic.ActionPseudonymise, traffic.ActionAlert:
		return levelMedium
	case traffic.ActionCoach:
		return levelLow
	}
	if len(r.Findings) > 0 || r.Blind != "" {
		return levelLow
	}
	return levelInfo
}

// alert reports whether somebody should look at the record.
func (r *Record) alert() bool {
	return r.Notice != nil && r.Notice.Alert || r.Action.Rank() >= traffic.ActionAlert.Rank()
}

// verdict says in a word what became of the use; passive sensors only watch. Of
// a notice it is what happened.
func (r *Record) verdict() string {
	if r.Notice != nil {
		return r.Notice.Event
	}
	return cmp.Or(string(r.Action), "observe")
}

// class names a record by its kind and what makes it one of a class: finding.redact,
// alert.key_in_prompt, audit.decision.
func (r *Record) class() string {
	if r.kind() == KindAudit {
		return "audit." + string(r.Notice.Topic)
	}
	return string(r.kind()) + "." + r.verdict()
}

// title says what happened in a few words that name nobody.
func (r *Record) title() string {
	if r.Notice != nil {
		return r.Notice.Title
	}
	if r.Blind != "" {
		return "Traffic that hides its destination"
	}
	what := "AI service used"
	if len(r.Findings) > 0 {
		what = "Sensitive data in an AI request"
	}
	switch r.Action {
	case traffic.ActionBlock:
		return what + ", blocked"
	case traffic.ActionRedact:
		return what + ", redacted"
	case traffic.ActionPseudonymise:
		return what + ", pseudonymised"
	case traffic.ActionAlert, traffic.ActionCoach: // nobody is told by coach: it is on record only
		return what + ", alert"
	case traffic.ActionAllow:
		return what + ", allowed"
	}
	return what
}

// message is the title with what it is about.
func (r *Record) message() string {
	if r.Notice != nil {
		return r.Notice.Text
	}
	var b strings.Builder
	b.WriteString(r.title())
	if r.Blind != "" {
		fmt.Fprintf(&b, ": %s %s", r.Blind, r.Host)
		return b.String()
	}
	b.WriteString(": " + r.Service)
	for i, c := range r.classes() {
		b.WriteString([]string{"; ", ", "}[min(i, 1)])
		fmt.Fprintf(&b, "%d %s", r.Classes[traffic.Class(c)], c)
	}
	return b.String()
}

// classes lists the classes of the findings, detectors what found them.
func (r *Record) classes() []string   { return keys(r.Classes) }
func (r *Record) detectors() []string { return keys(r.Findings) }

func (r *Record) findings() (n int) {
	for _, k := range r.Findings {
		n += k
	}
	return n
}

// web reports whether a request was seen, and not only that there was a
// connection.
func (r *Record) web() bool {
	return r.Blind == "" && (r.Method != "" || r.Path != "" || r.Code != 0)
}

// url is the address of a request as RFC 3986 writes it, without a query: an
// Event has none. The path is a template, so its braces are escaped. It is ""
// for what is no request, and when the host is nothing that can be in a URL.
func (r *Record) url() string {
	host := r.authority()
	if !r.web() || host == "" {
		return ""
	}
	b := append([]byte("https://"), host...)
	if r.Path != "" && r.Path[0] != '/' {
		b = append(b, '/')
	}
	return string(escape(b, r.Path))
}

// authority is the host as it stands in an address.
func (r *Record) authority() string {
	if ip := r.hostIP(); ip.Is6() {
		return "[" + ip.String() + "]"
	}
	for _, c := range []byte(r.Host) {
		if c != '-' && c != '.' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return ""
		}
	}
	return r.Host
}

// hostIP is the address that stands for a host without a name.
func (r *Record) hostIP() netip.Addr {
	ip, _ := netip.ParseAddr(r.Host)
	return ip.WithZone("")
}

// escape appends s with what has no place in an address in hexadecimal.
func escape(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"#<>?[\\]^`{|}", c) >= 0 {
			b = append(b, '%', hex[c>>4], hex[c&15])
			continue
		}
		b = append(b, c)
	}
	return b
}

func keys[K ~string, V any](m map[K]V) []string {
	out := make([]string, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, string(k))
	}
	return out
}
