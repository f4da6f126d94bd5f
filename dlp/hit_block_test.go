package dlp_test

import (
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
