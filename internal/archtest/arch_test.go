// Package archtest holds the map of the packages: who may import whom.
package archtest

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gnomon-proxy/gnomon/"

// may lists for each top-level package which of our packages it (with its
// sub-packages) may import beside its own.
var may = map[string][]string{
	"traffic":    {},
	"rules":      {"traffic", "internal/strictyaml"},
	"proxy":      {"traffic", "rules", "internal/visible"}, // its pages show hosts and names off the wire
	"sniffer":    {"traffic", "rules"},
	"classifier": {"traffic", "rules"},
	"prompt":     {"traffic", "rules"},
	"dlp":        {"traffic", "rules"},
	"inventory":  {"traffic", "rules", "internal/strictyaml", "internal/visible"},
	"internal":   {"traffic"},
}

// owners lists who alone may import a library.
var owners = map[string][]string{
	"github.com/elazarl/goproxy":          {"proxy"},
	"github.com/google/gopacket":          {"sniffer", "internal/testnet"},
	"github.com/nyaruka/phonenumbers":     {"dlp"}, // tests only
	"github.com/miekg/dns":                {"sniffer", "internal/testnet"},
	"github.com/redis/go-redis/v9":        {"inventory/redis"},
	"modernc.org/sqlite":                  {"inventory/sqlite"},
	"github.com/spf13/viper":              {"cmd/gnomon"},
	"github.com/spf13/cobra":              {"cmd/gnomon"},
	"github.com/expr-lang/expr":           {"rules"},
	"go.yaml.in/yaml/v3":                  {"internal/strictyaml"},
	"github.com/xuri/excelize/v2":         {"inventory/export"},
	"github.com/prometheus/client_golang": {"cmd/gnomon"},
	"github.com/klauspost/compress":       {"proxy", "sniffer", "dlp/document", "inventory/evidence", "internal/testnet"},
	"github.com/CycloneDX/cyclonedx-go":   {"inventory/evidence"},
	"github.com/coreos/go-oidc/v3":        {"inventory/console"},
	"golang.org/x/oauth2":                 {"inventory/console"},
	"github.com/andybalholm/brotli":       {"proxy", "internal/testnet"},
	"github.com/coder/websocket":          {"proxy", "internal/testnet"},
	"github.com/rogpeppe/go-internal":     {"cmd/gnomon"},
	"golang.org/x/sys":                    {"sniffer/capture", "inventory/stream", "cmd/gnomon"},
	"go.uber.org/goleak":                  {"internal/leaks"},
}

type pkg struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		seen++
		for _, bad := range violations(p) {
			t.Error(bad)
		}
	}
	if seen < 4 {
		t.Fatalf("only %d packages listed", seen)
	}
}

// TestViolations shows that the check can fail.
func TestViolations(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    pkg
		want int
	}{
		{"stage to stage", pkg{ImportPath: module + "proxy", Imports: []string{module + "dlp"}}, 1},
		{"sub-package to stage", pkg{ImportPath: module + "dlp/document", Imports: []string{module + "prompt"}}, 1},
		{"own sub-package", pkg{ImportPath: module + "proxy", Imports: []string{module + "proxy/pki"}}, 0},
		{"traffic upwards", pkg{ImportPath: module + "traffic", Imports: []string{module + "rules"}}, 1},
		{"traffic and a library", pkg{ImportPath: module + "traffic", Imports: []string{"golang.org/x/net/http2"}}, 1},
		{"foreign owner", pkg{ImportPath: module + "prompt", Imports: []string{"github.com/miekg/dns"}}, 1},
		{"owner", pkg{ImportPath: module + "sniffer", Imports: []string{"github.com/google/gopacket/pcapgo"}}, 0},
		{"test may use testnet", pkg{ImportPath: module + "proxy", XTestImports: []string{module + "internal/testnet"}}, 0},
		{"command", pkg{ImportPath: module + "cmd/gnomon", Imports: []string{module + "proxy"}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := violations(tt.p); len(got) != tt.want {
				t.Errorf("violations = %q, want %d", got, tt.want)
			}
		})
	}
}

func violations(p pkg) (bad []string) {
	path := strings.TrimPrefix(p.ImportPath, module)
	top, _, _ := strings.Cut(path, "/")
	for _, imp := range p.Imports {
		if ours, ok := strings.CutPrefix(imp, module); ok {
			if !mayImport(top, ours) {
				bad = append(bad, path+" must not import "+ours)
			}
		} else if top == "traffic" && strings.Contains(imp, ".") {
			bad = append(bad, "traffic must not import "+imp+": standard library only")
		}
	}
	for _, imp := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
		for lib, by := range owners {
			if (imp == lib || strings.HasPrefix(imp, lib+"/")) && !slices.ContainsFunc(by, func(o string) bool { return path == o || strings.HasPrefix(path, o+"/") }) {
				bad = append(bad, path+" must not import "+imp+": it belongs to "+strings.Join(by, ", "))
			}
		}
	}
	return bad
}

func mayImport(top, imp string) bool {
	allowed, known := may[top]
	if !known || imp == top || strings.HasPrefix(imp, top+"/") {
		return true
	}
	return slices.ContainsFunc(allowed, func(a string) bool { return imp == a || strings.HasPrefix(imp, a+"/") })
}
