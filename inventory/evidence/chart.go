package evidence

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// column is one bar of a chart over time.
type column struct {
	from time.Time
	n    int64
}

// columns adds up days into at most some 60 columns: days, weeks, or months of
// 30 days. Days without a sighting count: a gap is news.
func (p page) columns() (list []column, days int64) {
	first, end := inventory.Day(p.Period.From), inventory.Day(p.Period.Until)
	if now := inventory.Day(p.Made) + 1; now < end {
		end = now // the rest of the period is still to come
	}
	switch span := end - first; {
	case span <= 62:
		days = 1
	case span <= 400:
		days = 7
	default:
		days = max(30, span/60)
	}
	for from := first; from < end; from += days {
		c := column{from: time.Unix(from*24*60*60, 0).UTC()}
		for d := from; d < min(from+days, end); d++ {
			c.n += p.Counted.Days[d]
		}
		list = append(list, c)
	}
	return list, days
}

// shownUntil returns the last day of the chart.
func (p page) shownUntil() time.Time {
	if last := p.LastDay(); last.Before(p.Made) {
		return last
	}
	return p.Made
}

// Silent counts the days of the period, up to now, on which no use of AI was
// seen.
func (p page) Silent() (silent, days int) {
	first, end := inventory.Day(p.Period.From), min(inventory.Day(p.Period.Until), inventory.Day(p.Made)+1)
	for d := first; d < end; d++ {
		days++
		if p.Counted.Days[d] == 0 {
			silent++
		}
	}
	return silent, days
}

// SilentDays and AllDays are Silent for templates.
func (p page) SilentDays() int { n, _ := p.Silent(); return n }

// AllDays counts the days of the period up to now.
func (p page) AllDays() int { _, n := p.Silent(); return n }

// Chart draws requests over time as inline SVG. There is no text from outside in
// it.
func (p page) Chart() template.HTML {
	const width, height, foot = 680, 120, 16
	list, days := p.columns()
	var most int64 = 1
	for _, c := range list {
		most = max(most, c.n)
	}
	var s strings.Builder
	unit := map[int64]string{1: "day", 7: "week"}[days]
	if unit == "" {
		unit = fmt.Sprintf("%d days", days)
	}
	fmt.Fprintf(&s, `<svg role="img" viewBox="0 0 %d %d" aria-label="Requests by %s, at most %d"><title>Requests by %[3]s, at most %[4]d</title>`, width, height+foot, unit, most)
	step := float64(width) / float64(max(1, len(list)))
	for i, c := range list {
		h := float64(height) * float64(c.n) / float64(most)
		fmt.Fprintf(&s, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s: %d</title></rect>`, float64(i)*step, float64(height)-h, max(step-1.5, 1), h, dayOf(c.from), c.n)
	}
	fmt.Fprintf(&s, `<line x1="0" y1="%d" x2="%d" y2="%[1]d"/>`, height, width)
	if len(list) > 0 {
		fmt.Fprintf(&s, `<text x="0" y="%d">%s</text><text x="%d" y="%d" text-anchor="end">%s</text>`,
			height+foot-3, dayOf(list[0].from), width, height+foot-3, dayOf(p.shownUntil()))
	}
	s.WriteString("</svg>")
	return template.HTML(s.String())
}

// ChartUnit names a column of Chart.
func (p page) ChartUnit() string {
	_, days := p.columns()
	switch days {
	case 1:
		return "day"
	case 7:
		return "week"
	}
	return fmt.Sprintf("%d days", days)
}
