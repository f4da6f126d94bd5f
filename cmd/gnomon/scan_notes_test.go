package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestScanPartial asserts that "nothing found" is told apart where not all was inspected,
// in a text that exhausts the bound of work, too, and that findings outrank it.
func TestScanPartial(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	hostile := strings.Repeat("-----BEGIN PGP PRIVATE KEY BLOCK-----\n", 20000)
	clean, heavy, image := write("clean.txt", "nothing\n"), write("heavy.txt", hostile), write("dot.gif", "GIF89a\x01\x00\x01\x00\x00\x00\x00;")
	secret := write("secret.txt", "key AKIAZ7Q4MNPLK3WXR2TJ\n")
	for _, tt := range []struct {
		name string
		args []string
		want int
	}{
		{"all inspected", []string{"scan", clean}, exitOK},
		{"work", []string{"scan", heavy, clean}, exitPartial},
		{"image", []string{"scan", image}, exitPartial},
		{"image and a finding", []string{"scan", image, secret}, exitFindings},
		{"redacted", []string{"scan", "--redact", image}, exitPartial},
		{"no such file", []string{"scan", image, filepath.Join(dir, "none")}, exitFailure},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, talk bytes.Buffer
			if got := execute(t.Context(), tt.args, strings.NewReader(""), &out, &talk); got != tt.want {
				t.Errorf("exit %d, want %d; said %q, printed %.300q", got, tt.want, &talk, &out)
			}
		})
	}
}
