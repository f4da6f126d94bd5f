package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func writeAuthFile(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAuthFile(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("correct horse"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	a, err := readAuthFile(writeAuthFile(t, "# people", "", "ann:"+string(hash)+":staff,legal", "bob:"+string(hash)))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, user, password string
		ok                   bool
		groups               []string
	}{
		{"right", "ann", "correct horse", true, []string{"staff", "legal"}},
		{"right again, remembered", "ann", "correct horse", true, []string{"staff", "legal"}},
		{"wrong password", "ann", "correct", false, nil},
		{"without groups", "bob", "correct horse", true, nil},
		{"unknown", "eve", "correct horse", false, nil},
		{"empty", "", "", false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			groups, ok := a.Authenticate(tt.user, tt.password)
			if ok != tt.ok || !slices.Equal(groups, tt.groups) {
				t.Errorf("Authenticate = %v, %v, want %v, %v", groups, ok, tt.groups, tt.ok)
			}
		})
	}
}

func TestAuthFileErrors(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"plain password", []string{"ann:secret"}, "users:1: want name:bcrypt-hash"},
		{"no colon", []string{"", "ann"}, "users:2: want name:bcrypt-hash"},
		{"twice", []string{"a:$2a$04$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK", "a:$2a$04$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK"}, `user "a" is there twice`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := readAuthFile(writeAuthFile(t, tt.lines...)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			} else if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error quotes the line: %v", err)
			}
		})
	}
}
