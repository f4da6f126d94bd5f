package main

import (
	"strings"
	"testing"
)

// TestLinesOfStrangers: what turns text around is escaped in lines of JSON.
func TestLinesOfStrangers(t *testing.T) {
	var b strings.Builder
	if err := jsonLines(&b, []string{"gpt\u202e4"}); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), `"gpt\u202e4"`+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
