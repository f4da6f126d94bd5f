package evidence

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/visible"
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/traffic"
)

//go:embed assets
var assets embed.FS

// Report is what the pages for people are made of.
type Report struct {
	Organisation string
	Program      string
	Made         time.Time
	By           string
	Period       Period
	Signer       string
	Head         string // hash of the last entry of the ledger
	K            int64  // groups of fewer people are not shown; 0: 5
	Counted      *Counted
	Rows         []Row
	Metrics      []assess.Metric
	Risks        []assess.Row
	SoA          *controls.SoA
	Decisions    []Decided
	Sums         Sums // of the store, compared with the seals
	Moved        bool // the tables are not all of one moment: sightings came while they were made
}

// Decided is a decision of the period.
type Decided struct {
	Service string
	By      string
	Time    time.Time
	inventory.Decision
}

// top bounds the lists of the summary.
const top = 10

// page is a Report with what the templates ask for.
type page struct{ *Report }

// Summary writes the management summary: one page of HTML without scripts,
// links or anything that is loaded, made to be printed on A4.
func (r *Report) Summary(w io.Writer) error {
	t, err := template.New("summary.html").Funcs(template.FuncMap{"day": dayOf, "plural": plural}).ParseFS(assets, "assets/summary.html")
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := t.Execute(&b, page{r}); err != nil {
		return err
	}
	_, err = io.WriteString(w, visible.Page(b.String()))
	return err
}

// Coverage writes what was seen, what was not, and why (Markdown).
func (r *Report) Coverage(w io.Writer) error { return r.markdown(w, "coverage.md") }

// Readme writes what the pack proves and what it does not (Markdown).
func (r *Report) Readme(w io.Writer) error { return r.markdown(w, "README.md") }

func (r *Report) markdown(w io.Writer, name string) error {
	t, err := texttemplate.New(name).Funcs(texttemplate.FuncMap{"day": dayOf, "md": markdown, "code": codeSpan, "plural": plural}).ParseFS(assets, "assets/"+name)
	if err != nil {
		return err
	}
	return t.Execute(w, page{r})
}

// markdown keeps a stranger's text from becoming markup or a row of a table.
func markdown(v any) string {
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune("|`<>[]*_#&\\!", r) {
			return '\uFFFD'
		}
		return r
	}, fmt.Sprint(v))
	return strings.ReplaceAll(visible.Line(text), `\`, `\\`) // of what was written out: Markdown eats one
}

// codeSpan writes a text in which nothing is markup.
func codeSpan(text string) string {
	return "`" + strings.ReplaceAll(visible.Line(text), "`", "\uFFFD") + "`"
}

// plural returns the word that goes with a number, of any kind of integer.
func plural(n any, one, many string) string {
	if fmt.Sprint(n) == "1" {
		return one
	}
	return many
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// LastDay returns the last day of the period.
func (p page) LastDay() time.Time { return p.Period.Until.Add(-time.Nanosecond) }

// Upto says when the period ends; of one that is under way, how far it goes.
func (p page) Upto() string {
	if p.Made.Before(p.Period.Until) {
		return fmt.Sprintf("%s (so far, until %s)", dayOf(p.LastDay()), dayOf(p.Made))
	}
	return dayOf(p.LastDay())
}

func (p page) k() int64 {
	if p.K > 0 {
		return p.K
	}
	return 5
}

// Few returns the number of people that a group must have to be shown.
func (p page) Few() int64 { return p.k() }

// People writes a number of people: a small one tells too much of each.
func (p page) People(n int64) string { return p.Number(privacy.Number{N: n}) }

// Number is People of a number that may be a bound.
func (p page) Number(n privacy.Number) string {
	if k := privacy.K(p.k()); !k.Small(n.N) {
		return k.Text(n)
	}
	return fmt.Sprintf("fewer than %d", p.k())
}

// Departments returns departments of at least k people in each month, and all
// others as one where these are k people. As many others join the small ones as it
// takes: the number of all requests is known, and who subtracts learns what the one
// row says anyway. Who subtracts another pack, of some of the months, is left with
// months of k people.
func (p page) Departments() (list []Group) {
	groups := p.Counted.Groups
	people := make([]int64, len(groups))
	for i := range groups {
		people[i] = least(groups[i:i+1], []bool{true})
	}
	hidden := privacy.Hide(privacy.K(p.k()), people, func(some []bool) int64 { return least(groups, some) })
	rest := Group{Name: fmt.Sprintf("others, most of fewer than %d people each", p.k())}
	for i, g := range groups {
		if !hidden[i] && len(list) < 2*top {
			list = append(list, g)
			continue
		}
		hidden[i] = true
		rest.Requests += g.Requests
	}
	if rest.Users = together(groups, hidden); rest.Users > 0 && least(groups, hidden) >= p.k() {
		list = append(list, rest)
	}
	return list
}

// Months says which months the departments are of, "" when none is over, or all
// are shown.
func (p page) Months() string {
	if p.K == 1 {
		return ""
	}
	first, end := privacy.Months(p.Period.From, p.Period.Until, p.Made)
	if last := end.AddDate(0, -1, 0); last.Equal(first) {
		return first.Format("2006-01")
	} else if last.After(first) {
		return first.Format("2006-01") + " to " + last.Format("2006-01")
	}
	return ""
}

// Top returns the most used services.
func (p page) Top() []Row { return p.Rows[:min(len(p.Rows), top)] }

// TopRisks returns the highest residual risks.
func (p page) TopRisks() []assess.Row { return p.Risks[:min(len(p.Risks), top)] }

// Residual returns the residual risk of a service.
func (p page) Residual(id string) string {
	for i := range p.Risks {
		if p.Risks[i].ID == id {
			return fmt.Sprintf("%d %s", p.Risks[i].Assessment.Residual, p.Risks[i].Assessment.Level)
		}
	}
	return ""
}

// Findings counts what was found in prompts.
func (p page) Findings() (n int64) {
	for _, c := range p.Counted.Totals.Findings {
		n += c
	}
	return n
}

// KeptBack counts requests that were altered or blocked.
func (p page) KeptBack() int64 {
	a := p.Counted.Totals.Actions
	return a[traffic.ActionRedact] + a[traffic.ActionPseudonymise] + a[traffic.ActionBlock]
}

// Percent returns a share.
func (p page) Percent(part int64) string {
	c := p.Counted.Totals.Coverage
	whole := c.Inspected + c.MetadataOnly + c.Blind
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

// Attention is something that somebody has to look at.
type Attention struct {
	What  string
	Count int
	Names string
}

// Attention lists what waits for people.
func (p page) Attention() (list []Attention) {
	add := func(what string, names []string) {
		if len(names) > 0 {
			shown := strings.Join(names[:min(len(names), top)], ", ")
			if len(names) > top {
				shown += fmt.Sprintf(" and %d more", len(names)-top)
			}
			list = append(list, Attention{what, len(names), shown})
		}
	}
	byStatus := make(map[traffic.Status][]string)
	for i := range p.Rows {
		if p.Rows[i].Seen.Requests > 0 {
			byStatus[p.Rows[i].Status] = append(byStatus[p.Rows[i].Status], p.Rows[i].Service)
		}
	}
	add("in use, and nobody has reviewed them", byStatus[traffic.StatusUnreviewed])
	add("in use while in review, or since their approval ended", byStatus[traffic.StatusInReview])
	add("used or tried although they are refused", byStatus[traffic.StatusRefused])
	add("used although they are retired", byStatus[traffic.StatusRetired])
	var overdue, expired, again []string
	for i := range p.Risks {
		r := &p.Risks[i]
		if slices.Contains(r.States, risk.Overdue) {
			overdue = append(overdue, r.Service)
		}
		if slices.Contains(r.States, risk.Expired) {
			expired = append(expired, r.Service)
		}
		if len(r.Triggers) > 0 {
			again = append(again, r.Service)
		}
	}
	add("whose risk treatment is overdue", overdue)
	add("whose accepted risk must be accepted anew", expired)
	add("whose risk must be assessed again", again)
	return list
}

// Statuses counts controls by how far they are implemented.
func (p page) Statuses() (list []Attention) {
	n := make(map[string]int)
	for i := range p.SoA.Rows {
		n[string(p.SoA.Rows[i].Status)]++
	}
	for _, s := range slices.Sorted(maps.Keys(n)) {
		list = append(list, Attention{What: strings.ReplaceAll(s, "_", " "), Count: n[s]})
	}
	return list
}

// Unreasoned counts controls for which nobody has given a reason.
func (p page) Unreasoned() (n int) {
	for i := range p.SoA.Rows {
		if strings.TrimSpace(p.SoA.Rows[i].Reason) == "" {
			n++
		}
	}
	return n
}

// LastDecisions returns the newest decisions of the period.
func (p page) LastDecisions() []Decided {
	return p.Decisions[max(0, len(p.Decisions)-2*top):]
}

// Reasons lists why requests were not inspected.
func (p page) Reasons() (list []Attention) {
	n := make(map[string]int64)
	for i := range p.Rows {
		for why, c := range p.Rows[i].Seen.Reasons {
			n[why] += c
		}
	}
	for _, why := range slices.Sorted(maps.Keys(n)) {
		list = append(list, Attention{What: why, Count: int(n[why])})
	}
	return list
}

// Sensors lists what was watching.
func (p page) Sensors() (list []Attention) {
	n := make(map[string]int64)
	for _, f := range p.Counted.Figures {
		for sensor, c := range f.Sensors {
			n[sensor] += c
		}
	}
	for _, s := range slices.Sorted(maps.Keys(n)) {
		list = append(list, Attention{What: s, Count: int(n[s])})
	}
	return list
}

// Proven counts the seals whose sightings in the pack can be compared with them.
func (p page) Proven() (n int) {
	for i := range p.Counted.Seals {
		if s := &p.Counted.Seals[i]; s.File != "" && !s.Unproven() {
			n++
		}
	}
	return n
}

// Unproven lists the seals with sightings in the pack that can't be.
func (p page) Unproven() (list []SealFile) {
	for _, s := range p.Counted.Seals {
		if s.Unproven() {
			list = append(list, s)
		}
	}
	return list
}

// Lost lists the seals of the period of which sightings are missing.
func (p page) Lost() (list []SealFile) {
	for _, s := range p.Counted.Seals {
		if s.Deleted > 0 || len(s.Broken) > 0 {
			list = append(list, s)
		}
	}
	return list
}
