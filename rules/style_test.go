package rules_test

import (
	"reflect"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestStylesAndValues holds that a rule tells findings apart by how certain they
// are and by their value, and that each is replaced in the style of its rule.
func TestStylesAndValues(t *testing.T) {
	e := engine(t, policies(t, `policies:
  - name: known-test-card
    when: {finding: [fc27bef4b5160f4d], detector: [payment_card], service: [ChatGPT]}
    action: allow
    until: 2027-01-31
    match:
      - {service: ChatGPT, findings: [{class: payment_card, detector: payment_card, finding: fc27bef4b5160f4d}]}
    no_match:
      - {service: ChatGPT, findings: [{class: payment_card, detector: payment_card, finding: fc27bef4b5160f4e}]}
  - name: mask-cards
    when: {class: [payment_card], min_confidence: 0.8}
    action: redact
    style: mask
    match:
      - {findings: [{class: payment_card, confidence: 0.9}]}
    no_match:
      - {findings: [{class: payment_card, confidence: 0.7}]}
`))
	x := request(traffic.StatusApproved)
	for _, f := range []traffic.Finding{
		{Confidence: 0.9, Print: "fc27bef4b5160f4d"}, {Confidence: 0.9, Print: "0123456789abcdef"}, {Confidence: 0.6},
	} {
		f.Class, f.Detector = traffic.ClassPaymentCard, "payment_card"
		x.Findings = append(x.Findings, f)
	}
	d := e.Decide(x)
	if !reflect.DeepEqual(d.Redact, []int{1, 2}) || d.Style(0) != traffic.StyleMask || d.Style(1) != "" {
		t.Errorf("Decide = %+v, want the second masked and the third with a placeholder", d)
	}
}
