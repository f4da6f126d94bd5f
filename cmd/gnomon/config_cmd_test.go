package main

import (
	"encoding/json"
	"errors"
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
		{"no roots", "roots.yaml", "proxy: {upstream_ca_files: [none.pem]}", exitConfig, "roots.yaml:1:29: proxy.upstream_ca_files: reading certificates: open "},
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

// What a start would refuse, check refuses, and says where it is named; what
// would not work is told by both.
func TestConfigCheckReadsFilesAsRunDoes(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"garbage": "no user, no lease, no PEM\n", "empty": "",
		"settings.yaml": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, text, want string
		starts           bool
	}{
		{"users", "proxy: {auth_file: garbage}", ":1:20: proxy.auth_file: ", false},
		{"leases", "users: {leases: [garbage]}", ":1:18: users.leases: ", false},
		{"folder of leases", "users: {leases: [.]}", ":1:18: users.leases: ", false},
		{"roots", "proxy: {upstream_ca_files: [garbage]}", ":1:29: proxy.upstream_ca_files: ", false},
		{"roots of a stream", "events: [{name: a, to: 'https://a.example/hook', ca_file: garbage}]", "events: ", false},
		{"secret of the provider", "console: {oidc: {issuer: 'https://a.example', client_id: a, client_secret_file: none, roles: {a: viewer}}}", "client_secret_file: ", false},
		{"command", "dlp: {ocr_command: [no-such-command]}", ":1:21: dlp.ocr_command: ", true},
		{"token", "events: [{name: a, to: 'https://a.example/hook', token_file: empty}]", "events: reading the token: ", true},
		{"folder of a stream", "events: [{name: a, to: 'file:///no-such-folder/a.json'}]", "events: to: nothing can be written into /no-such-folder", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(dir, "settings.yaml")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := runConfig(t, "check", path)
			if code != exitConfig || !strings.Contains(stderr, tt.want) || stdout != "" {
				t.Errorf("check: exit %d, %s%s", code, stdout, stderr)
			}
			s, err := loadSettings(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			s.StateDir, s.Proxy.Listen, s.Console.Listen = filepath.Join(t.TempDir(), "state"), "127.0.0.1:0", "127.0.0.1:0"
			var log strings.Builder
			g, err := newGateway(t.Context(), s, newLogger(s.Log, &log))
			if err == nil {
				err = g.Close()
			} else if tt.starts {
				t.Fatalf("it does not start: %v", err)
			}
			if bad := new(*configError); !tt.starts && !errors.As(err, bad) {
				t.Errorf("run takes what check refuses: %v", err)
			}
			if tt.starts && !strings.Contains(log.String(), "not fit for use") {
				t.Errorf("run does not warn: %s", log.String())
			}
		})
	}
	code, stdout, stderr := runConfig(t, "check", "--sniffer-logs", filepath.Join(dir, "to-come.log"))
	if code != exitOK || stdout != "ok\n" || !strings.Contains(stderr, "warning: --sniffer-logs: sniffer.logs: ") {
		t.Errorf("log to come: exit %d, %s%s", code, stdout, stderr)
	}
}
