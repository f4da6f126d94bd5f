package dlp

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Candidate is a place that looked like a value to a detector.
type Candidate struct {
	Detector   string
	Class      traffic.Class
	Start, End int
	Found      bool
	Confidence float64 // 0: not known, as a check failed before
	Why        string
	Via        []string

	via ways
}

// maxCandidates bounds what Explain notes.
const maxCandidates = 10_000

// trace collects candidates.
type trace struct {
	seen []Candidate
	min  float64
}

// Explain scans text and returns every place at which a detector's keyword or
// number was met, in order, with what becomes of it when the least confidence is
// min, and why. A Scanner that reports everything knows more places than others.
// It takes longer than ScanText.
func (s *Scanner) Explain(text []byte, min float64) []Candidate {
	t := trace{min: min}
	c := scan{
		s: s, text: text, trace: &t, prints: s.allow != nil,
		room: growthFree + growth*len(text), effort: workFree + workPerByte*len(text),
	}
	c.read()
	hits := c.settle(slices.DeleteFunc(c.hits, func(h Hit) bool { return h.Confidence < min }))
	for i := range t.seen {
		t.seen[i].settle(hits)
	}
	s.explainAllowed(&t, text, hits)
	for i := range t.seen {
		t.seen[i].Via = t.seen[i].via.names()
	}
	slices.SortStableFunc(t.seen, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	return slices.CompactFunc(t.seen, func(a, b Candidate) bool {
		return a.Start == b.Start && a.End == b.End && a.Detector == b.Detector && a.Why == b.Why
	})
}

// explainAllowed tells which candidates an allow-list lets pass.
func (s *Scanner) explainAllowed(t *trace, text []byte, hits []Hit) {
	if s.allow == nil {
		return
	}
	for k := range hits {
		h := &hits[k]
		print := h.print
		if print == "" {
			print = s.Print(h.Class, text[h.Start:h.End])
		}
		l := s.allow.by(h, print, text[h.Start:h.End], "", "")
		if l == nil {
			continue
		}
		why := fmt.Sprintf("allowed by %s: %s", l.Name, l.Reason)
		for i := range t.seen {
			if x := &t.seen[i]; x.Found && x.Detector == h.Detector && x.Start == h.Start && x.End == h.End {
				x.Found, x.Why = false, why
			}
		}
	}
}

// settle tells a candidate that passed all checks but lost to a better one.
func (x *Candidate) settle(hits []Hit) {
	if !x.Found {
		return
	}
	var rival *Hit
	for i := range hits {
		h := &hits[i]
		if h.Detector == x.Detector && h.Start == x.Start && h.End == x.End {
			return
		}
		if h.Start < x.End && x.Start < h.End {
			rival = h
		}
	}
	if x.Found = false; rival != nil {
		x.Why = fmt.Sprintf("%s at %d to %d of confidence %.2f is the better one", rival.Detector, rival.Start, rival.End, rival.Confidence)
	}
}

// note notes that text[i:j] looked like a value to d.
func (c *scan) note(d *detector, i, j int, found bool, confidence float64, why string) {
	if c.trace == nil || len(c.trace.seen) >= maxCandidates {
		return
	}
	c.trace.seen = append(c.trace.seen, Candidate{
		Detector: d.name, Class: d.class, Start: i, End: j, Found: found, Confidence: confidence, Why: why,
	})
}

// noteRefused notes which check refused the value text[i:j] of d.
func (c *scan) noteRefused(d *detector, i, j int) {
	if c.trace != nil {
		c.note(d, i, j, false, 0, c.refusal(d, c.text[i:j]))
	}
}

// refusal tells which check of accepts refused value.
func (c *scan) refusal(d *detector, value []byte) string {
	r := &c.s.sources[d.order]
	if d.validate != nil && !d.validate(value) {
		return fmt.Sprintf("the check %q fails", r.Validator)
	}
	if d.entropy > 0 && entropy(value) < d.entropy {
		return fmt.Sprintf("its entropy of %.2f bits a character is below %.2f", entropy(value), d.entropy)
	}
	for _, w := range d.stop {
		if containsFold(value, w) {
			return fmt.Sprintf("it holds the stop word %q", w)
		}
	}
	for k, a := range d.allow {
		if a.whole(value) {
			return fmt.Sprintf("it is on the allow-list: %s", r.Allow[k])
		}
	}
	return "it holds a stop word, or is no value at all"
}

// noteJudged notes how the confidence of a value came about.
func (c *scan) noteJudged(d *detector, i, j int, separated bool, confidence float64) {
	if c.trace == nil {
		return
	}
	r := &c.s.sources[d.order]
	why := "the pattern matches"
	if r.Validator != "" {
		why += fmt.Sprintf(", the check %q holds", r.Validator)
	}
	if separated && d.separated > 0 {
		why += ", it is written in groups"
	}
	switch {
	case d.inContext > 0 && confidence == d.inContext && confidence > max(d.confidence, d.separated):
		why += ", a word near it raises the confidence"
	case confidence < d.confidence:
		why += ", a word in front of it speaks against it"
	}
	if confidence == 0 || confidence < c.trace.min {
		c.note(d, i, j, false, confidence, why+fmt.Sprintf("; its confidence is below %.2f", c.trace.min))
		return
	}
	c.note(d, i, j, true, confidence, why)
}

// bring leads candidates of a view, those from n on, back to c's text.
func (c *scan) bring(n int, m *mapping, via ways) {
	for i := n; i < len(c.trace.seen); i++ {
		x := &c.trace.seen[i]
		from, to, set := m.span(x.Start, x.End)
		if set == 0 {
			set = m.ways
		}
		outer := via
		if outer == 0 {
			outer = set.list()
		}
		x.Start, x.End, x.via = from, to, outer.then(x.via)
	}
}
