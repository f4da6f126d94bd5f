package logs

import "strings"

// CEF: CEF:0|vendor|product|version|event|name|severity|key=value ... (ArcSight
// Common Event Format). Zscaler's web log comes as CEF too, and PAN-OS and
// FortiGate can write it.
type cef struct {
	e *env
	w row
}

func cefLines(e *env) parser { return &cef{e: e} }

func (p *cef) line(s string, r *Record) verdict {
	vendor, ext, ok := cefHeader(s)
	if !ok {
		return badFormat
	}
	p.w = row{}
	for key, value := "", ""; ; {
		if key, value, ext = cutExtension(ext); key == "" {
			break
		}
		if at := cefSlot(key); at != slotNone {
			p.w.put(at, unslash(value))
		}
	}
	// The standard's "in" flows from source to destination, which is up. Only
	// Palo Alto Networks takes it at its word.
	if vendor == "Palo Alto Networks" {
		p.w[slotUp], p.w[slotDown] = p.w[slotDown], p.w[slotUp]
		p.w[slotURL] = strings.Trim(p.w[slotURL], `"`)
	}
	if _, ok := number(p.w[slotStatus]); !ok {
		p.w[slotStatus] = "" // outcome=success
	}
	p.fortinet(vendor)
	return p.w.said(p.e, r)
}

// fortinet takes the time that FortiGate has in keys of its own: the prefix of
// syslog has neither a year nor a zone.
func (p *cef) fortinet(vendor string) {
	if vendor != "Fortinet" {
		return
	}
	if stamp := p.w[slotDate]; stamp != "" && p.w[slotTime] == "" {
		p.w[slotTime] = stamp
	}
	p.w[slotDate] = ""
}

// said is record for formats that carry any event: one without a host or a
// server is not about the network.
func (w *row) said(e *env, r *Record) verdict {
	if w[slotHost] == "" && w[slotURL] == "" && w[slotServer] == "" {
		return nothing
	}
	return w.record(e, r)
}

// cefHeader returns what of the header matters, and the extension.
func cefHeader(s string) (vendor, ext string, ok bool) {
	i := strings.Index(s[:min(len(s), 512)], "CEF:")
	if i < 0 {
		return "", "", false
	}
	s = s[i:]
	var field string
	for n := range 7 { // CEF:0, vendor, product, version, event, name, severity
		if field, s, ok = cutHeader(s); !ok {
			return "", "", false
		}
		if n == 1 {
			vendor = field
		}
	}
	return vendor, s, true
}

// cefSlot knows the standard's keys and those that vendors use in their place.
func cefSlot(key string) slot {
	switch key {
	case "rt", "start", "end", "deviceReceiptTime", "startTime":
		return slotTime
	case "FTNTFGTeventtime":
		return slotDate
	case "FTNTFGTqname":
		return slotHost
	case "src", "c6a2", "sourceAddress":
		return slotClient
	case "sourceTranslatedAddress":
		return slotClient2
	case "suser", "suid", "sourceUserName":
		return slotUser
	case "shost", "sourceHostName":
		return slotDevice
	case "dhost", "destinationDnsDomain", "destinationHostName", "query":
		return slotHost
	case "dst", "c6a3", "destinationAddress":
		return slotServer
	case "dpt", "destinationPort":
		return slotPort
	case "request", "requestUrl", "requestURL":
		return slotURL
	case "requestMethod":
		return slotMethod
	case "requestClientApplication":
		return slotAgent
	case "in", "bytesIn":
		return slotDown
	case "out", "bytesOut":
		return slotUp
	case "outcome":
		return slotStatus
	case "act", "deviceAction":
		return slotAction
	}
	return slotNone
}

// scoreCEF leaves room above itself for the formats that a vendor makes of CEF,
// and is surer of lines whose prefix is peeled off, as the time is in it.
func scoreCEF(head []string) int { return scoreMark(head, "CEF:", cefHeaderFits) * 9 / 10 }

func scoreZscalerCEF(head []string) int {
	return scoreMark(head, "CEF:", func(s string) bool {
		vendor, _, ok := cefHeader(s)
		return ok && vendor == "Zscaler"
	})
}

func cefHeaderFits(s string) bool {
	_, _, ok := cefHeader(s)
	return ok
}

// scoreMark scores lines that start with mark in full, those with something
// before it less.
func scoreMark(head []string, mark string, fits func(string) bool) int {
	all := share(head, fits)
	first := share(head, func(s string) bool { return strings.HasPrefix(s, mark) })
	return min(all, 70+first*30/100)
}
