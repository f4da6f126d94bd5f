package risk_test

import (
	"fmt"

	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func ExampleAssess() {
	method := rules.Embedded().Method("exposure")
	a, err := risk.Assess(method, risk.Inputs{
		Service: "duck-ai",
		Read:    400,
		Exposure: map[rules.Exposure]risk.Figure{
			rules.ActiveUsers:    {Value: 12, Source: "register"},
			rules.PromptsPerDay:  {Value: 40, Source: "register"},
			rules.SensitiveShare: {Value: 0.01, Source: "register"},
		},
		Classes:  []risk.DataClass{{Class: traffic.ClassSecret, Count: 4, Source: "findings"}},
		Measures: map[rules.RiskMeasure]risk.Ratio{rules.MeasureInspected: {Part: 400, Whole: 400}, rules.MeasureHandled: {Part: 4, Whole: 4}},
		Overrides: []risk.Override{
			{What: risk.OverConsequence, Value: 4, Reason: "the secrets were test keys", By: "ann"},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("inherent %d (%s), residual %d (%s), by %s %s\n", a.Inherent, a.InherentLevel, a.Residual, a.Level, a.Method, a.Version)
	fmt.Printf("%s: %s\n", a.Controls[0].Title, a.Controls[0].How)
	fmt.Printf("%s was %s: %s (%s)\n", a.Overrides[0].What, a.Overrides[0].Was, a.Overrides[0].Reason, a.Overrides[0].By)
	// Output:
	// inherent 12 (high), residual 4 (low), by exposure 1.0
	// Sensitive prompts redacted, pseudonymised or blocked: sensitive_handled 4 of 4, of inspected 400 of 400, capped at 0.9
	// consequence was 5: the secrets were test keys (ann)
}
