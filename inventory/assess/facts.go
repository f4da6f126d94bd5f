package assess

import (
	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// FactsInput is what the facts of a statement of applicability are counted from.
type FactsInput struct {
	Set      *rules.Set
	Book     *inventory.Book
	Services []inventory.Service
	Figures  map[string]*Figures
	Risks    []Row
	Period   Period
	Agents   int64 // programs seen
	People   int64 // pseudonyms on record
	Drift    int64 // differences between declared and observed; below 0: not looked for
	Ref      func(q rules.EvidenceQuery) string
}

// Facts answers the queries that the record can answer. One that is absent was
// not collected.
func Facts(in *FactsInput) controls.Facts {
	f := controls.Facts{From: in.Period.From, To: in.Period.Until, Observed: make(map[rules.EvidenceQuery]controls.Fact)}
	put := func(q rules.EvidenceQuery, n int64) {
		if n < 0 {
			return
		}
		fact := controls.Fact{Count: n}
		if in.Ref != nil {
			fact.Ref = in.Ref(q)
		}
		f.Observed[q] = fact
	}
	in.observed(put)
	in.recorded(put)
	put(rules.EvidenceRisks, int64(len(in.Risks)))
	put(rules.EvidenceDrift, in.Drift)
	put(rules.EvidenceBypass, in.bypassed())
	put(rules.EvidencePseudonyms, in.People)
	put(rules.EvidenceClients, in.Agents)
	put(rules.EvidenceCatalogue, int64(len(in.Set.Services)+len(in.Set.Detectors)))
	put(rules.EvidenceAccess, int64(len(in.Set.Policies)))
	return f
}

// bypassed counts the services of which some use passed uninspected because
// their scope or the policy said so.
func (in *FactsInput) bypassed() (n int64) {
	for _, f := range in.Figures {
		if f.Reasons[traffic.ReasonTunnelled]+f.Reasons[traffic.ReasonBypassed] > 0 {
			n++
		}
	}
	return n
}

// observed counts what was seen in the period.
func (in *FactsInput) observed(put func(rules.EvidenceQuery, int64)) {
	var requests, sensitive, services, redacted, blocked, acted, events int64
	models, suppliers := make(map[string]bool), make(map[string]bool)
	for _, f := range in.Figures {
		services++
		requests += f.Requests
		if len(f.Classes) > 0 {
			sensitive++
		}
		for m := range f.Models {
			models[m] = true
		}
		redacted += f.Actions[traffic.ActionRedact] + f.Actions[traffic.ActionPseudonymise]
		blocked += f.Actions[traffic.ActionBlock]
		for a, n := range f.Actions {
			if a != traffic.ActionAllow {
				acted += n
			}
		}
		events += f.Total()
	}
	put(rules.EvidenceRegister, services)
	put(rules.EvidenceUsage, requests)
	put(rules.EvidenceModels, int64(len(models)))
	put(rules.EvidenceData, sensitive)
	put(rules.EvidenceRedactions, redacted)
	put(rules.EvidenceBlocks, blocked)
	put(rules.EvidenceCoaching, blocked) // a refusal tells its user why
	put(rules.EvidenceEnforcement, acted)
	put(rules.EvidenceCoverage, events)
	owners := int64(0)
	for i := range in.Services {
		s := &in.Services[i]
		if s.Owner != "" {
			owners++
		}
		if s.Vendor != "" && in.Figures[s.ID] != nil {
			suppliers[s.Vendor] = true
		}
	}
	put(rules.EvidenceOwners, owners)
	put(rules.EvidenceSuppliers, int64(len(suppliers)))
}

// recorded counts what the ledger holds of the period.
func (in *FactsInput) recorded(put func(rules.EvidenceQuery, int64)) {
	count := func(match func(*ledger.Entry) bool, topics ...inventory.Topic) (n int64) {
		for _, t := range topics {
			for _, history := range in.Book.Subjects(t) {
				for i := range history {
					if in.Period.Contains(history[i].Time) && (match == nil || match(&history[i])) {
						n++
					}
				}
			}
		}
		return n
	}
	put(rules.EvidenceDecisions, count(nil, inventory.TopicDecision))
	put(rules.EvidencePolicies, count(nil, inventory.TopicPolicy))
	put(rules.EvidenceConfig, count(nil, inventory.TopicSettings))
	put(rules.EvidenceDeletions, count(nil, inventory.TopicDeletion))
	put(rules.EvidenceAlerts, count(nil, inventory.TopicAlert))
	put(rules.EvidenceTriggers, count(nil, inventory.TopicTrigger))
	put(rules.EvidenceConcerns, count(nil, inventory.TopicException))
	put(rules.EvidenceManifests, count(nil, inventory.TopicEvidence))
	put(rules.EvidenceReassessment, count(isAssessment, inventory.TopicRisk))
	var events int64
	for _, e := range in.Book.History(inventory.TopicSeal, "") {
		s, err := inventory.Read[inventory.Seal](&e)
		if err == nil && s.First.Before(in.Period.Until) && !s.Last.Before(in.Period.From) {
			events += s.Events
		}
	}
	put(rules.EvidenceEvents, events)
}

func isAssessment(e *ledger.Entry) bool {
	n, err := inventory.Read[Note](e)
	return err == nil && n.Assessed != nil
}

// Statements reads the statements on the controls of a framework from the
// ledger; subjects are "framework/control".
func Statements(b *inventory.Book, framework string) (map[string]controls.Statement, error) {
	out := make(map[string]controls.Statement)
	for subject, history := range b.Subjects(inventory.TopicStatement) {
		if len(subject) <= len(framework) || subject[:len(framework)] != framework || subject[len(framework)] != '/' {
			continue
		}
		s, err := inventory.Read[controls.Statement](&history[len(history)-1])
		if err != nil {
			return nil, err
		}
		out[subject[len(framework)+1:]] = s
	}
	return out, nil
}

// Treated says which risks each control of a framework treats: those that the
// method measures, on services where they counted.
func Treated(rows []Row, framework string) map[string][]string {
	out := make(map[string][]string)
	for i := range rows {
		for _, c := range rows[i].Assessment.Controls {
			if !c.Counts || c.Effectiveness <= 0 {
				continue
			}
			for _, key := range c.Satisfies {
				if len(key) > len(framework)+1 && key[:len(framework)+1] == framework+"/" {
					id := key[len(framework)+1:]
					if n := len(out[id]); n == 0 || out[id][n-1] != rows[i].ID { // a service has one row
						out[id] = append(out[id], rows[i].ID)
					}
				}
			}
		}
	}
	return out
}
