package export_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/export"
	"github.com/gnomon-proxy/gnomon/rules"
	"github.com/gnomon-proxy/gnomon/traffic"
)

var made = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// catalogue has hosts inside each other, patterns, parts of hosts, web sites.
func catalogue() []rules.Service {
	return []rules.Service{
		{Name: "Bad", ID: "bad", Hosts: []rules.HostRule{
			{Host: "bad.test"}, {Host: "sub.bad.test"}, {Host: "only.test", Exact: true}, {Host: "ml*-x.*.cloud.test"}, {Host: "shared.test", Paths: []string{"/ai/"}},
			{Host: "site.test", Scope: traffic.ScopeWebsite}, {Host: "mcp.**"}, {Host: "deep.ok.bad.test"}, {Host: "both.test"}, {Host: "part.test"},
		}},
		{Name: "Part", ID: "part", Hosts: []rules.HostRule{{Host: "part.test", Paths: []string{"/codex/"}}}},
		{Name: "Good", ID: "good", Hosts: []rules.HostRule{{Host: "ok.bad.test"}, {Host: "good.test"}, {Host: "both.test"}}},
	}
}

func blockList() *export.BlockList {
	b := export.NewBlockList(catalogue(), map[string]bool{"bad": true, "unknown:seen.test": true, "unknown:evil\n0.0.0.0 bank.test": true, "unknown:192.0.2.1": true}, false)
	b.Source, b.Made, b.Otherwise = "gnomon 0.1.0", made, "PROXY 10.0.0.1:8080; DIRECT"
	b.Addresses = map[string][]netip.Addr{
		"bad.test":  {netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("127.0.0.1")},
		"seen.test": {netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("198.51.100.7")},
	}
	return b
}

// whole is a list of all services: what the real programs have to bear.
func whole(t *testing.T) *export.BlockList {
	t.Helper()
	set, err := rules.Load("")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]bool)
	for _, s := range set.Services {
		all[s.ID] = true
	}
	b := export.NewBlockList(set.Services, all, true)
	b.Source, b.Made = "gnomon 0.1.0", made
	return b
}

func text(t *testing.T, b *export.BlockList, format string) string {
	t.Helper()
	var out strings.Builder
	if err := b.Write(&out, format); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestBlockLists compares each format with its golden file; UPDATE_GOLDEN=1
// writes them anew.
func TestBlockLists(t *testing.T) {
	for _, format := range export.BlockFormats() {
		got, path := text(t, blockList(), format), filepath.Join("testdata", "blocklist."+format)
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || got != string(want) {
			t.Errorf("%s: %v, got\n%s", format, err, got)
		}
		if again := text(t, blockList(), format); again != got {
			t.Errorf("%s: another time another list", format)
		}
		if !strings.Contains(got, "gnomon 0.1.0 on 2026-11-21") || strings.Contains(got, "\n0.0.0.0 bank.test") {
			t.Errorf("%s: the head, or an escape: %s", format, got)
		}
	}
	if err := blockList().Write(&strings.Builder{}, "zone"); err == nil {
		t.Error("an unknown format is taken")
	}
}

// program finds a program of Debian, or ends the test.
func program(t *testing.T, name, pkg string) string {
	t.Helper()
	for _, at := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(at); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("NOT TESTED: %s is not installed (apt-get install %s)", name, pkg)
	return ""
}

// accepts runs a program that checks a file, and a spoiled one.
func accepts(t *testing.T, format, spoil string, check func(path string) *exec.Cmd) {
	t.Helper()
	for name, content := range map[string]string{"sample": text(t, blockList(), format), "catalogue": text(t, whole(t), format)} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := check(path).CombinedOutput(); err != nil || regexp.MustCompile(`(?i)warning|error`).Match(out) {
			t.Errorf("%s: %v: %.2000s", name, err, out)
		}
		if err := os.WriteFile(path, []byte(content+spoil), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := check(path).CombinedOutput(); err == nil {
			t.Errorf("%s: a spoiled file is taken: %s", name, out)
		}
	}
}

func TestSquid(t *testing.T) {
	squid := program(t, "squid", "squid")
	accepts(t, "squid", "acl x nonsense y\n", func(path string) *exec.Cmd {
		conf := path + ".conf"
		text := fmt.Sprintf("http_port 127.0.0.1:3128\ninclude %s\nhttp_access deny all\npid_filename none\ncache_log /dev/null\n", path)
		if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		// squid says much that is no fault on its standard error: -d 0 leaves mistakes,
		// and that this machine has no IPv6.
		return exec.Command("sh", "-c", squid+` -k parse -f "$0" 2>&1 | grep -v "BCP 177" | grep -E "FATAL|ERROR|WARNING|Bungled" && exit 1; exit 0`, conf)
	})
}

func TestNftables(t *testing.T) {
	nft := program(t, "nft", "nftables")
	if out, err := exec.Command("unshare", "-rn", nft, "list", "ruleset").CombinedOutput(); err != nil { // as in some containers
		t.Skipf("NOT TESTED: no network of its own for nft: %v: %s", err, out)
	}
	accepts(t, "nftables", "table inet x { chain y { nonsense } }\n", func(path string) *exec.Cmd {
		return exec.Command("unshare", "-rn", nft, "-c", "-f", path) // in a network of its own, as a user
	})
}

func TestRPZ(t *testing.T) {
	checkzone := program(t, "named-checkzone", "bind9-utils")
	accepts(t, "rpz", "bad..name CNAME .\n", func(path string) *exec.Cmd { return exec.Command(checkzone, "-i", "local", "rpz.test", path) })
}

// TestPAC runs the file as a browser does.
func TestPAC(t *testing.T) {
	node := program(t, "node", "nodejs")
	other := "PROXY 10.0.0.1:8080; DIRECT"
	want := map[string]string{
		"bad.test": "", "BAD.test.": "", "a.b.bad.test": "", "sub.bad.test": "", "ok.bad.test": other, "x.ok.bad.test": other, "deep.ok.bad.test": "", "y.deep.ok.bad.test": "",
		"only.test": "", "x.only.test": other, "notbad.test": other, "ml7-x.eu.cloud.test": "", "a.ml7-x.eu.cloud.test": "", "ml7-x.e.u.cloud.test": other,
		"shared.test": other, "site.test": other, "good.test": other, "both.test": other, "part.test": "", "seen.test": "", "x.seen.test": other, "constructor": other, "": other, "mcp.anything.test": other,
	}
	hosts, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	script := text(t, blockList(), "pac") + fmt.Sprintf(`;var out = {}; for (var h in %s) out[h] = FindProxyForURL("https://" + h + "/", h); console.log(JSON.stringify(out))`, hosts)
	answer, err := exec.Command(node, "-e", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	var got map[string]string
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatal(err)
	}
	for host, to := range want {
		if to == "" {
			to = "PROXY 127.0.0.1:9"
		}
		if got[host] != to {
			t.Errorf("%q goes to %q, want %q", host, got[host], to)
		}
	}
	if out, err := exec.Command(node, "-e", text(t, whole(t), "pac")+`;console.log(FindProxyForURL("", "chatgpt.com"))`).CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "PROXY 127.0.0.1:9" {
		t.Errorf("the catalogue: %v, %.500s", err, out)
	}
}

// TestBlockGrammar checks the formats that no program of Debian reads.
func TestBlockGrammar(t *testing.T) {
	for format, line := range map[string]string{
		"hosts":   `^(#.*|(0\.0\.0\.0|::) [a-z0-9_-]+(\.[a-z0-9_-]+)+)$`,
		"adguard": `^(!.*|(@@)?\|\|?[a-z0-9_-]+(\.[a-z0-9_-]+)+\^(\$important)?|/\(\^\|\\\.\)[a-z0-9_.\\\[\]^*-]+\$/)$`,
	} {
		re := regexp.MustCompile(line)
		for _, b := range []*export.BlockList{blockList(), whole(t)} {
			for got := range strings.Lines(text(t, b, format)) {
				if !re.MatchString(strings.TrimSuffix(got, "\n")) {
					t.Errorf("%s: %q", format, got)
				}
			}
		}
	}
}
