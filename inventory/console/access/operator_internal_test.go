package access

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPerson(t *testing.T) {
	for _, v := range []string{"USER", "LOGNAME", "USERNAME", "SUDO_USER", "SUDO_UID"} {
		t.Setenv(v, "mallory")
	}
	for _, tt := range []struct {
		name, login string
		uid         int
		want        string
	}{
		{"a login", "3999999", 3999999, "uid 3999999"},
		{"a login, by sudo", "3999999\n", 0, "uid 3999999"},
		{"a login, by su", "3999999", 3999998, "uid 3999999"},
		{"root logged in", "0", 0, nameOf("0")},
		{"nobody logged in", "4294967295", 3999998, "uid 3999998"},
		{"no such file", "", 3999998, "uid 3999998"},
		{"nonsense", "../../x", 3999998, "uid 3999998"},
		{"below zero", "-1", 3999998, "uid 3999998"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			proc := t.TempDir()
			if tt.login != "" {
				if err := os.Mkdir(filepath.Join(proc, "7"), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(proc, "7", "loginuid"), []byte(tt.login), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got := person(proc, "7", tt.uid); got != tt.want {
				t.Errorf("person = %q, want %q", got, tt.want)
			}
		})
	}
	if self := Operator(); self == "mallory" || self == "" || self != Person(os.Getpid(), os.Getuid()) {
		t.Errorf("Operator = %q, Person of the same process = %q", self, Person(os.Getpid(), os.Getuid()))
	}
}
