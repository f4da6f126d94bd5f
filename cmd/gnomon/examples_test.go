package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory/register"
	"github.com/gnomon-proxy/gnomon/rules"
)

// TestExamples holds the examples of all help texts against the commands: each
// names one that is there, with flags and a number of arguments that it takes.
func TestExamples(t *testing.T) {
	set, err := rules.LoadHosts("")
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		for line := range strings.Lines(cmd.Example) {
			for _, words := range commandsOf(line) {
				examples++
				tryExample(t, set, cmd, strings.TrimSpace(line), words)
			}
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRoot())
	if examples < 50 {
		t.Errorf("only %d examples were found", examples)
	}
}

func tryExample(t *testing.T, set *rules.Set, of *cobra.Command, line string, words []string) {
	t.Helper()
	cmd, rest, err := newRoot().Find(words) // anew: flags keep what they were set to
	if err != nil {
		t.Errorf("%s: %s: %v", of.CommandPath(), line, err)
		return
	}
	if err := cmd.ParseFlags(rest); err != nil {
		t.Errorf("%s: %s: %v", of.CommandPath(), line, err)
		return
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		t.Errorf("%s: %s: %v", of.CommandPath(), line, err)
	}
	if cmd.Flags().Lookup("where") == nil {
		return
	}
	where, err := cmd.Flags().GetStringSlice("where")
	if err != nil {
		t.Fatal(err)
	}
	filter, err := register.ParseFilter(where)
	if err != nil {
		t.Errorf("%s: %s: %v", of.CommandPath(), line, err)
	}
	for _, category := range filter["category"] {
		if !slices.ContainsFunc(set.Services, func(s rules.Service) bool { return s.Category == category }) {
			t.Errorf("%s: %s: no service has the category %q", of.CommandPath(), line, category)
		}
	}
}

// commandsOf returns the words of each call of gnomon in a line of a shell.
func commandsOf(line string) (calls [][]string) {
	var words []string
	var word strings.Builder
	quote, some, inner := rune(0), false, 0 // inner: in $(...)
	end := func() {
		if some {
			words = append(words, word.String())
		}
		word.Reset()
		some = false
	}
	call := func() {
		end()
		if i := slices.Index(words, "gnomon"); i >= 0 {
			calls = append(calls, words[i+1:])
		}
		words = nil
	}
	for _, c := range line {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case c == '(' || c == ')' || inner > 0:
			if c == '(' {
				inner++
			} else if c == ')' {
				inner--
			}
			word.WriteRune(c)
			some = true
		case quote == 0 && (c == '\'' || c == '"'):
			quote, some = c, true
		case quote == 0 && c == '#' && !some:
			call()
			return calls
		case quote == 0 && (c == '|' || c == ';' || c == '>' || c == '&'):
			call()
		case quote == 0 && (c == ' ' || c == '\n' || c == '\t'):
			end()
		default:
			word.WriteRune(c)
			some = true
		}
	}
	call()
	return calls
}
