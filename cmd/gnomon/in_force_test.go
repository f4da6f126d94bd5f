package main

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/evidence"
)

// TestInForce shows that a change of rules or settings is on record once, without
// secrets, and that the texts of rules come back out of the ledger.
func TestInForce(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	rule := "policies:\n  - name: own\n    action: alert\n"
	put("policies/own.yaml", rule)
	put("allow/own.yaml", "allow: []\n# ann@example.com\n")
	s := defaultSettings()
	s.StateDir, s.RulesDir = filepath.Join(t.TempDir(), "state"), dir
	s.Proxy.Listen, s.Console.Listen = "127.0.0.1:0", "127.0.0.1:0"
	g, err := newGateway(t.Context(), s, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	s.Inventory.Store = "redis://user:hunter2@h/0"
	s.Events = []EventSettings{{Name: "chat", To: "https://hooks.example/services/hunter2"}}
	for range 2 { // the second changes nothing
		g.noteInForce(t.Context(), s)
	}
	book := g.inventory.Book()
	if n := book.Chain().Seq; n != 3 { // text, rules, settings
		t.Fatalf("%d entries, want 3", n)
	}
	put("policies/own.yaml", rule+"    message: no\n")
	g.noteInForce(t.Context(), s)
	put("policies/own.yaml", rule) // its text is on record
	g.noteInForce(t.Context(), s)
	if n := g.inventory.Book().Chain().Seq; n != 6 {
		t.Errorf("%d entries, want 6", n)
	}
	var all bytes.Buffer
	files, err := evidence.PolicyHistory(g.inventory.Book(), evidence.Period{Until: time.Now().AddDate(1, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	texts := 0
	for _, f := range files {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name, "own/policies/own.yaml") && strings.HasPrefix(b.String(), rule) {
			texts++
		}
		all.Write(b.Bytes())
	}
	if texts != 3 {
		t.Errorf("%d texts of rules, want 3", texts)
	}
	for topic := range map[inventory.Topic]bool{inventory.TopicPolicy: true, inventory.TopicSettings: true, inventory.TopicRuleFile: true} {
		for _, history := range g.inventory.Book().Subjects(topic) {
			for i := range history {
				all.Write(history[i].Data)
			}
		}
	}
	for _, secret := range []string{"hunter2", "ann@example.com"} {
		if strings.Contains(all.String(), secret) {
			t.Errorf("%q is on record", secret)
		}
	}
	if !strings.Contains(all.String(), "https://hooks.example") {
		t.Error("the receiver of events is not on record")
	}
}
