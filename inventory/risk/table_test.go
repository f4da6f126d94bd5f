package risk_test

import (
	"slices"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/risk"
	"github.com/gnomon-proxy/gnomon/rules"
)

func TestRecord(t *testing.T) {
	in := typical()
	delete(in.Exposure, rules.UploadBytes) // counts as 3: ceil(3.6) is 4 as before
	in.Overrides = []risk.Override{{What: risk.OverConsequence, Value: 3, Reason: "pilot", By: "ann", Time: day(20)}}
	e := risk.Entry{
		ID: "r1", Assessment: assess(t, in),
		Treatment: risk.Treatment{Option: risk.Modify, Plan: "redact more", Owner: "eva", Due: "2026-11-29"},
	}
	got := e.Record(day(30))
	want := []string{
		"r1", "chatgpt", "4", "3", "12", "high", "redaction=0.45; inspection=0.20", "2", "6", "medium", "tolerable", "upload_bytes",
		"consequence: 4 to 3 by ann (pilot)", "modify", "redact more", "eva", "2026-11-29", "", "", "", "", "overdue", "2026-11-30", "exposure", method().Version,
	}
	if !slices.Equal(got, want) || len(got) != len(risk.Columns()) {
		t.Errorf("%d columns\ngot  %q\nwant %q", len(risk.Columns()), got, want)
	}
}
