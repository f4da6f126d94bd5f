package dlp_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestLabel(t *testing.T) {
	d := rules.Detector{Name: "x", Class: traffic.ClassCustom, Anchor: rules.AnchorLabel, Keywords: []string{"bic", "swift code"}, Pattern: `[A-Z]{8}`, Confidence: 0.9}
	s, err := dlp.New([]rules.Detector{d}, traffic.Key{}, dlp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text string
		want bool
	}{
		{"BIC: ABNANL2A or ABNANLAA", true},
		{"BIC ABNANLAA", true},
		{`{"bic": "ABNANLAA"}`, true},
		{`{"field": "BIC", "value": "ABNANLAA"}`, true},
		{"<bic>ABNANLAA</bic>", true},
		{"bankBic = ABNANLAA", true},
		{"Is ABNANLAA a valid BIC?", true},
		{"name,BIC,city\nAnna,ABNANLAA,Oslo", true},
		{"the SWIFT code of our bank is ABNANLAA", true},
		{"aerobic ABNANLAA", false},
		{"bicycle ABNANLAA", false},
		{"BIC", false},
		{"BIC and then very much else before something like ABNANLAA", false},
		{"BIC: ABNANLAAX", false},
	} {
		if hits := s.ScanText([]byte(tt.text), nil); len(hits) > 0 != tt.want {
			t.Errorf("%q: %v, want %v", tt.text, hits, tt.want)
		}
	}
}

// TestNamed holds that the name of a part counts as if it stood before the text.
func TestNamed(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, tt := range []struct{ name, text, want string }{
		{"password", "k7!mQ2vX9zR4", "assigned_secret"},
		{"", "k7!mQ2vX9zR4", ""},
		{"password", "please reset it for me today", ""},
		{"pesel", "44051401359", "pl_pesel"},
		{"city", "44051401359", ""},
	} {
		got := ""
		for _, f := range s.Scan(&traffic.Prompt{Parts: []traffic.Part{{Kind: traffic.PartText, Name: tt.name, Text: []byte(tt.text)}}}) {
			got = f.Detector
		}
		if got != tt.want {
			t.Errorf("%q under the name %q: %q, want %q", tt.text, tt.name, got, tt.want)
		}
	}
}
