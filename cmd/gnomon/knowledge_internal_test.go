package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
)

// TestLoadAfter: the scanner is used on as long as it would look for the same, and
// no longer.
func TestLoadAfter(t *testing.T) {
	key := passingKey()
	const detector = "detectors:\n  - {name: own-word, class: custom, confidence: 0.9, keywords: [zanzibar], pattern: 'zanzibar', match: [zanzibar], no_match: [tanzania]}\n"
	const allow = "allow:\n  - {name: ours, class: [contact], values: [ann@ours.example], reason: ours, until: 2999-01-01}\n"
	first, err := loadKnowledge(nil, key)
	if err != nil {
		t.Fatal(err)
	}
	table := folder(t, nil)
	b, err := dlp.NewEDM("staff", []string{"name", "number"}, 1, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Add([]string{"Ann Miller", "4711-0815"}); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(table, edmFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(table, edmFolder, "staff.edm"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	e, _, _ := b.Build()
	if err := e.Write(file); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, overlay string
		same          bool
	}{
		{"a policy", folder(t, map[string]string{"policies/a.yaml": noContacts}), true},
		{"a detector", folder(t, map[string]string{"detectors/a.yaml": detector}), false},
		{"none of the embedded detectors", folder(t, map[string]string{"detectors/a.yaml": "detectors:\n  - {name: address_english, disabled: true}\n"}), false},
		{"an allow-list", folder(t, map[string]string{"allow/a.yaml": allow}), false},
		{"a table", table, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, err := loadAfter(first, []string{tt.overlay}, key)
			if err != nil {
				t.Fatal(err)
			}
			if same := k.scanner == first.scanner; same != tt.same {
				t.Errorf("the scanner is that of before: %v, want %v", same, tt.same)
			}
			back, err := loadAfter(k, nil, key)
			if err != nil {
				t.Fatal(err)
			}
			if same := back.scanner == k.scanner; same != tt.same {
				t.Errorf("without it, the scanner is that of before: %v, want %v", same, tt.same)
			}
		})
	}
}
