package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

func textOf(s string) *traffic.Prompt {
	return &traffic.Prompt{Parts: []traffic.Part{{Kind: traffic.PartMetadata, Text: []byte(s), End: len(s)}}}
}

// TestLateScanner: the detectors are read for the first text, find what they find,
// and nothing is taken for harmless without them.
func TestLateScanner(t *testing.T) {
	l := newLateScanner(nil)
	loads, load := 0, l.load
	l.load = func() (*knowledge, error) { loads++; return load() }
	if found := l.Scan(textOf("\n\n\n")); len(found) != 0 || loads != 0 {
		t.Errorf("of no text: %d findings, read %d times", len(found), loads)
	}
	if found := l.Scan(textOf("curl/8.5.0\n/v1/chat")); len(found) != 0 || loads != 1 {
		t.Errorf("of plain text: %+v, read %d times", found, loads)
	}
	if found := l.Scan(textOf("curl/8.5.0 card 5500 0055 5555 5559")); len(found) == 0 {
		t.Error("a number of a card is not found")
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "detectors"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeLog(t, filepath.Join(dir, "detectors", "own.yaml"), "detectors: [\n")
	l = newLateScanner([]string{dir})
	if found := l.Scan(textOf("\n")); len(found) != 0 || l.failed() != nil {
		t.Errorf("of no text, with rules that can't be read: %+v, %v", found, l.failed())
	}
	if found := l.Scan(textOf("curl")); len(found) == 0 || l.failed() == nil || !strings.Contains(l.failed().Error(), "own.yaml") {
		t.Errorf("with rules that can't be read: %+v, %v", found, l.failed())
	}
	var none *lateScanner
	if none.failed() != nil {
		t.Error("without --save the scanner failed")
	}
}

// TestSavedSecret: a secret in a path or a user agent of a log is not saved.
func TestSavedSecret(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GNOMON_STATE_DIR", filepath.Join(dir, "state"))
	file := filepath.Join(dir, "access.log")
	writeLog(t, file, `192.0.2.10 - - [02/Mar/2026:09:15:04 +0000] "POST http://api.openai.com/v1/chat/completions HTTP/1.1" 200 100 "-" "curl/8.5.0 card 5500 0055 5555 5559" TCP_MISS:HIER_DIRECT`+"\n")
	if code, _, talk := command(t, "", "discover", "--save", file); code != exitOK {
		t.Fatalf("exit %d: %s", code, talk)
	}
	code, out, talk := command(t, "", "inventory", "show", "--json", "openai-api")
	if code != exitOK || !strings.Contains(out, `"requests":1`) || strings.Contains(out, "5555 5559") {
		t.Errorf("exit %d: %s %s", code, out, talk)
	}
}
