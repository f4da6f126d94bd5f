package logs

import "strings"

// elff reads the W3C Extended Log File Format: #Fields names the columns, which
// every administrator chooses anew. ProxySG (Symantec, Blue Coat), IIS, Forefront
// TMG and McAfee Web Gateway write it; the draft says date and time are UTC.
type elff struct {
	e     *env
	w     row
	order []slot
	cols  []string
	seen  bool // #Fields was there
}

func elffLines(e *env) parser { return &elff{e: e} }

func (p *elff) line(s string, r *Record) verdict {
	if s[0] == '#' {
		if fields, ok := elffFields(s); ok {
			p.header(fields)
		}
		return nothing
	}
	if !p.seen {
		return badColumns
	}
	if !p.cut(s) {
		return badQuoting
	}
	if len(p.cols) < len(p.order) {
		return badColumns
	}
	p.w = row{}
	for i, at := range p.order {
		p.w.put(at, p.cols[i])
	}
	if p.w[slotTime] == "" && p.w[slotDate] != "" {
		p.w[slotZone] = "UTC"
	}
	r.Kind = KindHTTP
	p.tidy()
	return p.w.said(p.e, r)
}

// tidy undoes what writers of the format do to its columns.
func (p *elff) tidy() {
	w := &p.w
	if strings.HasPrefix(w[slotAgent], "Mozilla/5.0+") { // IIS has + for space
		w[slotAgent] = strings.ReplaceAll(w[slotAgent], "+", " ")
	}
	if s := strings.ToLower(w[slotScheme]); s != "http" && s != "https" {
		w[slotScheme] = "" // tcp, ssl, HTTP/1.1
		if w[slotPort] == "80" {
			w[slotScheme] = "http"
		}
	}
}

// header learns the columns, by name.
func (p *elff) header(fields string) {
	p.seen = true
	p.order = p.order[:0]
	for len(p.order) < maxFields {
		var name string
		if name, fields = elffWord(fields); name == "" {
			return
		}
		p.order = append(p.order, elffSlot(name))
	}
}

func elffWord(s string) (w, rest string) {
	s = strings.TrimLeft(s, " \t")
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// cut cuts the columns: at tabs, when there are any (TMG), or at spaces.
func (p *elff) cut(s string) (ok bool) {
	sep := byte(' ')
	if strings.IndexByte(s, '\t') >= 0 {
		sep = '\t'
	}
	p.cols, ok = columns(p.cols[:0], s, sep)
	return ok
}

func elffFields(s string) (fields string, ok bool) {
	const mark = "#Fields:"
	if len(s) < len(mark) || !strings.EqualFold(s[:len(mark)], mark) {
		return "", false
	}
	return s[len(mark):], true
}

// elffSlot knows the identifiers of the draft and those of the products.
func elffSlot(name string) slot {
	switch name {
	case "date":
		return slotDate
	case "time":
		return slotClock
	case "gmttime", "localtime", "timestamp", "x-timestamp", "x-timestamp-unix":
		return slotTime
	case "c-ip", "x-client-ip":
		return slotClient
	case "cs-username", "cs-user", "cs-userdn":
		return slotUser
	case "c-dns", "x-client-machine-name", "c-computername":
		return slotDevice
	case "cs-host", "r-host", "x-dns-cs-dns":
		return slotHost
	case "r-ip", "cs-ip", "r-supplier-ip":
		return slotServer
	case "cs-uri-port", "r-port":
		return slotPort
	case "cs-uri", "c-uri":
		return slotURL
	case "cs-uri-scheme", "cs-protocol":
		return slotScheme
	case "cs-uri-path", "cs-uri-stem":
		return slotPath
	case "cs-uri-query":
		return slotQuery
	case "cs-method", "s-operation":
		return slotMethod
	case "sc-status":
		return slotStatus
	case "cs-bytes":
		return slotUp
	case "sc-bytes":
		return slotDown
	case "cs(User-Agent)", "c-agent":
		return slotAgent
	case "sc-filter-result", "s-action", "action":
		return slotAction
	}
	return slotNone
}

// scoreELFF takes a log that names fields we know: columns of which one is a
// client, or a file of another product would do.
func scoreELFF(head []string) int {
	for _, s := range head {
		fields, ok := elffFields(s)
		if !ok {
			continue
		}
		have := map[slot]bool{}
		for name := ""; ; {
			if name, fields = elffWord(fields); name == "" {
				break
			}
			have[elffSlot(name)] = true
		}
		if have[slotClient] || have[slotUser] {
			return 90
		}
		return 40
	}
	return 0
}

// scoreSGOS takes what ProxySG signs.
func scoreSGOS(head []string) int {
	for _, s := range head {
		if strings.HasPrefix(s, "#Software: SGOS") {
			return 100
		}
	}
	return 0
}
