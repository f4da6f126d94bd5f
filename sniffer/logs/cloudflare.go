package logs

import "strings"

// Cloudflare's Logpush writes JSON with one object a line. Read are the three
// logs of its gateway, which differ in their keys, and its network sessions.
type cloudflare struct {
	e *env
	w row
}

func cloudflareLines(e *env) parser { return &cloudflare{e: e} }

func (p *cloudflare) line(s string, r *Record) verdict {
	p.w = row{}
	m := object(s)
	for m.next() {
		switch m.key {
		case "QueryName":
			r.Kind = KindDNS
		case "HTTPHost":
			r.Kind = KindHTTP
		case "ResolvedIPs":
			if p.e.Answers {
				r.Answers = Answers{list: m.value, shape: answerStrings}
			}
		}
		if at := cloudflareSlot(m.key); at != slotNone {
			p.w.put(at, text(m.value))
		}
	}
	switch {
	case m.bad:
		return badJSON
	case p.w[slotTime] == "":
		return badTime
	case r.Kind == KindDNS:
		p.w[slotServer] = "" // the resolver
	case p.w[slotStatus] == "0":
		p.w[slotStatus] = ""
	}
	return p.w.record(p.e, r)
}

// cloudflareSlot tells the keys apart: those of gateway_http also carry the
// address of the site's way out, so the inner address comes first.
func cloudflareSlot(key string) slot {
	switch key {
	case "Datetime", "SessionStartTime":
		return slotTime
	case "SourceInternalIP", "SrcInternalIP":
		return slotClient
	case "SrcIP", "SourceIP":
		return slotClient2
	case "Email":
		return slotUser
	case "DeviceName":
		return slotDevice
	case "QueryName", "HTTPHost", "SNI":
		return slotHost
	case "DestinationIP", "OriginIP":
		return slotServer
	case "DestinationPort", "OriginPort":
		return slotPort
	case "URL":
		return slotURL
	case "HTTPMethod":
		return slotMethod
	case "HTTPStatusCode":
		return slotStatus
	case "UserAgent":
		return slotAgent
	case "BytesReceived", "ClientBytes":
		return slotUp
	case "BytesSent", "OriginBytes":
		return slotDown
	case "Action", "ResolverDecision":
		return slotAction
	}
	return slotNone
}

func scoreCloudflareDNS(head []string) int {
	return scoreKeys(head, `"QueryName"`, `"ResolverDecision"`)
}

func scoreCloudflareHTTP(head []string) int {
	return scoreKeys(head, `"HTTPHost"`, `"HTTPMethod"`)
}

func scoreCloudflareNetwork(head []string) int {
	return max(scoreKeys(head, `"SourceIP"`, `"SNI"`), scoreKeys(head, `"SourceIP"`, `"SessionStartTime"`))
}

// scoreKeys scores JSON lines that have all of the keys, in their quotes.
func scoreKeys(head []string, keys ...string) int {
	return share(head, func(s string) bool {
		if s[0] != '{' {
			return false
		}
		for _, k := range keys {
			if !strings.Contains(s, k) {
				return false
			}
		}
		return true
	})
}
