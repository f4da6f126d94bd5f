package logs

import (
	"sort"
	"strings"
)

// The generic formats read what is not known by name: CSV with a header, lines
// of key=value, JSON objects. Options.Mapping says which column is what; without
// it, the columns are told by the names that people give them.

// naming tells which slot a column fills.
type naming struct {
	slots map[string]slot // by column, from the mapping; nil for the usual names
}

func newNaming(e *env) naming {
	if len(e.Mapping) == 0 {
		return naming{}
	}
	n := naming{slots: map[string]slot{}}
	for field, column := range e.Mapping {
		if at := usualSlot(field); at != slotNone && column != "" {
			n.slots[column] = at
		}
	}
	return n
}

func (n naming) slot(column string) slot {
	if n.slots != nil {
		return n.slots[column]
	}
	return usualSlot(column)
}

// usualSlot knows the names of Options.Mapping and those that columns usually
// have, in whatever case and with whatever between the words.
func usualSlot(column string) slot {
	var buf [24]byte
	name := buf[:0]
	for i := 0; i < len(column); i++ {
		switch c := column[i]; {
		case 'A' <= c && c <= 'Z':
			c |= 0x20
			fallthrough
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			if len(name) == len(buf) {
				return slotNone
			}
			name = append(name, c)
		}
	}
	switch string(name) {
	case "time", "timestamp", "datetime", "ts", "when", "eventtime", "starttime", "start", "timelocal", "timeiso8601":
		return slotTime
	case "date":
		return slotDate
	case "clock", "timeofday":
		return slotClock
	case "client", "clientip", "clientaddr", "clientaddress", "src", "srcip", "srcaddr", "source", "sourceip", "sourceaddress", "cip", "remoteaddr", "remoteip", "originip":
		return slotClient
	case "user", "username", "usr", "login", "account", "email", "csusername", "suser":
		return slotUser
	case "device", "devicename", "computer", "workstation", "machine", "clienthost", "clienthostname", "srchost":
		return slotDevice
	case "host", "hostname", "domain", "domainname", "fqdn", "query", "queryname", "qname", "sni", "servername", "destinationhost", "dsthost", "desthost", "site", "targethost":
		return slotHost
	case "server", "serverip", "dst", "dstip", "dstaddr", "destination", "destinationip", "destip", "destinationaddress", "targetip":
		return slotServer
	case "port", "serverport", "dstport", "destinationport", "destport":
		return slotPort
	case "url", "uri", "requesturl", "requesturi", "request", "targeturl", "fullurl":
		return slotURL
	case "scheme", "protocol":
		return slotScheme
	case "path", "uripath", "urlpath":
		return slotPath
	case "method", "requestmethod", "httpmethod", "verb":
		return slotMethod
	case "status", "statuscode", "httpstatus", "httpstatuscode", "responsecode":
		return slotStatus
	case "up", "bytesup", "bytesout", "bytessent", "sent", "sentbytes", "uploadedbytes", "upload", "requestsize", "csbytes", "txbytes":
		return slotUp
	case "down", "bytesdown", "bytesin", "bytesreceived", "received", "receivedbytes", "downloadedbytes", "download", "responsesize", "scbytes", "rxbytes":
		return slotDown
	case "agent", "ua", "useragent", "httpuseragent":
		return slotAgent
	case "blocked", "action", "verdict", "decision", "disposition", "result":
		return slotAction
	}
	return slotNone
}

// finish makes a record of what generic columns say.
func (w *row) finish(e *env, r *Record) verdict {
	switch w[slotAction] {
	case "true", "1", "yes", "TRUE", "True":
		w[slotAction] = "blocked" // the column was "blocked"
	}
	switch strings.ToLower(w[slotScheme]) {
	case "", "http", "https":
	default:
		w[slotScheme] = "" // "protocol" is TCP, UDP or HTTP/1.1 elsewhere
	}
	if w[slotDate] != "" && w[slotClock] == "" {
		w[slotClock], w[slotTime] = w[slotTime], "" // date and time
	}
	if w[slotClock] == "" && w[slotTime] == "" {
		w[slotTime], w[slotDate] = w[slotDate], "" // all in one, named date
	}
	if u := w[slotURL]; u != "" && (strings.HasPrefix(u, "GET ") || strings.HasPrefix(u, "POST ")) {
		m, rest, _ := strings.Cut(u, " ") // a request line
		w[slotURL], _, _ = strings.Cut(rest, " ")
		w.put(slotMethod, m)
	}
	return w.record(e, r)
}

// tells says whether columns name enough to tell who went where.
func tells(have []slot) bool {
	var who, where bool
	for _, at := range have {
		switch at {
		case slotClient, slotUser, slotDevice:
			who = true
		case slotHost, slotURL, slotServer:
			where = true
		}
	}
	return who && where
}

// delimited reads CSV, also with semicolons, tabs or bars. The first line names
// the columns.
type delimited struct {
	e     *env
	names naming
	sep   byte
	head  string // the header, which comes again where files are put together
	order []slot
	cols  []string
	w     row
}

func genericCSV(e *env) parser { return &delimited{e: e, names: newNaming(e)} }

func (p *delimited) line(s string, r *Record) verdict {
	if p.order == nil {
		return p.header(s)
	}
	if s[0] == '#' || s == p.head {
		return nothing
	}
	var ok bool
	if p.cols, ok = columns(p.cols[:0], s, p.sep); !ok {
		return badQuoting
	}
	if len(p.cols) < len(p.order) {
		return badColumns
	}
	p.w = row{}
	for i, at := range p.order {
		if at != slotNone {
			p.w.put(at, strings.Trim(p.cols[i], " "))
		}
	}
	return p.w.finish(p.e, r)
}

// header learns the columns. Trailing columns that mean nothing may be missing
// from a line.
func (p *delimited) header(s string) verdict {
	order, sep := p.names.header(s)
	if !tells(order) {
		return badColumns
	}
	p.order, p.sep, p.head = order, sep, strings.Clone(s)
	for n := len(p.order); n > 0 && p.order[n-1] == slotNone; n-- {
		p.order = p.order[:n-1]
	}
	return nothing
}

// header cuts a header at whatever separates it best.
func (n naming) header(s string) (order []slot, sep byte) {
	s = strings.TrimLeft(s, "# ")
	sep = ','
	for _, c := range []byte(";\t|") {
		if strings.Count(s, string(rune(c))) > strings.Count(s, string(rune(sep))) {
			sep = c
		}
	}
	cols, _ := columns(nil, s, sep)
	for _, c := range cols {
		order = append(order, n.slot(strings.Trim(c, " ")))
	}
	return order, sep
}

func scoreGenericCSV(head []string) int {
	for _, s := range head {
		if s == "" {
			continue
		}
		order, _ := naming{}.header(s)
		if len(order) > 2 && tells(order) {
			return 60
		}
		return 0
	}
	return 0
}

// genericPairs reads key=value.
type genericPairs struct {
	e     *env
	names naming
	w     row
}

func genericKeys(e *env) parser { return &genericPairs{e: e, names: newNaming(e)} }

func (p *genericPairs) line(s string, r *Record) verdict {
	p.w = row{}
	s, _ = cutPRI(s)
	for n := 0; n < maxFields; n++ {
		key, value, rest, ok := cutPair(s)
		if !ok {
			return badQuoting
		}
		if key == "" {
			break
		}
		s = rest
		if at := p.names.slot(key); at != slotNone {
			p.w.put(at, value)
		}
	}
	return p.w.finish(p.e, r)
}

func scoreGenericKeys(head []string) int {
	return share(head, func(s string) bool {
		var have []slot
		for len(have) < maxFields {
			key, _, rest, ok := cutPair(s)
			if !ok || key == "" {
				break
			}
			have, s = append(have, usualSlot(key)), rest
		}
		return tells(have)
	}) * 6 / 10
}

// genericObjects reads JSON with one object a line. A mapped column a.b is the
// member b of the object a.
type genericObjects struct {
	e     *env
	names naming
	inner []string // the a of a.b, sorted
	w     row
}

func genericJSON(e *env) parser {
	p := &genericObjects{e: e, names: newNaming(e)}
	for column := range p.names.slots {
		if i := strings.LastIndexByte(column, '.'); i > 0 {
			p.inner = append(p.inner, column[:i])
		}
	}
	sort.Strings(p.inner)
	return p
}

func (p *genericObjects) line(s string, r *Record) verdict {
	p.w = row{}
	if !p.object(s, "", 0) {
		return badJSON
	}
	return p.w.finish(p.e, r)
}

// maxNesting bounds how far down a mapped member may lie.
const maxNesting = 4

func (p *genericObjects) object(s, prefix string, depth int) bool {
	m := object(s)
	for m.next() {
		name := m.key
		if prefix != "" {
			name = prefix + "." + m.key
		}
		if m.value[0] == '{' {
			if depth < maxNesting && p.wanted(name) && !p.object(m.value, name, depth+1) {
				return false
			}
			continue
		}
		if at := p.names.slot(name); at != slotNone {
			p.w.put(at, text(m.value))
		}
	}
	return !m.bad
}

// wanted tells whether a mapped column lies below name.
func (p *genericObjects) wanted(name string) bool {
	for _, in := range p.inner {
		if in == name || strings.HasPrefix(in, name) && in[len(name)] == '.' {
			return true
		}
	}
	return false
}

func scoreGenericJSON(head []string) int {
	return share(head, func(s string) bool {
		var have []slot
		m := object(s)
		for m.next() {
			have = append(have, usualSlot(m.key))
		}
		return !m.bad && tells(have)
	}) * 6 / 10
}
