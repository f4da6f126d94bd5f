package dlp_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

func TestAllow(t *testing.T) {
	const card, key = "4539148803436467", "AKIAZ7Q4MNPLK3WXR2TJ"
	until := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	now := until
	lists := []rules.Allow{
		{Name: "test-cards", Values: []string{"4539 1488 0343 6467"}, Class: []traffic.Class{traffic.ClassPaymentCard}, Reason: "of the test shop", Until: until},
		{Name: "own-mail", Patterns: []string{`[a-z]+@corp\.test`}, Detector: []string{"email"}, Reason: "our own", Until: until},
		{Name: "old-key", Values: []string{key}, Service: []string{"ChatGPT"}, Reason: "revoked", Until: until},
	}
	s := newScanner(t, dlp.Options{Allow: lists, Now: func() time.Time { return now }})
	found := func(text, service string) string {
		var out []string
		p := &traffic.Prompt{Service: service, Parts: []traffic.Part{{Kind: traffic.PartText, Text: []byte(text), End: len(text)}}}
		for _, f := range s.Scan(p) {
			out = append(out, f.Detector)
		}
		return strings.Join(out, " ")
	}
	b64 := base64.StdEncoding.EncodeToString([]byte("card " + card + " is it"))
	for _, tt := range []struct{ name, text, service, want string }{
		{"value", "card " + card, "", ""},
		{"with other separators", "card 4539-1488-0343-6467", "", ""},
		{"in disguise", b64, "", ""},
		{"another card", "card 5425233430109903", "", "payment_card"},
		{"pattern", "write to ann@corp.test", "", ""},
		{"beyond the pattern", "write to ann@corp.test.example.org", "", "email"},
		{"a service of its own", "key " + key, "ChatGPT", ""},
		{"another service", "key " + key, "Claude", "aws_access_key_id"},
		{"no service", "key " + key, "", "aws_access_key_id"},
	} {
		if got := found(tt.text, tt.service); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if hits := s.ScanText([]byte("card "+card+" "+b64), nil); len(hits) != 0 {
		t.Errorf("ScanText: %+v", hits)
	}
	if all := s.Explain([]byte("card "+card), 0.5); !slices.ContainsFunc(all, func(c dlp.Candidate) bool {
		return !c.Found && c.Why == "allowed by test-cards: of the test shop"
	}) {
		t.Errorf("Explain: %+v", all)
	}
	now = until.Add(24 * time.Hour)
	if got := found("card "+card, ""); got != "payment_card" {
		t.Errorf("after the last day: %q", got)
	}
}
