package rules_test

import (
	"regexp"
	"testing"

	"github.com/gnomon-proxy/gnomon/rules"
)

func TestDigest(t *testing.T) {
	if d := rules.Digest(); !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(d) || d != rules.Digest() {
		t.Errorf("digest %q", d)
	}
}
