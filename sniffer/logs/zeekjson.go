package logs

import "strings"

// zeekJSON reads the logs of Zeek as JSON, one object a line, which may be of
// any name in any order.
type zeekJSON struct {
	env *env
	row zeekRow
}

func newZeekJSON(e *env) parser { return &zeekJSON{env: e} }

// scoreZeekJSON recognises logs of one kind, KindUnknown for any.
func scoreZeekJSON(k Kind) func([]string) int {
	return func(head []string) int {
		n := share(head, func(s string) bool {
			if !strings.Contains(s, `"id.orig_h"`) {
				return false
			}
			var row zeekRow
			return row.parse(s) && row[zeekTS] != "" && (k == KindUnknown || row.kind() == k)
		})
		if k == KindUnknown { // of one kind is better
			n = n * 9 / 10
		}
		return n
	}
}

// parse fills row and reports whether s is a JSON object.
func (row *zeekRow) parse(s string) bool {
	m := object(s)
	for m.next() {
		if f := zeekFieldOf(m.key); f != zeekOther {
			row[f] = text(m.value)
			if f == zeekAnswers || f == zeekTTLs {
				row[f] = m.value
			}
		}
	}
	return !m.bad
}

func (p *zeekJSON) line(s string, r *Record) verdict {
	p.row = zeekRow{}
	if !p.row.parse(s) {
		return badJSON
	}
	v := p.row.record(p.env, p.row.kind(), r)
	if r.Answers.shape = answerStrings; !p.env.Answers || p.row[zeekAnswers] == "null" {
		r.Answers = Answers{}
	}
	return v
}
