package controls_test

import (
	"fmt"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/controls"
	"github.com/gnomon-proxy/gnomon/rules"
)

func ExampleDraft() {
	soa, err := controls.Draft(rules.Embedded(), controls.Input{
		Framework: "iso42001",
		Version:   "2026Q4",
		At:        time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC),
		Facts: controls.Facts{Observed: map[rules.EvidenceQuery]controls.Fact{
			rules.EvidenceEvents:    {Count: 48211, Ref: "events/"},
			rules.EvidenceRetention: {Count: 3, Ref: "retention.json"},
		}},
		Statements: map[string]controls.Statement{
			"A.6.2.8": {Applicable: true, Reason: "staff use AI services", Owner: "it-security", By: "ann"},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range soa.Rows {
		if r.Control == "A.6.2.8" {
			fmt.Println(r.Title, "-", r.Status, "-", r.Reason)
		}
	}
	_, err = soa.Final()
	fmt.Println(err.(*controls.NotFinalError).Missing[0])
	// Output:
	// AI system recording of event logs - implemented - staff use AI services
	// {A.2.2 [reason who states it]}
}
