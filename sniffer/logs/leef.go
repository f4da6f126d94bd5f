package logs

import (
	"strconv"
	"strings"
)

// LEEF: LEEF:1.0|vendor|product|version|event|attributes (IBM QRadar's Log Event
// Extended Format), separated by tabs; LEEF:2.0 has one more field before the
// attributes, which names another separator.
type leef struct {
	e *env
	w row
}

func leefLines(e *env) parser { return &leef{e: e} }

func (p *leef) line(s string, r *Record) verdict {
	attrs, sep, ok := leefHeader(s)
	if !ok {
		return badFormat
	}
	p.w = row{}
	if strings.IndexByte(attrs, sep) < 0 && strings.Count(attrs, "=") > 1 {
		// Tabs become spaces on many ways.
		for key, value := "", ""; ; {
			if key, value, attrs = cutExtension(attrs); key == "" {
				return p.w.said(p.e, r)
			}
			p.w.put(leefSlot(key), value)
		}
	}
	for attr := ""; attrs != ""; {
		attr, attrs, _ = strings.Cut(attrs, string(rune(sep)))
		if key, value, found := strings.Cut(attr, "="); found {
			p.w.put(leefSlot(strings.TrimLeft(key, " ")), value)
		}
	}
	return p.w.said(p.e, r)
}

// leefHeader returns the attributes and what separates them.
func leefHeader(s string) (attrs string, sep byte, ok bool) {
	i := strings.Index(s[:min(len(s), 512)], "LEEF:")
	if i < 0 {
		return "", 0, false
	}
	s, sep = s[i:], '\t'
	two := strings.HasPrefix(s, "LEEF:2")
	for range 5 { // LEEF:1.0, vendor, product, version, event
		if _, s, ok = cutHeader(s); !ok {
			return "", 0, false
		}
	}
	if !two {
		return s, sep, true
	}
	// The separator may be missing, with its | or without.
	if d, rest, found := strings.Cut(s, "|"); found && strings.IndexByte(d, '=') < 0 && len(d) <= 6 {
		s = rest
		if len(d) == 1 {
			sep = d[0]
		} else if n, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimLeft(d, "0"), "x"), 16, 7); err == nil && n > 0 {
			sep = byte(n)
		}
	}
	return s, sep, true
}

// leefSlot knows the predefined attributes and those of web gateways.
func leefSlot(key string) slot {
	switch key {
	case "devTime":
		return slotTime
	case "src", "identSrc":
		return slotClient
	case "srcPostNAT":
		return slotClient2
	case "usrName", "accountName":
		return slotUser
	case "identHostName", "devicehostname":
		return slotDevice
	case "hostname", "dhost", "domain_name", "dstHost", "query":
		return slotHost
	case "dst":
		return slotServer
	case "dstPort":
		return slotPort
	case "url", "URL", "request":
		return slotURL
	case "method", "requestmethod", "requestMethod":
		return slotMethod
	case "userAgent", "useragent":
		return slotAgent
	case "srcBytes", "bytesOut":
		return slotUp
	case "dstBytes", "bytesIn":
		return slotDown
	case "responsecode", "status_code":
		return slotStatus
	case "action", "act", "cat": // Zscaler says Allowed or Blocked in cat
		return slotAction
	}
	return slotNone
}

func scoreLEEF(head []string) int {
	return scoreMark(head, "LEEF:", func(s string) bool {
		_, _, ok := leefHeader(s)
		return ok
	})
}
