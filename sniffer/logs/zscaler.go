package logs

import "strings"

// Zscaler's NSS writes what its administrator wants. Read are the vendor's own
// proposals: CEF (cef.go), LEEF (leef.go), quoted CSV of 34 columns, key=value
// separated by tabs, and JSON.
type zscaler struct {
	e    *env
	w    row
	cols []string
}

func zscalerCSV(e *env) parser   { return &zscalerColumns{zscaler{e: e}} }
func zscalerPairs(e *env) parser { return &zscalerTabs{zscaler{e: e}} }
func zscalerJSON(e *env) parser  { return &zscalerObject{zscaler{e: e}} }

type (
	zscalerColumns struct{ zscaler }
	zscalerTabs    struct{ zscaler }
	zscalerObject  struct{ zscaler }
)

var zscalerOrder = [...]slot{slotTime, slotUser, slotNone, slotURL, slotAction, 7: slotUp, 8: slotDown,
	21: slotClient, 22: slotServer, 23: slotMethod, 24: slotStatus, 25: slotAgent, 32: slotDevice}

func (p *zscalerColumns) line(s string, r *Record) verdict {
	var ok bool
	if p.cols, ok = columns(p.cols[:0], s, ','); !ok {
		return badQuoting
	}
	if len(p.cols) < 26 {
		return badColumns
	}
	p.w = row{}
	for i, c := range p.cols[:min(len(p.cols), len(zscalerOrder))] {
		p.w.put(zscalerOrder[i], c)
	}
	return p.finish(r)
}

// line reads 2026-03-02 09:15:04<tab>reason=Allowed<tab>...
func (p *zscalerTabs) line(s string, r *Record) verdict {
	p.w = row{}
	stamp, rest, _ := strings.Cut(s, "\t")
	if !strings.Contains(stamp, "=") {
		p.w[slotTime] = stamp
		s = rest
	}
	for field := ""; s != ""; {
		field, s, _ = strings.Cut(s, "\t")
		if key, value, found := strings.Cut(field, "="); found {
			p.w.put(zscalerSlot(key), value)
		}
	}
	return p.finish(r)
}

func (p *zscalerObject) line(s string, r *Record) verdict {
	p.w = row{}
	if !p.object(s, true) {
		return badJSON
	}
	return p.finish(r)
}

// object reads the members of s, and of "event", in which Splunk's feed puts them.
func (p *zscalerObject) object(s string, outer bool) bool {
	m := object(s)
	for m.next() {
		if outer && m.key == "event" {
			if !p.object(m.value, false) {
				return false
			}
		} else if at := zscalerSlot(m.key); at != slotNone {
			p.w.put(at, text(m.value))
		}
	}
	return !m.bad
}

func (p *zscaler) finish(r *Record) verdict {
	if p.w[slotTime] == "" {
		return badTime
	}
	r.Kind = KindHTTP
	if _, ok := number(p.w[slotStatus]); !ok {
		p.w[slotStatus] = "" // NA
	}
	return p.w.record(p.e, r)
}

// zscalerSlot knows the field names of the vendor's feeds: the second of each
// pair is the name that JSON has.
func zscalerSlot(key string) slot {
	switch key {
	case "datetime", "time":
		return slotTime
	case "ClientIP", "cip":
		return slotClient
	case "clientpublicIP", "cintip":
		return slotClient2
	case "user", "login":
		return slotUser
	case "devicehostname":
		return slotDevice
	case "hostname", "host", "ehost":
		return slotHost
	case "serverip", "sip":
		return slotServer
	case "url", "eurl":
		return slotURL
	case "requestmethod", "reqmethod":
		return slotMethod
	case "status", "respcode":
		return slotStatus
	case "requestsize", "reqsize":
		return slotUp
	case "responsesize", "respsize":
		return slotDown
	case "useragent", "ua":
		return slotAgent
	case "action":
		return slotAction
	}
	return slotNone
}

func scoreZscalerCSV(head []string) int {
	return share(head, func(s string) bool {
		cols, ok := columns(nil, s, ',')
		if !ok || len(cols) < 26 {
			return false
		}
		_, client := address(cols[21])
		e := env{}
		_, dated := e.when(cols[0])
		return client && dated && strings.HasPrefix(s, `"`) && isWeekday(cols[0][:min(3, len(cols[0]))])
	})
}

func scoreZscalerPairs(head []string) int {
	return share(head, func(s string) bool {
		return strings.Contains(s, "\treason=") && strings.Contains(s, "\tClientIP=") && strings.Contains(s, "\turl=")
	})
}

func scoreZscalerJSON(head []string) int {
	return share(head, func(s string) bool {
		return strings.HasPrefix(s, "{") && (strings.Contains(s, `"zscalernss-web"`) ||
			strings.Contains(s, `"ClientIP"`) && strings.Contains(s, `"urlcategory"`))
	})
}
