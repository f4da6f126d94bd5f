package rules_test

import (
	"os"
	"strings"
	"testing"
)

// TestReadme loads the rules that the README.md of the policies shows.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("policies/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```yaml\n")
	block, _, end := strings.Cut(rest, "```")
	if !ok || !end {
		t.Fatal("no YAML block")
	}
	if got := policies(t, block); got[0].Name != "legal-may-use-claude" {
		t.Errorf("first policy %q", got[0].Name)
	}
}
