package main

import (
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// load resolves settings without the environment of the test.
func load(t *testing.T, file string, flags []string, environ ...string) (Settings, *sources, error) {
	t.Helper()
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	addSettingsFlags(fs)
	fs.String("state-dir", "", "")
	if err := fs.Parse(flags); err != nil {
		t.Fatal(err)
	}
	return resolveSettings(file, fs, environ)
}

func TestSettingsDefaults(t *testing.T) {
	t.Setenv("STATE_DIRECTORY", "/var/lib/gnomon")
	s, from, err := load(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := defaultSettings()
	want.Proxy.Resolve = map[string]string{}
	if !reflect.DeepEqual(normal(s), normal(want)) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	if s.StateDir != "/var/lib/gnomon" || s.Proxy.MaxScanBytes != 32<<20 || s.Proxy.Grace != 10*time.Second || s.Proxy.Listen != "127.0.0.1:8080" {
		t.Errorf("defaults: %+v", s)
	}
	if got := from.name("proxy.listen"); got != "default" {
		t.Errorf("source %q", got)
	}
}

// normal makes empty lists equal to absent ones.
func normal(s Settings) Settings {
	for _, one := range s.all() {
		if k := one.value.Kind(); (k == reflect.Slice || k == reflect.Map) && one.value.Len() == 0 {
			one.value.SetZero()
		}
	}
	return s
}

func TestDefaultStateDir(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"STATE_DIRECTORY": "/var/lib/gnomon:/var/lib/other", "HOME": "/root"}, "/var/lib/gnomon"},
		{map[string]string{"XDG_STATE_HOME": "/x", "HOME": "/root"}, "/x/gnomon"},
		{map[string]string{"XDG_STATE_HOME": "x", "HOME": "/root"}, "/root/.local/state/gnomon"},
		{map[string]string{"HOME": "/root"}, "/root/.local/state/gnomon"},
		{nil, ""},
	} {
		if got := defaultStateDir(func(k string) string { return tt.env[k] }); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.env, got, tt.want)
		}
	}
}

func TestSettingsFile(t *testing.T) {
	s, from, err := load(t, "testdata/config/full.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Settings{
		StateDir: "testdata/config/state",
		RulesDir: "testdata/config/rules",
		Proxy: ProxySettings{
			Listen: "127.0.0.1:0", Intercept: []string{"ai.corp.example", "*.bench.test"},
			UpstreamCAFiles: []string{"testdata/config/roots.pem", "/etc/ssl/more.pem"},
			AllowPrivate:    []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
			Resolve:         map[string]string{"api.example.com": "127.0.0.1:9000", "v6.example.com": "::1"},
			Clients:         []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.168.7.1/32")},
			AuthFile:        "testdata/config/users", ConnectPorts: []uint16{443, 8443},
			MaxScanBytes: 1 << 20, ScanMemory: 64 << 20, Grace: 90 * time.Second,
		},
		Console: ConsoleSettings{
			Listen: "[::1]:8081", URL: "https://gnomon.example",
			OIDC: OIDCSettings{
				Issuer: "https://id.example", ClientID: "gnomon", ClientSecretFile: "testdata/config/oidc.secret", CAFile: "testdata/config/roots.pem", Claim: "roles",
				Roles: map[string]string{"ai-office": "admin", "audit": "auditor"},
			},
		},
		Inventory: InventorySettings{Store: "rediss://gnomon:hunter2@redis.example:6380/0", KeyFile: "testdata/config/inventory.key", Retention: RetentionSettings{
			Sightings: period(30 * oneDay), Hours: period(12 * time.Hour), Rollups: period(366 * oneDay), People: period(7 * oneDay),
		}},
		Privacy: PrivacySettings{K: 7, Reviewers: []string{"rita", "ralf"}, Rotate: "month"},
		DLP:     DLPSettings{OCRCommand: []string{"tesseract", "stdin", "stdout"}, OCRTimeout: 5 * time.Second, OCRProcesses: 1, Vault: VaultSettings{Keep: 8 * time.Hour, Conversations: 500, Values: 50, Memory: 1 << 20}},
		Sniffer: SnifferSettings{
			Interfaces: []string{"eth0"}, Filter: "names", Logs: []string{"testdata/config/dns.log"},
			Syslog: "127.0.0.1:5514", SyslogSenders: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, SyslogTLS: "127.0.0.1:6514",
			SyslogCertFile: "testdata/config/logs.pem", SyslogKeyFile: "testdata/config/logs.key", SyslogClientCAFile: "testdata/config/senders.pem",
		},
		Users: UsersSettings{Leases: []string{"testdata/config/dhcpd.leases"}},
		Log:   LogSettings{Level: "debug", Format: "json"},
		Events: []EventSettings{
			{Name: "siem", Format: "ocsf", To: "splunk+https://siem.example:8088", TokenFile: "testdata/config/hec.token", CAFile: "/etc/ssl/siem.pem", Queue: 1 << 30},
			{Name: "archive", To: "file:///var/log/gnomon/events.jsonl", Kinds: []string{"alert", "audit"}, Rotate: 64 << 20, Keep: 9},
		},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	def := defaultSettings()
	for i, one := range s.all() {
		if reflect.DeepEqual(one.value.Interface(), def.all()[i].value.Interface()) {
			t.Errorf("full.yaml leaves %s at its default", one.key)
		}
		if !strings.HasPrefix(from.name(one.key), "testdata/config/full.yaml:") {
			t.Errorf("%s comes from %q", one.key, from.name(one.key))
		}
	}
}

// TestSettingsOrder: the file is beaten by the environment, that by the flags.
func TestSettingsOrder(t *testing.T) {
	s, from, err := load(t, "testdata/config/full.yaml", []string{"--proxy-listen", "127.0.0.1:3", "--proxy-clients=10.0.0.1", "--state-dir", "here"},
		"GNOMON_PROXY_LISTEN=127.0.0.1:2", "GNOMON_CONSOLE_LISTEN=127.0.0.1:2", "GNOMON_PROXY_ALLOW_PRIVATE=10.0.0.0/8, ::1",
		"GNOMON_PROXY_RESOLVE=A.example=127.0.0.1:1,b.example=::1", "GNOMON_PROXY_CONNECT_PORTS=1,2", "GNOMON_PROXY_GRACE=2s",
		"GNOMON_PROXY_MAX_SCAN_BYTES=2MiB", "GNOMON_RULES_DIR=mine", "GNOMON_LOG_LEVEL=", "PATH=/bin")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		key    string
		got    any
		want   any
		source string
	}{
		{"proxy.listen", s.Proxy.Listen, "127.0.0.1:3", "--proxy-listen"},
		{"proxy.clients", s.Proxy.Clients, []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}, "--proxy-clients"},
		{"state_dir", s.StateDir, "here", "--state-dir"},
		{"console.listen", s.Console.Listen, "127.0.0.1:2", "GNOMON_CONSOLE_LISTEN"},
		{"proxy.allow_private", s.Proxy.AllowPrivate, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}, "GNOMON_PROXY_ALLOW_PRIVATE"},
		{"proxy.resolve", s.Proxy.Resolve, map[string]string{"a.example": "127.0.0.1:1", "b.example": "::1"}, "GNOMON_PROXY_RESOLVE"},
		{"proxy.connect_ports", s.Proxy.ConnectPorts, []uint16{1, 2}, "GNOMON_PROXY_CONNECT_PORTS"},
		{"proxy.grace", s.Proxy.Grace, 2 * time.Second, "GNOMON_PROXY_GRACE"},
		{"proxy.max_scan_bytes", int64(s.Proxy.MaxScanBytes), int64(2 << 20), "GNOMON_PROXY_MAX_SCAN_BYTES"},
		{"rules_dir", s.RulesDir, "mine", "GNOMON_RULES_DIR"}, // not relative to the file
		{"log.level", s.Log.Level, "debug", "testdata/config/full.yaml:40:10"},
	} {
		if !reflect.DeepEqual(tt.got, tt.want) || from.name(tt.key) != tt.source {
			t.Errorf("%s: %v from %s, want %v from %s", tt.key, tt.got, from.name(tt.key), tt.want, tt.source)
		}
	}
}

func TestSettingsFileFromEnvironment(t *testing.T) {
	s, _, err := load(t, "", nil, "GNOMON_CONFIG=testdata/config/full.yaml")
	if err != nil || s.Log.Format != "json" || s.StateDir != "testdata/config/state" {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestEmptySection: a section without values keeps its defaults.
func TestEmptySection(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("proxy:\nconsole:\n  listen:\nlog: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, err := load(t, file, nil)
	if err != nil || s.Proxy.Listen != "127.0.0.1:8080" || s.Console.Listen != "127.0.0.1:8081" || s.Log.Level != "info" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestBadSettings(t *testing.T) {
	paths, err := filepath.Glob("testdata/config/bad/*.yaml")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			_, _, err := load(t, path, nil)
			if _, ok := errors.AsType[*configError](err); !ok {
				t.Fatalf("got %v, want a *configError", err)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the error shows a password")
			}
			settingsGolden(t, strings.TrimSuffix(path, ".yaml")+".txt", strings.ReplaceAll(err.Error(), "testdata/config/bad/", "")+"\n")
		})
	}
}

// settingsGolden compares with a golden file; UPDATE_GOLDEN=1 writes it anew.
func settingsGolden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestBadEnvironmentAndFlags(t *testing.T) {
	for _, tt := range []struct {
		name    string
		file    string
		flags   []string
		environ []string
		want    string
	}{
		{"unknown", "", nil, []string{"GNOMON_PROXY_LISTEM=x"}, `GNOMON_PROXY_LISTEM: unknown environment variable; did you mean "GNOMON_PROXY_LISTEN"?`},
		{"mistyped port", "", nil, []string{"GNOMON_PROXY_PORT=8080"}, `GNOMON_PROXY_PORT: unknown environment variable`},
		{"list", "", nil, []string{"GNOMON_PROXY_CLIENTS=10.0.0.0/8,x"}, `GNOMON_PROXY_CLIENTS: expected a network such as 10.0.0.0/8, got "x"`},
		{"map", "", nil, []string{"GNOMON_PROXY_RESOLVE=a.example"}, `GNOMON_PROXY_RESOLVE: expected host=address,host=address, got "a.example"`},
		{"map value", "", nil, []string{"GNOMON_PROXY_RESOLVE=a.example=b"}, `GNOMON_PROXY_RESOLVE: proxy.resolve: expected an IP address, with a port or without, got "b"`},
		{"duration", "", []string{"--proxy-grace", "10"}, nil, `--proxy-grace: expected a duration such as 10s or 1h30m, got "10"`},
		{"word", "", []string{"--log-level", "loud"}, nil, `--log-level: log.level: expected one of debug, info, warn, error, got "loud"`},
		{"no file", "none.yaml", nil, nil, "none.yaml: reading the settings: no such file or directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := load(t, tt.file, tt.flags, tt.environ...)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %v", err, tt.want)
			}
		})
	}
}

// TestServiceLinks: the variables that Kubernetes sets for a service of our
// name are no settings.
func TestServiceLinks(t *testing.T) {
	_, _, err := load(t, "", nil, "GNOMON_SERVICE_HOST=10.0.0.1", "GNOMON_SERVICE_PORT=80", "GNOMON_SERVICE_PORT_HTTP_PROXY=80", "GNOMON_PORT=tcp://10.0.0.1:80",
		"GNOMON_PORT_8080_TCP=tcp://10.0.0.1:8080", "GNOMON_PORT_8080_TCP_ADDR=10.0.0.1", "GNOMON_CONSOLE_PORT_8081_TCP_PORT=8081", "GNOMON_CONSOLE_PORT=tcp://10.0.0.1:80")
	if err != nil {
		t.Error(err)
	}
}

func TestConfigShow(t *testing.T) {
	s, from, err := load(t, "testdata/config/full.yaml", nil, "GNOMON_LOG_LEVEL=warn")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := showYAML(&out, &s, from); err != nil {
		t.Fatal(err)
	}
	settingsGolden(t, "testdata/config/show.golden", out.String())

	// What it prints is a settings file with the same meaning.
	file := filepath.Join(t.TempDir(), "again.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(out.String(), "xxxxx", "hunter2")), 0o600); err != nil {
		t.Fatal(err)
	}
	again, _, err := load(t, file, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, one := range s.all() {
		if one.tag.Get("path") == "" && !reflect.DeepEqual(one.value.Interface(), again.all()[i].value.Interface()) {
			t.Errorf("%s: %v, printed and read again %v", one.key, one.value, again.all()[i].value)
		}
	}

	out.Reset()
	if err := showJSON(&out, &s, from); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != len(s.all()) || strings.Contains(out.String(), "hunter2") || strings.Contains(out.String(), "null") {
		t.Errorf("%d lines for %d settings:\n%s", len(lines), len(s.all()), out.String())
	}
	var first struct{ Key, Value, Source string }
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || first.Key != "state_dir" || first.Value != "testdata/config/state" {
		t.Errorf("first line %+v, %v", first, err)
	}
}

func TestWithoutPassword(t *testing.T) {
	for _, store := range []string{
		"redis://u:hunter2@h:1/0", "redis-sentinel://u:hunter2@h1:1,h2:2/master", "redis-cluster://u:hunter2@h1:1,u:hunter2@h2:2", "redis://u:hunter2%zz@h",
	} {
		if got := withoutPassword(store); strings.Contains(got, "hunter2") || !strings.Contains(got, "h") {
			t.Errorf("%q", got)
		}
	}
	if got := withoutPassword("sqlite"); got != "sqlite" {
		t.Errorf("%q", got)
	}
}

// TestConfigSchema: the schema knows each setting, with its default.
func TestConfigSchema(t *testing.T) {
	var root any
	text, err := json.Marshal(settingsSchema())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var s Settings
	for _, one := range s.all() {
		node := root
		for key := range strings.SplitSeq(one.key, ".") {
			props, _ := node.(map[string]any)["properties"].(map[string]any)
			if node = props[key]; node == nil {
				t.Fatalf("%s is missing", one.key)
			}
		}
		if node.(map[string]any)["description"] == "" || node.(map[string]any)["type"] == nil {
			t.Errorf("%s: %v", one.key, node)
		}
	}
	if !strings.Contains(string(text), `"default":"32MiB"`) || !strings.Contains(string(text), `"enum":["debug","info","warn","error"]`) {
		t.Errorf("schema %s", text)
	}
}

// TestStatesEverySetting: each setting has a help text and a name of its own in
// the environment and among the flags.
func TestStatesEverySetting(t *testing.T) {
	var s Settings
	seen := make(map[string]bool)
	for _, one := range s.all() {
		if one.tag.Get("help") == "" {
			t.Errorf("%s has no help", one.key)
		}
		for _, name := range []string{one.variable(), one.flag()} {
			if seen[name] {
				t.Errorf("%s twice", name)
			}
			seen[name] = true
		}
	}
}
