package leases

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// radius reads the accounting details of FreeRADIUS: a date, then an attribute
// a line ("\tUser-Name = \"alice\""), then an empty line.
type radius struct {
	*builder
	in     bool // a record
	header string
	user   string
	status string
	nets   []netip.Prefix
	event  string // Event-Timestamp, of the access server
	stamp  int64  // Timestamp, of the RADIUS server; 0: none
	delay  int64  // between the two
	lasted int64  // the session so far
	bad    Reason
}

// maxNets bounds the addresses of one record.
const maxNets = 16

func isRadius(line string) bool {
	name, _, ok := strings.Cut(line, " = ")
	return ok && (line[0] == '\t' || line[0] == ' ') && strings.Contains(name, "-") && !strings.ContainsAny(strings.TrimSpace(name), " {;")
}

func (r *radius) line(s string) Reason {
	if s == "" {
		return r.end()
	}
	if s[0] != '\t' && s[0] != ' ' {
		why := r.end()
		*r = radius{builder: r.builder, in: true, header: s, nets: r.nets[:0]}
		return why
	}
	name, value, ok := strings.Cut(strings.TrimSpace(s), " = ")
	if !ok || !r.in {
		return ReasonSyntax
	}
	r.attribute(name, unquote(strings.TrimSpace(value)))
	return good
}

func (r *radius) attribute(name, value string) {
	switch name {
	case "User-Name":
		r.user = value
	case "Acct-Status-Type":
		r.status = value
	case "Framed-IP-Address", "Framed-IPv6-Address", "Framed-IPv6-Prefix", "Delegated-IPv6-Prefix":
		net, ok := network(value)
		if !ok {
			r.bad = ReasonAddress
		} else if len(r.nets) < maxNets {
			r.nets = append(r.nets, net)
		}
	case "Event-Timestamp":
		r.event = value
	case "Timestamp":
		r.stamp = number(value)
	case "Acct-Delay-Time":
		r.delay = number(value)
	case "Acct-Session-Time":
		r.lasted = number(value)
	}
}

func number(s string) int64 {
	n, _ := strconv.ParseUint(s, 10, 40) // 0 for what is none
	return int64(n)
}

// end keeps the record that ends here. One without an address or a user says
// nothing; of a session whose start was not seen its length tells it.
func (r *radius) end() Reason {
	if !r.in {
		return good
	}
	r.in = false
	if r.bad != good {
		return r.bad
	}
	if len(r.nets) == 0 || r.user == "" {
		return good
	}
	at, ok := r.at()
	if !ok {
		return ReasonTime
	}
	why := good
	for _, net := range r.nets {
		switch r.status {
		case "Start", "1", "Interim-Update", "Alive", "3":
			why = r.add(entry{net: net, from: at - r.lasted, until: at + holds, user: r.user})
		case "Stop", "2":
			r.add(entry{net: net, from: at - r.lasted, until: at, user: r.user})
			why = r.release(net, at)
		}
	}
	return why
}

// at returns when the record's event was: as the access server says where that
// is clear (abbreviations of zones are not), else when the record came less the
// time that it was under way.
func (r *radius) at() (int64, bool) {
	if n := number(r.event); n > 0 {
		return n, true
	}
	if t, err := time.Parse("Jan _2 2006 15:04:05 MST", r.event); err == nil && t.Location() == time.UTC {
		return t.Unix(), true
	}
	if r.stamp > 0 {
		return r.stamp - r.delay, true
	}
	for _, f := range []struct{ layout, text string }{{"Jan _2 2006 15:04:05", trimZone(r.event)}, {time.ANSIC, r.header}} {
		if t, err := time.ParseInLocation(f.layout, f.text, r.local); err == nil {
			r.localTimes()
			return t.Unix(), true
		}
	}
	return 0, false
}

func trimZone(s string) string {
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		return s[:i]
	}
	return s
}
