package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// TestScanUnknown scans what is of no known format: its bytes are searched, and
// that is what is said.
func TestScanUnknown(t *testing.T) {
	dir := t.TempDir()
	alone, within := filepath.Join(dir, "a.bin"), filepath.Join(dir, "b.zip")
	binary := "\x00\x01\x02\xff\xfe key " + fakeKey + " \x00\x03"
	writeTo(t, alone, binary)
	writeTo(t, within, string(zipFile(t, "a.bin", binary)))
	for path, want := range map[string]string{
		alone:  "a.bin: unknown binary: its bytes were searched as they stand\n",
		within: "b.zip > a.bin: unknown binary: only the texts in it were searched\n",
	} {
		var out, talk bytes.Buffer
		code := execute(t.Context(), []string{"scan", path}, strings.NewReader(""), &out, &talk)
		if code != exitFindings || !strings.HasSuffix(talk.String(), want) || !strings.Contains(out.String(), `"class":"secret"`) {
			t.Errorf("exit %d, said %q, want %q, found %s", code, &talk, want, &out)
		}
	}
}
