package dlp

import (
	"fmt"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// Skipped tells of places of a text that looked like values and were not tried, as
// what stands there had used up the work that a text may cause. The zero value
// says that all were tried.
type Skipped struct {
	Places   int
	From, To int // bytes of the text between which they stand
}

// String says it in words.
func (s Skipped) String() string {
	return fmt.Sprintf("%d places between bytes %d and %d look like values, more than are tried in a text of its size", s.Places, s.From, s.To)
}

// add adds o, which stands by bytes further on.
func (s *Skipped) add(o Skipped, by int) {
	if o.Places == 0 {
		return
	}
	if s.Places == 0 {
		s.From, s.To = o.From+by, o.To+by
	}
	s.Places += o.Places
	s.From, s.To = min(s.From, o.From+by), max(s.To, o.To+by)
}

// skip notes that what stands in text[i:j] is not tried.
func (c *scan) skip(i, j int) bool {
	c.skipped.add(Skipped{1, i, min(j, len(c.text))}, 0)
	return true
}

// skipView notes what was skipped in a view that m leads back to the text.
func (c *scan) skipView(o Skipped, m *mapping) {
	if o.Places > 0 {
		from, to, _ := m.span(o.From, max(o.To, o.From+1))
		c.skipped.add(Skipped{o.Places, from, to}, 0)
	}
}

// unread notes in p what of its part i was skipped.
func (s Skipped) unread(p *traffic.Prompt, i int) {
	if s.Places == 0 {
		return
	}
	g := traffic.Gap{Part: i, Reason: "too much to check", Detail: s.String()}
	if place := p.Parts[i].Place; place != nil {
		g.Place = place(s.From)
	}
	p.Gaps = append(p.Gaps, g)
	p.Unread = append(p.Unread, traffic.ReasonScanWork)
}
