package logs

import "strings"

// PAN-OS writes its columns in an order that only ever grew at its end. Read
// are the URL log (THREAT,url), which has names but no bytes, and the TRAFFIC
// log, which has bytes but no names; the session that joins them is left alone:
// both lines count for the same client and server.
type panos struct {
	e    *env
	w    row
	cols []string
}

func panosLines(e *env) parser { return &panos{e: e} }

var (
	panosURLColumns     = [...]slot{7: slotClient, 8: slotServer, 12: slotUser, 25: slotPort, 30: slotAction, 31: slotURL, 46: slotAgent, 63: slotMethod, 86: slotDevice}
	panosTrafficColumns = [...]slot{7: slotClient, 8: slotServer, 12: slotUser, 25: slotPort, 30: slotAction, 32: slotUp, 33: slotDown}
)

func (p *panos) line(s string, r *Record) verdict {
	var ok bool
	if p.cols, ok = columns(p.cols[:0], s, ','); !ok {
		return badQuoting
	}
	if len(p.cols) < 5 {
		return badColumns
	}
	order, least := panosURLColumns[:], 32
	switch kind, sub := p.cols[3], p.cols[4]; {
	case kind == "THREAT" && sub == "url":
		r.Kind = KindHTTP
	case kind == "TRAFFIC" && sub != "start": // its bytes come again with the end
		order, least, r.Kind = panosTrafficColumns[:], 34, KindFlow
	default:
		return nothing
	}
	if len(p.cols) < least {
		return badColumns
	}
	stamp := p.cols[6]
	if stamp == "" {
		stamp = p.cols[1]
	}
	if r.Time, ok = p.e.when(stamp); !ok {
		return badTime
	}
	p.w = row{}
	for i, c := range p.cols[:min(len(p.cols), len(order))] {
		p.w.put(order[i], c)
	}
	return p.w.record(p.e, r)
}

func scorePanos(head []string) int {
	return share(head, func(s string) bool {
		if strings.Contains(s, ",Receive Time,") && strings.Contains(s, ",Threat/Content Type,") {
			return true // the header of an export: the columns are the same
		}
		// 1,2026/03/02 09:15:04,012801096514,THREAT,url,
		for range 3 {
			_, rest, ok := strings.Cut(s, ",")
			if !ok {
				return false
			}
			s = rest
		}
		kind, _, _ := strings.Cut(s, ",")
		switch kind {
		case "THREAT", "TRAFFIC", "SYSTEM", "CONFIG", "GLOBALPROTECT", "USERID", "HIPMATCH", "DECRYPTION", "AUTHENTICATION":
			return true
		}
		return false
	})
}
