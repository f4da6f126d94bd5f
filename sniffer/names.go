package sniffer

import (
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// name is a name that was seen, and what is known of it. It never changes.
type name struct {
	text    string
	verdict *traffic.Verdict
	blind   rules.Blind // zero: it hides nothing
}

// notAI is the verdict of most names.
var notAI traffic.Verdict

// names keeps the names seen, so that one costs an allocation and a look at the
// catalogue once.
type names struct {
	all      map[string]*name
	classify func(host string) traffic.Verdict
	hides    *rules.BlindIndex
}

// maxNames bounds the table of names. A flood of made-up names only makes us
// start it afresh.
const maxNames = 1 << 14

func newNames(c Config) names {
	return names{all: make(map[string]*name), classify: c.Classify, hides: c.Blind}
}

func (t *names) of(text []byte) *name {
	if n, ok := t.all[string(text)]; ok {
		return n
	}
	return t.add(string(text))
}

func (t *names) ofString(text string) *name {
	if n, ok := t.all[text]; ok {
		return n
	}
	return t.add(text)
}

func (t *names) add(text string) *name {
	if len(t.all) >= maxNames {
		clear(t.all)
	}
	n := &name{text: text, verdict: &notAI}
	if t.classify != nil {
		if v := t.classify(text); v.AI() {
			n.verdict = &v
		}
	}
	if t.hides != nil {
		n.blind = t.hides.Host(text)
	}
	t.all[text] = n
	return n
}
