package logs

import "strings"

// route53 reads the query log of AWS's Route 53 Resolver, JSON with one object
// a line.
type route53 struct {
	e *env
	w row
}

func route53Lines(e *env) parser { return &route53{e: e} }

func (p *route53) line(s string, r *Record) verdict {
	p.w = row{}
	m := object(s)
	for m.next() {
		switch m.key {
		case "query_timestamp":
			p.w[slotTime] = text(m.value)
		case "query_name":
			p.w.put(slotHost, text(m.value))
		case "srcaddr":
			p.w.put(slotClient, text(m.value))
		case "firewall_rule_action":
			p.w.put(slotAction, text(m.value))
		case "answers":
			if p.e.Answers {
				r.Answers = Answers{list: m.value, shape: answerObjects}
			}
		case "srcids":
			for ids := object(m.value); ids.next(); {
				if ids.key == "instance" {
					p.w.put(slotDevice, text(ids.value))
				}
			}
		}
	}
	if m.bad {
		return badJSON
	}
	if p.w[slotTime] == "" {
		return badTime
	}
	r.Kind = KindDNS
	return p.w.record(p.e, r)
}

func scoreRoute53(head []string) int {
	return scoreKeys(head, `"query_timestamp"`, `"query_name"`, `"srcaddr"`)
}

// vpcFlow reads AWS VPC flow logs: words in an order that the header tells, or
// that of version 2. Each line is one direction of a connection.
type vpcFlow struct {
	e     *env
	order []string
	cols  []string
}

func vpcFlowLines(e *env) parser { return &vpcFlow{e: e, order: strings.Fields(vpcVersion2)} }

const vpcVersion2 = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"

func (p *vpcFlow) line(s string, r *Record) verdict {
	p.cols = p.cols[:0]
	for w, rest := word(s); w != "" && len(p.cols) < maxFields; w, rest = word(rest) {
		p.cols = append(p.cols, w)
	}
	if vpcHeader(s) {
		p.order = p.order[:0]
		for _, c := range p.cols {
			p.order = append(p.order, strings.Clone(c))
		}
		return nothing
	}
	cols := p.cols
	// CloudWatch puts its own time in front.
	if len(cols) == len(p.order)+1 && len(cols[0]) > 19 {
		cols = cols[1:]
	}
	if len(cols) < len(p.order) {
		return badColumns
	}
	var f flow
	for i, name := range p.order {
		f.put(name, cols[i])
	}
	return f.record(p.e, r)
}

// flow is one direction of a connection, as flow logs tell it.
type flow struct {
	from, to, fromPort, toPort, start, out, back, action, status string
}

func (f *flow) put(name, v string) {
	switch name {
	case "srcaddr":
		if f.from == "" {
			f.from = v
		}
	case "dstaddr":
		if f.to == "" {
			f.to = v
		}
	// The packet's own addresses, where a gateway stands between.
	case "pkt-srcaddr":
		if !void(v) {
			f.from = v
		}
	case "pkt-dstaddr":
		if !void(v) {
			f.to = v
		}
	case "srcport":
		f.fromPort = v
	case "dstport":
		f.toPort = v
	case "bytes":
		f.out = v
	case "start":
		f.start = v
	case "action":
		f.action = v
	case "log-status":
		f.status = v
	}
}

// record turns the flow so that the client is the side that called: the other
// one has the well-known port.
func (f *flow) record(e *env, r *Record) verdict {
	if f.status == "NODATA" || f.status == "SKIPDATA" {
		return nothing
	}
	var ok bool
	if r.Time, ok = e.when(f.start); !ok {
		return badTime
	}
	from, ok1 := address(f.from)
	to, ok2 := address(f.to)
	if !ok1 || !ok2 {
		return badClient
	}
	if r.Up, ok = count(f.out); !ok {
		return badNumber
	}
	if r.Down, ok = count(f.back); !ok {
		return badNumber
	}
	r.Kind, r.Blocked = KindFlow, refused(f.action)
	fromPort, _ := number(f.fromPort)
	toPort, _ := number(f.toPort)
	r.Client = from
	r.Server = addressPort(f.to, f.toPort)
	if fromPort > 0 && fromPort < 1024 && toPort >= 1024 {
		r.Client, r.Up, r.Down = to, r.Down, r.Up
		r.Server = addressPort(f.from, f.fromPort)
	}
	return yes
}

func vpcHeader(s string) bool {
	return strings.Contains(s, "srcaddr") && strings.Contains(s, "dstaddr")
}

func scoreVPCFlow(head []string) int {
	named := false
	return share(head, func(s string) bool {
		if vpcHeader(s) && s[0] != '{' && strings.IndexByte(s, ',') < 0 {
			named = true
			return true
		}
		i := strings.Index(s[:min(len(s), 64)], " eni-")
		return named || i > 14 // version and account come before
	})
}
