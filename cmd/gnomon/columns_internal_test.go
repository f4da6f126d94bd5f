package main

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestColumnsFitATerminal(t *testing.T) {
	const word = "0b500a16440a764c11ebf1e4d4f75a17fec43530a3f179c47ffeff5ccad3ddf3"
	prose := strings.Repeat("inputs may become part of a model ", 8)
	for _, width := range []int{50, 80, 110, 400} {
		var b strings.Builder
		c := &columns{out: &b, width: width}
		fmt.Fprintf(c, "NAME\tLÄNGE\tWHY\nopenai-api\t7\t%s\nhead\t%s\t-\n\nno table: %s\n", prose, word, "short")
		if err := c.Flush(); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("width %d: a line has %d characters: %s", width, n, line)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		column := func(from, to int) (all string) {
			for line := range strings.Lines(text) {
				r := []rune(strings.TrimSuffix(line, "\n"))
				all += string(r[min(from, len(r)):min(to, len(r))])
			}
			return squeeze(all)
		}
		first := []rune(strings.SplitN(text, "\n", 2)[0])
		second, third := strings.Index(string(first), "L"), utf8.RuneCountInString(strings.SplitN(string(first), "WHY", 2)[0])
		if got := column(second, third); !strings.Contains(got, word) {
			t.Errorf("width %d: the second column lost text: %s", width, got)
		}
		if got := column(third, width); !strings.Contains(got, squeeze(prose)) {
			t.Errorf("width %d: the third column lost text: %s", width, got)
		}
		if !strings.HasSuffix(text, "\nno table: short\n") {
			t.Errorf("width %d: a line without cells is another: %q", width, text)
		}
	}
}

func TestColumnsBreakBetweenWords(t *testing.T) {
	for text, want := range map[string]string{
		"inputs may become part":          "inputs may|become|part",
		"developers.example.com/api/docs": "developers|.example.|com/api/|docs",
		"trains_on_inputs":                "trains_on_|inputs",
		"äöüäöüäöüäöü":                    "äöüäöüäöüä|öü",
		"":                                "",
	} {
		if got := strings.Join(wrapped(text, 10), "|"); got != want {
			t.Errorf("%q is wrapped as %q instead of %q", text, got, want)
		}
	}
}
