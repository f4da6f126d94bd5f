package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func runConfig(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	code = execute(t.Context(), append([]string{"config"}, args...), strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func TestConfigCheckCommand(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("rules/policies/a.yaml", "policies: [{name: a, action: blok, message: No.}]")
	for _, tt := range []struct {
		name, file, text string
		code             int
		want             string
	}{
		{"good", "good.yaml", "proxy: {listen: '127.0.0.1:0'}", exitOK, "ok"},
		{"unknown key", "key.yaml", "poxy: {}", exitConfig, `key.yaml:1:1: unknown key "poxy"; did you mean "proxy"?`},
		{"bad rules", "rules.yaml", "rules_dir: rules", exitConfig, `a.yaml:1:30: unknown action "blok"; did you mean "block"?`},
		{"no rules", "norules.yaml", "rules_dir: none", exitConfig, "none: reading the folder of rules (rules_dir): no such file or directory"},
		{"no roots", "roots.yaml", "proxy: {upstream_ca_files: [none.pem]}", exitConfig, "roots.yaml:1:29: proxy.upstream_ca_files: open "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := write(tt.file, tt.text)
			for _, args := range [][]string{{"check", path}, {"check", "--config", path}} {
				code, stdout, stderr := runConfig(t, args...)
				if code != tt.code || !strings.Contains(stdout+stderr, tt.want) {
					t.Errorf("%v: exit %d, %s%s", args, code, stdout, stderr)
				}
			}
		})
	}
}

func TestConfigShowAndSchemaCommands(t *testing.T) {
	code, stdout, stderr := runConfig(t, "show", "--state-dir", "/x", "--log-level", "warn")
	if code != exitOK || !strings.Contains(stdout, "state_dir: /x") || !strings.Contains(stdout, "# --log-level") {
		t.Errorf("exit %d, %s%s", code, stdout, stderr)
	}
	code, stdout, _ = runConfig(t, "schema")
	var schema struct{ Title string }
	if err := json.Unmarshal([]byte(stdout), &schema); err != nil || code != exitOK || schema.Title == "" {
		t.Errorf("exit %d, %v", code, err)
	}
	if code, _, _ := runConfig(t, "show", "--no-such-flag"); code != exitUsage {
		t.Errorf("exit %d, want %d", code, exitUsage)
	}
}
