package dlp

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/gnomon-proxy/gnomon/rules"
)

// compiled is a detector as New takes it in, or what is wrong with it.
type compiled struct {
	d                *detector
	words            []string // the keywords,
	tries            []*try   // one for each
	context, against []string // in lower case
	unless           []string
	err              error
}

// compileAll compiles each of rs, as many at once as there are processors:
// nearly all of the time that a scanner takes to be built is spent here.
func compileAll(rs []rules.Detector) []compiled {
	all := make([]compiled, len(rs))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rs)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(rs) {
					return
				}
				all[i] = compileDetector(&rs[i], i)
			}
		})
	}
	wg.Wait()
	return all
}

func compileDetector(r *rules.Detector, order int) (c compiled) {
	if c.words, c.err = keywords(r); c.err != nil {
		return c
	}
	if c.d, c.err = newDetector(r, order); c.err != nil {
		return c
	}
	if c.context, c.err = contextWords(r.Name, r.Context); c.err != nil {
		return c
	}
	if c.against, c.err = contextWords(r.Name, r.Against); c.err != nil {
		return c
	}
	if c.unless, c.err = contextWords(r.Name, r.Unless); c.err != nil {
		return c
	}
	switch r.Anchor {
	case rules.AnchorKeyword, rules.AnchorAssign, rules.AnchorColumn, rules.AnchorLabel, rules.AnchorTold, rules.AnchorToken, rules.AnchorRandom, rules.AnchorDotted, rules.AnchorNumber, rules.AnchorName, rules.AnchorPerson, rules.AnchorCode, rules.AnchorSentence, rules.AnchorAmount, rules.AnchorNumbered, rules.AnchorTagged:
	default:
		c.err = fmt.Errorf("detector %s: unknown anchor %q", r.Name, r.Anchor)
		return c
	}
	for _, w := range c.words {
		t, err := newTry(c.d, w)
		if err != nil {
			c.err = fmt.Errorf("detector %s: %w", r.Name, err)
			return c
		}
		c.tries = append(c.tries, t)
	}
	return c
}
