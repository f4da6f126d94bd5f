package dlp_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
)

// TestDear holds that no detector that ships is refused, and that one which
// looks at everything is.
func TestDear(t *testing.T) {
	text := dlp.Ordinary(32 << 10)
	dear, err := dlp.Dear(detectors(), text)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range dear {
		t.Errorf("%s: %s does %.2f steps a byte of ordinary text", c.Source, c.Detector, c.Work)
	}
	slow := rules.Detector{Name: "slow", Class: "custom", Confidence: 0.9, Pattern: `the[\s\S]{5,400}\x{00}`, Keywords: []string{"the"}}
	if dear, err := dlp.Dear([]rules.Detector{slow}, text); err != nil || len(dear) != 1 {
		t.Errorf("a slow detector: %+v, %v", dear, err)
	}
	costs, err := dlp.Costs([]rules.Detector{detectors()[0], slow}, text)
	if err != nil || len(costs) != 2 || costs[0].Detector != "slow" || costs[0].Work <= costs[1].Work {
		t.Errorf("Costs = %+v, %v", costs, err)
	}
}
