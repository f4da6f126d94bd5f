package logs

import "strings"

// nfdump reads the CSV of nfdump -o csv: NetFlow and IPFIX, one line a flow, by
// the names of the header. A summary follows the flows.
type nfdump struct {
	e     *env
	order []string
	cols  []string
	over  bool // the summary has begun
}

func nfdumpLines(e *env) parser { return &nfdump{e: e} }

func (p *nfdump) line(s string, r *Record) verdict {
	switch {
	case nfdumpHeader(s):
		p.over = false
		p.cols, _ = columns(p.cols[:0], s, ',')
		p.order = p.order[:0]
		for _, c := range p.cols {
			p.order = append(p.order, strings.Clone(strings.TrimSpace(c)))
		}
		return nothing
	case s == "Summary" || p.over:
		p.over = true
		return nothing
	case p.order == nil:
		return badColumns
	}
	var ok bool
	if p.cols, ok = columns(p.cols[:0], s, ','); !ok {
		return badQuoting
	}
	if len(p.cols) < len(p.order) {
		return badColumns
	}
	var f flow
	for i, name := range p.order {
		f.nfdump(name, strings.Trim(p.cols[i], " "))
	}
	return f.record(p.e, r)
}

// nfdump fills f by the names of nfdump 1.6 and 1.7.
func (f *flow) nfdump(name, v string) {
	switch name {
	case "ts", "firstSeen":
		f.start = v
	case "sa", "srcAddr":
		f.from = v
	case "da", "dstAddr":
		f.to = v
	case "sp", "srcPort":
		f.fromPort = v
	case "dp", "dstPort":
		f.toPort = v
	case "ibyt", "bytes", "inBytes":
		f.out = v
	case "obyt", "outBytes":
		f.back = v
	}
}

func nfdumpHeader(s string) bool {
	return strings.HasPrefix(s, "ts,") && strings.Contains(s, ",sa,") || strings.HasPrefix(s, "firstSeen,")
}

func scoreNfdump(head []string) int {
	for _, s := range head {
		if nfdumpHeader(s) {
			return 100
		}
	}
	return 0
}
