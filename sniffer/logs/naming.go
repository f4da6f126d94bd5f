package logs

import "strings"

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
	case "up", "bytesup", "bytesout", "bytessent", "sent", "sentbytes", "sentbyte", "uploadedbytes", "upload", "requestsize", "csbytes", "txbytes":
		return slotUp
	case "down", "bytesdown", "bytesin", "bytesreceived", "received", "receivedbytes", "recvbytes", "rcvdbyte", "downloadedbytes", "download", "responsesize", "scbytes", "rxbytes":
		return slotDown
	case "agent", "ua", "useragent", "httpuseragent":
		return slotAgent
	case "blocked", "action", "verdict", "decision", "disposition", "result":
		return slotAction
	}
	return slotNone
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

// format returns the format to take: the one that was named, or the generic one
// that a mapping must be meant for.
func (o Options) format(head []string) string {
	if o.Format != "" || len(o.Mapping) == 0 {
		return o.Format
	}
	for _, s := range head {
		s = space(s)
		if s == "" {
			continue
		}
		if bare, _, ok := peel(s); ok {
			s = bare
		}
		if strings.HasPrefix(s, "{") {
			return "json"
		}
		if key, _, rest, ok := cutPair(s); ok && key != "" && strings.Contains(rest, "=") {
			return "pairs"
		}
		return "csv"
	}
	return ""
}
