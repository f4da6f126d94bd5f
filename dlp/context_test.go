package dlp_test

import (
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestContext holds where a context word counts and where it does not.
func TestContext(t *testing.T) {
	d := rules.Detector{Name: "x", Class: traffic.ClassCustom, Anchor: rules.AnchorNumber, Pattern: `\d{4}`, Confidence: 0.1, InContext: 0.9,
		Context: []string{"ssn", "cc", "passport", "id number", "身份"}, Against: []string{"inode"}}
	s, err := dlp.New([]rules.Detector{d}, traffic.Key{}, dlp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text string
		want bool
	}{
		{"ssn 1234", true},
		{"SSN: 1234", true},
		{"user_ssn=1234", true},
		{"customerSsn=1234", true},
		{"ssnValue 1234", true}, // two words
		{"assn 1234", false},
		{"ssns 1234", false},
		{"passports 1234", true},
		{"the ID number is 1234", true},
		{"1234 is the ssn", true},
		{"cc 1234", true},
		{"ccx 1234", false},
		{"身份证1234", true},
		{"1234", false},
		{"ssn" + strings.Repeat(" ", 60) + "1234", false},
		{"1234" + strings.Repeat(" ", 60) + "ssn", false},
		{strings.Repeat("ssn ", 200) + "1234", true},
		{strings.Repeat("cc ", 9) + strings.Repeat("ab ", 40) + "1234", false},
		{"ssn 1234 " + strings.Repeat("x ", 100) + "1234", true},
		{"inode ssn 1234", true},
	} {
		if hits := s.ScanText([]byte(tt.text), nil); len(hits) > 0 != tt.want {
			t.Errorf("%.40q: %v, want %v", tt.text, hits, tt.want)
		}
	}
	d.Confidence, d.InContext = 0.9, 0.9
	if s, err = dlp.New([]rules.Detector{d}, traffic.Key{}, dlp.Options{}); err != nil {
		t.Fatal(err)
	}
	if hits := s.ScanText([]byte("inode=1234"), nil); len(hits) > 0 {
		t.Errorf("near a word against it: %v", hits)
	}
	if hits := s.ScanText([]byte("an inode, by the way, of the disk 1234"), nil); len(hits) != 1 {
		t.Errorf("far from a word against it: %v", hits)
	}
}

// TestUnless checks that a word of unless outweighs those that raise a value.
func TestUnless(t *testing.T) {
	s := newListScanner(t)
	for text, want := range map[string]bool{
		"my brother has epilepsy":            true,
		"our dog has epilepsy, my brother":   false,
		"my brother reads a novel, epilepsy": false,
	} {
		if got := len(s.ScanText([]byte(text), nil)) > 0; got != want {
			t.Errorf("%q: found %t, want %t", text, got, want)
		}
	}
}
