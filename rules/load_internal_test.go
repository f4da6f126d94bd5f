package rules

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// BenchmarkEmbedded measures what every start of the program pays; the aim is
// 60 ms.
func BenchmarkEmbedded(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var errs Errors
		readLayer(files, "embedded", folders, &errs)
	}
}

// FuzzLayer reads any bytes as each kind of rule file. What is accepted must
// make a policy engine.
func FuzzLayer(f *testing.F) {
	f.Add("allow", []byte("allow: [{name: a, patterns: ['A-[0-9]+'], values: [abcd], findings: [fc27bef4b5160f4d], reason: r, until: 2026-11-22, match: [A-1]}]"))
	for _, kind := range folders {
		if kind == "allow" { // of overlays alone
			continue
		}
		paths, err := fs.Glob(files, kind+"/*.yaml")
		if err != nil || len(paths) == 0 {
			f.Fatalf("%s: %d files, %v", kind, len(paths), err)
		}
		text, err := fs.ReadFile(files, paths[0])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(kind, text[:min(len(text), 2000)])
	}
	for _, text := range []string{
		"policies: [{name: a, when: {network: [::/0]}, action: block, message: x, until: 2026-01-01, expr: findings > 1}]",
		"policies: [{name: a, action: allow, match: [{findings: [{class: secret, count: 10000}]}], no_match: [{client: ::1}]}]",
		"policies: &a\n- *a", "policies: [{name: a, expr: 'groups[9] == 1 / 0', action: alert}]", "services: [{id: x, disabled: true}]",
	} {
		f.Add("policies", []byte(text))
	}
	f.Add("controls", []byte("controls: [{id: A, framework: f, title: t, kind: date, on: 2026-11-22, relations: [{to: f/A, is: equal-to}]}]\nframeworks: [{id: f, disabled: true}]\nmethods: [{id: m, disabled: true, version: '1'}]"))
	f.Add("blindspots", []byte("blindspots: [{name: a, kinds: [dot, vpn], addresses: [::/0, 0.0.0.0/0], ports: [1/udp], match: ['[::1]:1/udp', ':9', 'alpn=x', 'a:b']}]"))
	f.Fuzz(func(t *testing.T, kind string, text []byte) {
		var errs Errors
		l := readLayer(fstest.MapFS{kind + "/f.yaml": {Data: text}}, "fuzz", folders, &errs)
		for _, e := range errs {
			if !strings.HasPrefix(e.Error(), "fuzz") {
				t.Errorf("an error without its place: %v", e)
			}
		}
		if len(errs) > 0 {
			return
		}
		e, err := NewEngine(l.policies, time.Now)
		if err != nil {
			t.Fatalf("accepted, and refused by the engine: %v", err)
		}
		e.Decide((&Example{}).Exchange())
		set := &Set{BlindSpots: l.blind, Frameworks: l.frameworks, Controls: l.controls, Methods: l.methods}
		set.checkBlindSpots(&errs)
		set.settleControls(nil, &errs)
		for i := range set.Methods {
			if m := &set.Methods[i]; !m.Disabled {
				m.Level(12)
			}
		}
	})
}
