package main

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"
)

// chartWidth is of all charts, in units of which text is 13 to 14 high: the page
// shows charts at about this many pixels, so that their text is as large as its.
const chartWidth = 520

// bar is one row of a bar chart.
type bar struct {
	label string
	n     int64
	class string // of CSS: a status
}

// barChart draws horizontal bars as an inline SVG: no script, no colour without
// a label beside it. Labels come from strangers and are escaped.
func barChart(title string, bars []bar) template.HTML {
	const rowHeight, labels, width, figures = 24, 180, chartWidth, 70
	var most int64 = 1
	for _, b := range bars {
		most = max(most, b.n)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg class="chart" role="img" viewBox="0 0 %d %d" aria-label="%s">`, width, rowHeight*len(bars)+4, template.HTMLEscapeString(title))
	for i, b := range bars {
		y := i * rowHeight
		w := float64(width-labels-figures) * float64(b.n) / float64(most)
		fmt.Fprintf(&s, `<text x="%d" y="%d" text-anchor="end">%s</text>`, labels-8, y+17, template.HTMLEscapeString(shorten(b.label, 24)))
		fmt.Fprintf(&s, `<rect class="bar %s" x="%d" y="%d" width="%.1f" height="%d" rx="2"><title>%s: %d</title></rect>`,
			template.HTMLEscapeString(b.class), labels, y+4, max(w, 1), rowHeight-8, template.HTMLEscapeString(b.label), b.n)
		fmt.Fprintf(&s, `<text x="%.1f" y="%d">%d</text>`, float64(labels)+max(w, 1)+6, y+17, b.n)
	}
	s.WriteString(`</svg>`)
	return template.HTML(s.String()) // all text in it is escaped
}

// column of a timeline.
type slot struct {
	label string
	n     int64
}

// timeline puts requests by hour into at most maxSlots slots: hours, days, weeks
// or months of 30 days, or the years of the calendar.
func timeline(hours map[int64]int64) (slots []slot, unit string) {
	if len(hours) == 0 {
		return nil, ""
	}
	const maxSlots = 62
	keys := make([]int64, 0, len(hours))
	for h := range hours {
		keys = append(keys, h)
	}
	first, last := slices.Min(keys), slices.Max(keys)
	yearOf := func(hour int64) int64 { return int64(time.Unix(hour*3600, 0).UTC().Year()) }
	by := func(unit int64) func(int64) int64 { return func(hour int64) int64 { return hour / unit } }
	start := func(unit int64, layout string) func(int64) string {
		return func(n int64) string { return time.Unix(n*unit*3600, 0).UTC().Format(layout) }
	}
	for _, u := range []struct {
		name  string
		of    func(hour int64) int64 // the number of the slot
		label func(number int64) string
	}{
		{"hour", by(1), start(1, "2006-01-02 15:00")}, {"day", by(24), start(24, time.DateOnly)},
		{"week", by(7 * 24), start(7*24, time.DateOnly)}, {"30 days", by(30 * 24), start(30*24, time.DateOnly)},
		{"year", yearOf, func(n int64) string { return strconv.FormatInt(n, 10) }},
	} {
		from := u.of(first)
		n := u.of(last) - from + 1
		if n > maxSlots && u.name != "year" {
			continue
		}
		slots = make([]slot, min(n, maxSlots))
		for i := range slots {
			slots[i].label = u.label(from + int64(i))
		}
		for h, k := range hours {
			slots[min(u.of(h)-from, int64(len(slots)-1))].n += k
		}
		return slots, u.name
	}
	return nil, ""
}

// columnChart draws slots as columns.
func columnChart(title string, slots []slot) template.HTML {
	const width, height, foot = chartWidth, 140, 20
	var most int64 = 1
	for _, s := range slots {
		most = max(most, s.n)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg class="chart" role="img" viewBox="0 0 %d %d" aria-label="%s">`, width, height+foot, template.HTMLEscapeString(title))
	step := float64(width) / float64(max(len(slots), 1))
	for i, c := range slots {
		h := float64(height-16) * float64(c.n) / float64(most)
		fmt.Fprintf(&s, `<rect class="bar" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s: %d</title></rect>`,
			float64(i)*step+1, float64(height)-h, max(step-2, 1), h, template.HTMLEscapeString(c.label), c.n)
	}
	fmt.Fprintf(&s, `<text x="0" y="12">%d</text>`, most)
	if len(slots) > 0 {
		fmt.Fprintf(&s, `<text x="0" y="%d">%s</text>`, height+15, template.HTMLEscapeString(slots[0].label))
		fmt.Fprintf(&s, `<text x="%d" y="%d" text-anchor="end">%s</text>`, width, height+15, template.HTMLEscapeString(slots[len(slots)-1].label))
	}
	s.WriteString(`</svg>`)
	return template.HTML(s.String()) // all text in it is escaped
}

func shorten(s string, n int) string {
	r := []rune(printable(s))
	if len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return string(r)
}
