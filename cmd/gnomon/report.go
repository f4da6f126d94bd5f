package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/traffic"
)

//go:embed assets/report.html
var reportPage string

// reportData is what the page of the report shows.
type reportData struct {
	Version     string
	Made        time.Time
	First, Last time.Time
	Services    []reportService
	Left        int // services that are not shown
	Unknown     []unknownRow
	Hidden      []hiddenName
	Inputs      []inputReport
	Caveats     []string
	Lines       int64
	Skipped     int64
	Unreviewed  int
	Requests    int64
	Up, Down    int64
	Took        time.Duration
	People      []reportPeople // nil unless asked for
	Charts      []reportChart
	K           int64 // numbers of fewer people are not shown
}

type reportService struct {
	inventory.Service
	Blocked int64
	Noted   string
}

type reportPeople struct {
	Service string
	Users   []namedCount
}

type namedCount struct {
	Name string
	N    int64
}

type reportChart struct {
	Title string
	SVG   template.HTML
}

// writeReport writes the page whole or not at all.
func (d *discovered) writeReport(stdout io.Writer, o *discoverOptions) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"bytes": byteCount, "words": words, "percent": func(f float64) string { return fmt.Sprintf("%.0f %%", 100*f) },
		"when": func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return t.UTC().Format("2006-01-02 15:04")
		},
		"clean": printable, "people": o.k.Count,
	}).Parse(reportPage)
	if err != nil {
		return fmt.Errorf("making the report: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, d.reportData(o)); err != nil {
		return fmt.Errorf("making the report: %w", err)
	}
	return writeOut(stdout, o.html, []byte(visible.Page(b.String())), 0o600)
}

// maxReport bounds each table of the page: a browser has to draw it.
const maxReport = 1000

func (d *discovered) reportData(o *discoverOptions) *reportData {
	r := &reportData{
		Version: version, Made: time.Now().UTC(), Unknown: firstOf(d.Unknown, maxReport), Hidden: firstOf(d.names, maxReport),
		Inputs: firstOf(d.Inputs, maxReport), Caveats: d.caveats(), Unreviewed: d.unreviewed(), Took: d.took.Round(time.Millisecond),
		Left: max(0, len(d.Services)-maxReport), K: int64(o.k),
	}
	r.First, r.Last = d.span()
	for i := range d.Inputs {
		r.Lines += d.Inputs[i].Lines
		for _, n := range d.Inputs[i].Skipped {
			r.Skipped += n
		}
	}
	for i := range d.Services {
		s := &d.Services[i]
		r.Requests, r.Up, r.Down = r.Requests+s.Requests, r.Up+s.Up, r.Down+s.Down
		if i >= maxReport {
			continue
		}
		t := d.details[s.ID]
		row := reportService{Service: s.Service, Blocked: t.blocked, Noted: counts(t.noted)}
		if row.Noted == "-" {
			row.Noted = ""
		}
		r.Services = append(r.Services, row)
		if o.showUsers && len(t.byUser) > 0 {
			r.People = append(r.People, reportPeople{s.Service.Service, ranked(t.byUser)})
		}
	}
	r.Charts = d.charts()
	return r
}

func ranked(byUser map[string]int64) (list []namedCount) {
	for name, n := range byUser {
		list = append(list, namedCount{name, n})
	}
	slices.SortFunc(list, func(a, b namedCount) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	return firstOf(list, 100)
}

// charts draws what a table does not show at a glance.
func (d *discovered) charts() (list []reportChart) {
	const most = 15
	add := func(title string, svg template.HTML) { list = append(list, reportChart{title, svg}) }
	if len(d.Services) == 0 {
		return nil
	}
	var bars []bar
	for _, s := range firstOf(d.Services, most) {
		bars = append(bars, bar{s.Service.Service, s.Requests, string(s.Status)})
	}
	add("Requests by service", barChart("Requests by service, the most used first", bars))
	if slots, unit := timeline(d.hours); len(slots) > 1 {
		add("Requests by "+unit+" (UTC)", columnChart("Requests to AI services by "+unit, slots))
	}
	categories, status := make(map[string]int64), make(map[string]int64)
	for _, s := range d.Services {
		categories[cmp.Or(words(s.Category), "unknown")] += s.Requests
		status[string(s.Status)]++
	}
	bars = nil
	for _, s := range traffic.Statuses() {
		if n := status[string(s)]; n > 0 {
			bars = append(bars, bar{words(string(s)), n, string(s)})
		}
	}
	add("Services by status", barChart("Services by status", bars))
	bars = nil
	for _, name := range slices.SortedFunc(maps.Keys(categories), func(a, b string) int {
		return cmp.Or(cmp.Compare(categories[b], categories[a]), cmp.Compare(a, b))
	}) {
		bars = append(bars, bar{label: name, n: categories[name]})
	}
	add("Requests by category", barChart("Requests by category", firstOf(bars, most)))
	return list
}

// words writes an enum as people do.
func words(s any) string { return strings.ReplaceAll(fmt.Sprint(s), "_", " ") }
