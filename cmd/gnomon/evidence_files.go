package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/assess"
	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/inventory/privacy"
	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
)

// packOrder is a pack as it was asked for.
type packOrder struct {
	period, out, organisation, method string
	force                             bool
	k                                 int // groups of fewer people are not shown

	span    assess.Period
	now     time.Time
	by      string
	keyFile string
	book    *inventory.Book // the state that the pack shows
	sums    evidence.Sums   // what comparing the sums of the store found
	open    []*os.File      // of aside
}

// contents makes all files of a pack that come from elsewhere than the log. Where
// the store can't hold still it is tried again, a few times, when something changed
// meanwhile.
func (o *packOrder) contents(ctx context.Context, inv *inventory.Inventory, set *rules.Set, key evidence.PublicKey, c *evidence.Counted) (*evidence.Contents, error) {
	for try := 1; ; try++ {
		o.closeAside()
		before, err := inv.State(ctx)
		if err != nil {
			return nil, err
		}
		out, report, err := o.gather(ctx, inv, set, key, c)
		if err != nil {
			return nil, err
		}
		after, err := inv.State(ctx)
		if err != nil {
			return nil, err
		}
		if report.Moved = before != after; !report.Moved || try == maxTries {
			return out, nil
		}
	}
}

// maxTries bounds how often the tables of a pack are made again.
const maxTries = 3

// gather makes them once.
func (o *packOrder) gather(ctx context.Context, inv *inventory.Inventory, set *rules.Set, key evidence.PublicKey, c *evidence.Counted) (*evidence.Contents, *evidence.Report, error) {
	r, err := riskRegister(ctx, inv, set, riskFlags{o.period, o.method, privacy.K(o.k)}, o.now)
	if err != nil {
		return nil, nil, err
	}
	r.Book = o.book
	risks, err := r.Rows()
	if err != nil {
		return nil, nil, err
	}
	period := evidence.Period{Name: o.period, From: o.span.From, Until: o.span.Until}
	in := evidence.RegisterInput{Period: period, Made: o.now, Book: o.book, Services: r.Services, Counted: c, Rollups: r.Figures, K: privacy.K(o.k)}
	rows, err := in.Rows()
	if err != nil {
		return nil, nil, err
	}
	facts, err := soaFacts(ctx, inv, r, risks, packRef)
	if err != nil {
		return nil, nil, err
	}
	soa, err := soaOf(r, risks, defaultFramework, facts)
	if err != nil {
		return nil, nil, err
	}
	ids, err := register.IDs(ctx, inv)
	if err != nil {
		return nil, nil, err
	}
	uses, err := o.useCases(ctx, inv, set, ids, rows)
	if err != nil {
		return nil, nil, err
	}
	excepted, err := inventory.ExceptionsIn(o.book, o.now)
	if err != nil {
		return nil, nil, err
	}
	out := &evidence.Contents{Register: rows}
	table := evidence.RegisterTable(rows)
	out.Files = append(out.Files,
		evidence.File{Name: "register.csv", Write: table.CSV},
		evidence.File{Name: "register.xlsx", Write: table.XLSX},
		evidence.File{Name: "risk-register.csv", Write: riskTable(risks).CSV},
		evidence.File{Name: "soa-42001.csv", Write: soaTable(soa).CSV},
		evidence.File{Name: "exceptions.csv", Write: exceptionTable(excepted).CSV},
		evidence.File{Name: "ai-bom.cdx.json", Write: func(w io.Writer) error { return evidence.WriteBOM(w, rows, period, o.now, version) }},
	)
	oscal, err := o.oscal(set, facts, risks)
	if err != nil {
		return nil, nil, err
	}
	policy, err := evidence.PolicyHistory(o.book, period)
	if err != nil {
		return nil, nil, err
	}
	report, err := o.report(r, risks, rows, soa, c)
	if err != nil {
		return nil, nil, err
	}
	report.Period, report.Signer = period, key.Fingerprint()
	out.Files = slices.Concat(out.Files, uses, oscal, policy)
	out.Files = append(out.Files,
		evidence.File{Name: "summary.html", Write: report.Summary},
		evidence.File{Name: "coverage.md", Write: report.Coverage},
		evidence.File{Name: "README.md", Write: report.Readme},
	)
	return out, report, nil
}

// packRef names the file of a pack that shows the answer to a query.
func packRef(q rules.EvidenceQuery) string {
	switch q {
	case rules.EvidenceRisks:
		return "risk-register.csv"
	case rules.EvidenceEvents, rules.EvidenceEnforcement, rules.EvidenceRedactions, rules.EvidenceBlocks, rules.EvidenceCoaching, rules.EvidenceUsage, rules.EvidenceClients, rules.EvidencePseudonyms:
		return "events/"
	case rules.EvidencePolicies, rules.EvidenceConfig, rules.EvidenceAccess:
		return "policy/history.json"
	case rules.EvidenceCoverage, rules.EvidenceBypass:
		return "coverage.md"
	case rules.EvidenceModels, rules.EvidenceSuppliers:
		return "ai-bom.cdx.json"
	case rules.EvidenceRegister, rules.EvidenceData, rules.EvidenceOwners:
		return "register.json"
	case rules.EvidenceDecisions, rules.EvidenceDeletions, rules.EvidenceAlerts, rules.EvidenceTriggers, rules.EvidenceConcerns, rules.EvidenceManifests, rules.EvidenceReassessment:
		return "ledger.jsonl"
	}
	return ""
}

// oscal makes the three OSCAL documents.
func (o *packOrder) oscal(set *rules.Set, facts controls.Facts, risks []assess.Row) ([]evidence.File, error) {
	h := controls.Header{Organisation: o.organisation, Version: o.period, At: o.now, Tool: version}
	frameworks := []string{defaultFramework} // the first one holds the risks
	for i := range set.Frameworks {
		if id := set.Frameworks[i].ID; id != defaultFramework {
			frameworks = append(frameworks, id)
		}
	}
	entries := make([]risk.Entry, len(risks))
	for i := range risks {
		entries[i] = risk.Entry{ID: risks[i].ID, Assessment: risks[i].Assessment, Treatment: risks[i].Treatment}
	}
	crosswalk, err := controls.Crosswalk(set, "iso27001", h) // the relations are data of that framework
	if err != nil {
		return nil, err
	}
	component, err := controls.Definition(set, frameworks, h)
	if err != nil {
		return nil, err
	}
	results, err := controls.Observed(set, frameworks, facts, entries, h)
	if err != nil {
		return nil, err
	}
	return []evidence.File{
		{Name: "crosswalk.oscal.json", Write: indented(crosswalk)},
		{Name: "component-definition.oscal.json", Write: indented(component)},
		{Name: "assessment-results.oscal.json", Write: results.Write},
	}, nil
}

func indented(v any) func(io.Writer) error {
	return func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	}
}

// report puts together what the pages for people show.
func (o *packOrder) report(r *assess.Register, risks []assess.Row, rows []evidence.Row, soa *controls.SoA, c *evidence.Counted) (*evidence.Report, error) {
	metrics, err := assess.Metrics(r.Services, r.Figures, o.book, o.span)
	if err != nil {
		return nil, err
	}
	out := &evidence.Report{
		Organisation: o.organisation, Program: version, Made: o.now, By: o.by, Head: fmt.Sprint(o.book.Chain().Head), K: int64(o.k),
		Counted: c, Rows: rows, Metrics: metrics, Risks: risks, SoA: soa, Sums: o.sums,
	}
	names := make(map[string]string, len(rows))
	for i := range rows {
		names[rows[i].ID] = rows[i].Service
	}
	for id, history := range o.book.Subjects(inventory.TopicDecision) {
		for i := range history {
			e := &history[i]
			if !o.span.Contains(e.Time) {
				continue
			}
			d, err := inventory.Read[inventory.Decision](e)
			if err != nil {
				return nil, err
			}
			out.Decisions = append(out.Decisions, evidence.Decided{Service: cmp.Or(names[id], id), By: e.By, Time: e.Time, Decision: d})
		}
	}
	slices.SortStableFunc(out.Decisions, func(a, b evidence.Decided) int { return a.Time.Compare(b.Time) })
	return out, nil
}
