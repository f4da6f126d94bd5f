package logs

import "strings"

// Cisco Umbrella's logs are CSV whose columns stand in an order that only ever
// grew at its end: DNS since version 1 (8 columns and more), web since the
// intelligent proxy (14 and more, the method is the 26th). Times are UTC.
type umbrella struct {
	e    *env
	w    row
	cols []string
	web  bool
}

func umbrellaDNS(e *env) parser { return &umbrella{e: e} }
func umbrellaWeb(e *env) parser { return &umbrella{e: e, web: true} }

// umbrellaColumns tells what the columns mean, by kind of log.
var (
	umbrellaDNSColumns = [...]slot{1: slotUser, 3: slotClient, 4: slotClient2, 5: slotAction, 8: slotHost}
	umbrellaWebColumns = [...]slot{1: slotUser, 2: slotClient, 3: slotClient2, 4: slotServer, 6: slotAction,
		7: slotURL, 9: slotAgent, 10: slotStatus, 11: slotUp, 12: slotDown, 25: slotMethod}
)

func (p *umbrella) line(s string, r *Record) verdict {
	var ok bool
	if p.cols, ok = columns(p.cols[:0], s, ','); !ok {
		return badQuoting
	}
	// The first line may name the columns.
	if strings.EqualFold(p.cols[0], "timestamp") {
		return nothing
	}
	order, identity, least := umbrellaDNSColumns[:], 10, 9
	r.Kind = KindDNS
	if p.web {
		order, identity, least, r.Kind = umbrellaWebColumns[:], 21, 13, KindHTTP
	}
	if len(p.cols) < least {
		return badColumns
	}
	if r.Time, ok = plainUTC(p.cols[0]); !ok {
		return badTime
	}
	p.w = row{}
	for i, c := range p.cols[:min(len(p.cols), len(order))] {
		p.w.put(order[i], c)
	}
	if len(p.cols) > identity {
		p.w.identify(p.cols[identity])
	}
	return p.w.record(p.e, r)
}

// identify moves the name that Umbrella logs to where it belongs: the identity
// may be a person, a computer, or a place, which is no one.
func (w *row) identify(kind string) {
	switch {
	case strings.Contains(kind, "Computer") || strings.Contains(kind, "Device") || strings.Contains(kind, "Roaming"):
		w[slotDevice], w[slotUser] = w[slotUser], ""
	case strings.Contains(kind, "Network") || strings.Contains(kind, "Site") || strings.Contains(kind, "Tunnel"):
		w[slotUser] = ""
	}
}

func scoreUmbrellaDNS(head []string) int {
	return share(head, func(s string) bool {
		return umbrellaLine(s, 9, func(cols []string) bool {
			// "1 (A)", and a name with its final dot
			return strings.HasSuffix(cols[6], ")") && strings.Contains(cols[6], " (") && strings.Contains(cols[8], ".")
		})
	})
}

func scoreUmbrellaWeb(head []string) int {
	return share(head, func(s string) bool {
		return umbrellaLine(s, 13, func(cols []string) bool {
			_, ok1 := address(cols[3])
			_, ok2 := count(cols[11])
			_, ok3 := count(cols[12])
			return (ok1 || cols[3] == "") && ok2 && ok3 && strings.Contains(cols[7], "://")
		})
	})
}

func umbrellaLine(s string, least int, fits func([]string) bool) bool {
	if s[0] != '"' && s[0]-'0' > 9 { // a spreadsheet takes the quotes off
		return false
	}
	cols, ok := columns(nil, s, ',')
	if !ok || len(cols) < least {
		return false
	}
	if strings.EqualFold(cols[0], "timestamp") {
		return true
	}
	_, ok = plainUTC(cols[0])
	return ok && fits(cols)
}
