package dlp_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestDisguisedContext finds a number that stands in the open behind or before a word
// in disguise that says what it is.
func TestDisguisedContext(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, text := range []string{
		"his social security number as we have it in our files 536221234 is needed",
		"536221234 is on file as his social security number",
	} {
		for _, disguised := range []string{
			text,
			strings.Replace(text, "social security", "s&#111;cial s&#101;curity", 1),
			strings.Replace(text, "social security", "s<b>o</b>cial s<b>e</b>curity", 1),
			strings.Replace(text, "social security", "s%6fcial%20s%65curity", 1),
		} {
			found := false
			for _, h := range s.ScanText([]byte(disguised), nil) {
				found = found || h.Detector == "us_ssn" && disguised[h.Start:h.End] == "536221234"
			}
			if !found {
				t.Errorf("nothing found in %q", disguised)
			}
		}
	}
}

// TestContextOfRun finds a number that is encoded by the word in front of the run.
func TestContextOfRun(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	encoded := base64.StdEncoding.EncodeToString([]byte("no. 536221234 ok"))
	found := func(text string) bool {
		for _, h := range s.ScanText([]byte(text), nil) {
			if h.Detector == "us_ssn" && text[h.Start:h.End] == encoded {
				return true
			}
		}
		return false
	}
	if !found("his social security number: " + encoded) {
		t.Error("a number whose word stands before the run is not found")
	}
	if found("the number of the order: " + encoded) {
		t.Error("a number without a word is found")
	}
}
