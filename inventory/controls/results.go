package controls

import (
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
)

// ResultsDocument is an OSCAL document of assessment results. The risks of its
// first result are made as they are written: there is one for each service.
type ResultsDocument struct {
	Results AssessmentResults

	risks  []risk.Entry
	header Header
}

// Write writes the document.
func (r *ResultsDocument) Write(w io.Writer) error { return r.write(w, "  ") }

func (r *ResultsDocument) write(w io.Writer, indent string) error {
	results := r.Results.Results
	d := export.NewDocument(w, indent)
	d.Object("", func() {
		d.Object("assessment-results", func() {
			d.Members(r.Results.resultsHead)
			d.Array("results", func() {
				for i := range results {
					d.Object("", func() {
						d.Members(results[i])
						if i == 0 && len(r.risks) > 0 {
							export.List(d, "risks", r.each(results[0].UUID))
						}
					})
				}
			})
			d.Object("back-matter", func() { d.Members(r.Results.BackMatter) })
		})
	})
	return d.Close()
}

// each yields the risks of a result.
func (r *ResultsDocument) each(result string) iter.Seq[Risk] {
	return func(yield func(Risk) bool) {
		for i := range r.risks {
			if !yield(riskOf(&r.risks[i], result, &r.header)) {
				return
			}
		}
	}
}

// AssessmentResults holds one result for each framework.
type AssessmentResults struct {
	resultsHead
	Results    []Result
	BackMatter BackMatter
}

type resultsHead struct {
	UUID     string   `json:"uuid"`
	Metadata Metadata `json:"metadata"`
	Plan     Link     `json:"import-ap"`
}

// Result is what was observed in a period. It has no findings: whether a control
// is met is for people to say.
type Result struct {
	UUID         string        `json:"uuid"`
	Title        string        `json:"title"`
	Description  string        `json:"description"`
	Start        string        `json:"start"`
	End          string        `json:"end"`
	Props        []Property    `json:"props"`
	Local        Local         `json:"local-definitions"`
	Reviewed     Reviewed      `json:"reviewed-controls"`
	Observations []Observation `json:"observations,omitempty"`
}

// Local defines who observed.
type Local struct {
	Assets Assets `json:"assessment-assets"`
}

// Assets are the tools of an assessment.
type Assets struct {
	Components []Tool     `json:"components"`
	Platforms  []Platform `json:"assessment-platforms"`
}

// Tool is a program that observes.
type Tool struct {
	UUID        string     `json:"uuid"`
	Type        string     `json:"type"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Props       []Property `json:"props"`
	Status      ToolStatus `json:"status"`
}

// ToolStatus says whether it runs.
type ToolStatus struct {
	State string `json:"state"`
}

// Platform is where tools run.
type Platform struct {
	UUID string    `json:"uuid"`
	Uses []ToolRef `json:"uses-components"`
}

// ToolRef names a tool.
type ToolRef struct {
	UUID string `json:"component-uuid"`
}

// Reviewed names the controls that were looked at.
type Reviewed struct {
	Description string      `json:"description"`
	Selections  []Selection `json:"control-selections"`
}

// Selection is a set of controls.
type Selection struct {
	Include []ControlRef `json:"include-controls"`
}

// ControlRef names a control.
type ControlRef struct {
	ID string `json:"control-id"`
}

// Observation is the answer to one query.
type Observation struct {
	UUID        string     `json:"uuid"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Props       []Property `json:"props"`
	Methods     []string   `json:"methods"`
	Types       []string   `json:"types"`
	Origins     []Origin   `json:"origins"`
	Relevant    []Relevant `json:"relevant-evidence,omitempty"`
	Collected   string     `json:"collected"`
}

// Origin says who observed.
type Origin struct {
	Actors []Actor `json:"actors"`
}

// Actor is one of an Origin.
type Actor struct {
	Type string `json:"type"`
	UUID string `json:"actor-uuid"`
}

// Relevant refers to evidence.
type Relevant struct {
	Href        string `json:"href,omitempty"`
	Description string `json:"description"`
}

// Observed returns what the facts of a period show about the controls of
// frameworks, and the risks, which stand under the first framework. At least one
// framework must have a control that is covered.
func Observed(set *rules.Set, frameworks []string, facts Facts, risks []risk.Entry, h Header) (*ResultsDocument, error) {
	plan := Resource{
		UUID: h.id("plan"), Title: "Continuous observation",
		Description: "There is no separate assessment plan: the gateway observes all traffic that it is given, and the frameworks' data say which records are evidence of which control.",
		Links:       []ResourceLink{{projectURL}},
	}
	a := AssessmentResults{
		resultsHead: resultsHead{Metadata: h.metadata("What Gnomon observed"), Plan: Link{Href: "#" + plan.UUID}}, BackMatter: BackMatter{[]Resource{plan}},
	}
	for _, id := range frameworks {
		f := set.Framework(id)
		if f == nil {
			return nil, fmt.Errorf("unknown framework %q", id)
		}
		if r, ok := result(set, f, facts, &h); ok {
			a.Results = append(a.Results, r)
		}
	}
	if len(a.Results) == 0 {
		return nil, fmt.Errorf("none of the frameworks %q has a control that is covered", frameworks)
	}
	r := &ResultsDocument{a, risks, h}
	id := newDocumentID("assessment-results")
	if err := r.write(id, ""); err != nil {
		return nil, fmt.Errorf("writing assessment results: %w", err)
	}
	r.Results.UUID = id.String()
	return r, nil
}

func result(set *rules.Set, f *rules.Framework, facts Facts, h *Header) (Result, bool) {
	r := Result{
		UUID: h.id("result", f.ID, stamp(facts.From), stamp(facts.To)), Title: line(f.Title + " " + f.Edition),
		Description: "Evidence that the record of the gateway holds. It does not say whether a control is met: that is for people to state.",
		Start:       stamp(facts.From), End: stamp(facts.To),
		Props: []Property{prop("framework", f.ID), prop("catalogue", f.Href), prop("checked-on", day(f.CheckedOn))},
	}
	tool := Tool{
		UUID: toolID(r.UUID), Type: "software", Title: "Gnomon", Description: gatewayText,
		Props: []Property{prop("version", h.Tool)}, Status: ToolStatus{"operational"},
	}
	r.Local.Assets = Assets{[]Tool{tool}, []Platform{{h.id("platform", r.UUID), []ToolRef{{tool.UUID}}}}}
	r.Reviewed.Description = "Controls that are shown directly or in part. All others were not looked at."
	var include []ControlRef
	of := make(map[rules.EvidenceQuery][]string)
	for _, c := range set.ControlsOf(f.ID) {
		if covered(c) {
			include = append(include, ControlRef{token(c.ID)})
			for _, q := range c.Evidence {
				of[q] = append(of[q], token(c.ID))
			}
		}
	}
	r.Reviewed.Selections = []Selection{{include}}
	for _, q := range rules.EvidenceQueries() {
		if fact, ok := facts.Observed[q]; ok && len(of[q]) > 0 {
			r.Observations = append(r.Observations, observation(q, fact, of[q], r.UUID, h))
		}
	}
	return r, len(include) > 0
}

func observation(q rules.EvidenceQuery, fact Fact, controls []string, result string, h *Header) Observation {
	o := Observation{
		UUID: h.id("observation", result, string(q)), Title: line(q.Text()), Description: fmt.Sprintf("%d %s", fact.Count, q.Text()),
		Props:   []Property{prop("query", string(q)), prop("count", fmt.Sprint(fact.Count))},
		Methods: []string{"EXAMINE"}, Types: []string{"discovery"}, Origins: []Origin{byTool(result)}, Collected: stamp(h.At),
	}
	for _, c := range slices.Compact(controls) {
		o.Props = append(o.Props, prop("control", c))
	}
	if fact.Ref != "" {
		o.Relevant = []Relevant{{href(fact.Ref), line(q.Text())}}
	}
	return o
}

// toolID names the program within a result: identifiers are declared once in a
// document.
func toolID(result string) string { return uuid5("tool\x1f" + result) }

func byTool(result string) Origin { return Origin{[]Actor{{"tool", toolID(result)}}} }
