package logs

import "strings"

// FortiGate writes key=value. Read are the lines of the web filter, of DNS, of
// SSL inspection and application control, and forward traffic.
type fortigate struct {
	e *env
	w row
}

func fortigateLines(e *env) parser { return &fortigate{e: e} }

func (p *fortigate) line(s string, r *Record) verdict {
	p.w = row{}
	s, _ = cutPRI(s)
	var subtype, service, eventtime, upSince, downSince string
	quoted := strings.HasPrefix(s, `"`) // "date=2026-03-02","time=09:15:04": FortiAnalyzer's CSV
	for {
		key, value, rest, ok := cutPairOf(s, quoted)
		if !ok {
			return badQuoting
		}
		if key == "" {
			break
		}
		s = rest
		switch key {
		case "sentdelta":
			upSince = value
		case "rcvddelta":
			downSince = value
		case "subtype":
			subtype = value
		case "service":
			service = value
		case "eventtime":
			eventtime = value
		default:
			if at := fortigateSlot(key); at != slotNone {
				p.w.put(at, value)
			}
		}
	}
	switch subtype {
	case "webfilter":
		r.Kind = KindHTTP
	case "dns":
		r.Kind = KindDNS
		p.w[slotServer] = "" // the resolver
	case "ssl", "app-ctrl":
		r.Kind = KindTLS
	case "forward":
		r.Kind = KindFlow
	case "":
		return badFormat
	default:
		return nothing
	}
	// Seconds at first, nanoseconds since 6.2.
	if t, ok := epochDigits(eventtime); ok {
		r.Time = t
	} else if p.w[slotDate] == "" {
		return badTime
	}
	// A long session is logged again and again with its bytes so far, and beside
	// them those since the line before.
	if upSince != "" && downSince != "" {
		p.w[slotUp], p.w[slotDown] = upSince, downSince
	}
	if service == "HTTP" {
		p.w[slotScheme] = "http"
	}
	return p.w.said(p.e, r)
}

// cutPairOf is cutPair, also for pairs that are quoted as a whole.
func cutPairOf(s string, quoted bool) (key, value, rest string, ok bool) {
	if !quoted {
		return cutPair(s)
	}
	s = strings.TrimLeft(s, " ,")
	if s == "" {
		return "", "", "", true
	}
	if s[0] != '"' {
		return "", "", "", false
	}
	pair, rest, ok := cutEscaped(s[1:])
	key, value, _ = strings.Cut(pair, "=")
	return key, strings.Trim(value, `"`), rest, ok && key != ""
}

func fortigateSlot(key string) slot {
	switch key {
	case "date":
		return slotDate
	case "time":
		return slotClock
	case "tz":
		return slotZone
	case "srcip":
		return slotClient
	case "user", "unauthuser":
		return slotUser
	case "srcname":
		return slotDevice
	case "hostname", "qname":
		return slotHost
	case "dstip":
		return slotServer
	case "dstport":
		return slotPort
	case "url":
		return slotURL
	case "httpmethod":
		return slotMethod
	case "agent":
		return slotAgent
	case "sentbyte":
		return slotUp
	case "rcvdbyte":
		return slotDown
	case "action":
		return slotAction
	}
	return slotNone
}

func scoreFortigate(head []string) int {
	return share(head, func(s string) bool {
		return strings.Contains(s, "logid=") && strings.Contains(s, "subtype=") &&
			(strings.Contains(s, "devid=") || strings.Contains(s, "devname=") || strings.Contains(s, "date="))
	})
}
