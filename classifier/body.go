package classifier

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/gnomon-proxy/gnomon/rules"
)

// side is what is looked at in a request or in an answer.
type side struct {
	keys    keyTree
	body    []bodySignal
	lines   map[string]int // facts by line of an event stream
	headers headerSignals
}

type bodySignal struct {
	name    string
	weight  int
	any     []facts // alternatives: each wants all its facts
	atLeast int
}

func (d *side) addBody(r rules.Signal, g signal) error {
	b := bodySignal{name: g.name, weight: g.weight, atLeast: max(1, r.AtLeast)}
	for _, value := range r.Values {
		var all facts
		for term := range strings.SplitSeq(value, " & ") {
			n, err := d.term(strings.TrimSpace(term))
			if err != nil {
				return err
			}
			all.set(n)
		}
		b.any = append(b.any, all)
	}
	if b.atLeast > len(b.any) {
		return fmt.Errorf("at_least %d of %d values", b.atLeast, len(b.any))
	}
	d.body = append(d.body, b)
	return nil
}

func (d *side) term(s string) (int, error) {
	n, err := d.keys.term(s)
	if err == nil && d.lines != nil && (strings.HasPrefix(s, "event: ") || strings.HasPrefix(s, "data: ")) {
		d.lines[s] = n
	}
	return n, err
}

func (d *side) scoreFacts(f *facts, c *score) {
	if *f == (facts{}) {
		return
	}
	for i := range d.body {
		b := &d.body[i]
		n := 0
		for _, want := range b.any {
			if f.contains(want) {
				if n++; n == b.atLeast {
					c.add(b.name, b.weight)
					break
				}
			}
		}
	}
}

// maxEvents bounds how many values of a streamed answer are looked at: the
// first ones show the shape.
const maxEvents = 16

// walkAnswer returns what an answer says: JSON, JSON values one after the other,
// or an event stream.
func (d *side) walkAnswer(p []byte) (f facts) {
	p = bytes.TrimLeft(p, " \t\r\n")
	if len(p) > 0 && (p[0] == '{' || p[0] == '[') {
		return d.keys.walk(p, maxEvents)
	}
	for range maxEvents * 4 { // an event has up to three lines and an empty one
		line, rest, more := bytes.Cut(p, []byte("\n"))
		line = bytes.TrimRight(line, "\r")
		if n, ok := d.lines[string(line)]; ok {
			f.set(n)
		}
		if data, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			f.add(d.keys.walk(data, 1))
		}
		if !more {
			break
		}
		p = rest
	}
	return f
}
