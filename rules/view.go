package rules

import (
	"slices"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// group is the findings of a request that no rule can tell apart.
type group struct {
	class    traffic.Class
	detector string

	confidence float64
	print      string // "" where no rule asks for that value

	count int
	rule  int // index of the rule that matched, -1 for none
}

// view is a request while rules are tried on it.
type view struct {
	x      *traffic.Exchange
	groups []group
	of     []int // group of each finding
	env    *environment
	engine *Engine
}

// sort puts the findings into groups. A dump of ten thousand records has a few
// groups, so rules are tried a few times only.
func (v *view) sort() {
	if len(v.x.Findings) == 0 {
		return
	}
	type kind struct {
		class      traffic.Class
		detector   string
		confidence float64
		print      string
	}
	index := make(map[kind]int)
	v.of = make([]int, len(v.x.Findings))
	for i := range v.x.Findings {
		f := &v.x.Findings[i]
		k := kind{f.Class, f.Detector, 0, ""}
		if v.engine.confident {
			k.confidence = f.Confidence
		}
		if v.engine.prints[f.Print] {
			k.print = f.Print
		}
		n, ok := index[k]
		if !ok {
			n = len(v.groups)
			index[k] = n
			v.groups = append(v.groups, group{class: f.Class, detector: f.Detector, confidence: f.Confidence, print: k.print, rule: -1})
		}
		v.groups[n].count++
		v.of[i] = n
	}
}

// count returns how many findings are of w's classes and detectors.
func (v *view) count(w *When) (n int) {
	for i := range v.groups {
		g := &v.groups[i]
		if (len(w.Class) == 0 || slices.Contains(w.Class, string(g.class))) &&
			(len(w.Detector) == 0 || slices.Contains(w.Detector, g.detector)) && g.confidence >= w.MinConfidence {
			n += g.count
		}
	}
	return n
}
