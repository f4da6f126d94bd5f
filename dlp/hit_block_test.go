package dlp_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

const program = `package main

import (
	"database/sql"
	"fmt"
)

const password = "hunter2Xk9!"

func connect(host string) (*sql.DB, error) {
	// ask maria.gonzalez@hotmail.es about this
	dsn := fmt.Sprintf("dbname=app password=%s host=%s", password, host)
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return nil, err
	}
	return db, nil
}
`

// TestValuesInBlocks: that a text is a program hides nothing that stands in it,
// and what stands in it does not hide that it is a program.
func TestValuesInBlocks(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	hits := s.ScanText([]byte(program), nil)
	found := make(map[traffic.Class]string)
	last := 0
	for _, h := range hits {
		if h.Start < last {
			t.Fatalf("%+v starts before %d, where the hit before it ends", h, last)
		}
		last = h.End
		found[h.Class] += program[h.Start:h.End]
	}
	if found[traffic.ClassSecret] != "hunter2Xk9!" || found[traffic.ClassContact] != "maria.gonzalez@hotmail.es" {
		t.Errorf("found %q, want the password and the address", found)
	}
	if code := found[traffic.ClassSourceCode]; !strings.Contains(code, "func connect") || !strings.Contains(code, "return db, nil") || strings.Contains(code, "hunter2") {
		t.Errorf("code is %q, want what is before, between and behind the values", code)
	}
	if clean := string(dlp.Redact([]byte(program), hits)); strings.Contains(clean, "func") || strings.Contains(clean, "hunter2") {
		t.Errorf("redacted to %q", clean)
	}
}

// TestRedactedInsert holds that a statement of SQL is one in every style, that nothing of
// its rows is left, and that it is told whatever else is found in it.
func TestRedactedInsert(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	for _, tt := range []struct{ text, want string }{
		{"INSERT INTO users (id, email) VALUES\n (1, 'anna.schmidt@firma.de'),\n (2, 'eva@libero.it');", "INSERT INTO users (id, email) VALUES\n (1, 'X'),\n (2, 'X');"},
		{`insert into users (id, email, note) values (7, 'x', 'it''s a \'secret\' note, to be kept'), (8, '', NULL);`, `insert into users (id, email, note) values (7, 'X', 'X'), (8, '', NULL);`},
		{"INSERT INTO `u` (name, card) VALUES ('Anna Schmidt (mobil)', 4539148803436467);", "INSERT INTO `u` (name, card) VALUES ('X', 'X');"},
		{"INSERT INTO patients (name, diagnosis) VALUES ('Maria Lopez', 'HIV positive');", "INSERT INTO patients (name, diagnosis) VALUES ('X', 'X');"},
		{"INSERT INTO t (email, name) VALUES ('m1@lopez-soft.com', N'Maria Lopez');", "INSERT INTO t (email, name) VALUES ('X', N'X');"},
		{"INSERT INTO u (id, email) VALUES (1, 'open", "INSERT INTO u (id, email) VALUES (1, 'X"},
	} {
		for _, style := range traffic.Styles() {
			hits := s.ScanText([]byte(tt.text), nil)
			if !slices.ContainsFunc(hits, func(h dlp.Hit) bool { return h.Class == traffic.ClassConfidential }) {
				t.Errorf("%q: %v, want one confidential", tt.text, hits)
			}
			got := string(s.Redact([]byte(tt.text), hits, style))
			if plain := standIn.ReplaceAllString(got, "X"); style != traffic.StyleRemove && plain != tt.want {
				t.Errorf("%s of %q is %q, want %q", style, tt.text, got, tt.want)
			}
			if again := s.ScanText([]byte(got), nil); len(again) > 0 && style != traffic.StyleRemove {
				t.Errorf("%s: %q is found again: %v", style, got, again)
			}
		}
	}
}

// standIn is what takes the place of a value.
var standIn = regexp.MustCompile(`(\[[\w:]+\]|\*{4}[*0-9 ]+)+( \(?(\[[\w:]+\]|\*{4}\*+)\)?)?`)
