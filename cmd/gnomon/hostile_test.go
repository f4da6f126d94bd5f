package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestHostileFiles scans files that are made to do harm with the command: each
// ends with a clear reason, and what can be read in it is found.
func TestHostileFiles(t *testing.T) {
	t.Setenv("GNOMON_STATE_DIR", t.TempDir())
	word := func(body string) string {
		return "<w:document><w:body><w:p><w:r><w:t>" + body + "</w:t></w:r></w:p></w:body></w:document>"
	}
	nested := "bottom"
	for range 20 {
		nested = string(zipFile(t, "in.zip", nested))
	}
	var gz bytes.Buffer
	z := gzip.NewWriter(&gz)
	z.Write(bytes.Repeat([]byte("nothing but words "), 2<<20))
	z.Close()
	laughs := `<!DOCTYPE x [<!ENTITY a "lol">`
	for i := 'b'; i < 'k'; i++ {
		laughs += fmt.Sprintf(`<!ENTITY %c "%s">`, i, strings.Repeat(fmt.Sprintf("&%c;", i-1), 10))
	}
	pdf := sample(t, "qpdf-objstm.pdf")
	deepNotebook := `{"nbformat":4,"cells":[{"cell_type":"code","source":"` + fakeKey + `","metadata":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}]}`
	for _, tt := range []struct {
		name, file, reason string
		found              bool
	}{
		{"zip bomb", string(zipFile(t, "a", strings.Repeat("\x00", 64<<20), "b.txt", "key "+fakeKey)), "compression ratio", true},
		{"gzip bomb", gz.String(), "compression ratio", false},
		{"zip in zip in zip", nested, "too deep", false},
		{"billion laughs", string(zipFile(t, "[Content_Types].xml", "<Types/>", "word/document.xml", laughs+"]>"+word("&j; key "+fakeKey))), "entities of its own", true},
		{"XML 10,000 deep", string(zipFile(t, "[Content_Types].xml", "<Types/>", "word/document.xml", word("key "+fakeKey), "word/header1.xml", strings.Repeat("<a>", 10_000))), "too deep", true},
		{"JSON 10,000 deep in a notebook", deepNotebook, "too deep", true},
		{"JSON 10,000 deep", strings.Repeat(`{"a":[`, 10_000) + `"` + fakeKey + `"` + strings.Repeat("]}", 10_000), "", true},
		{"damaged zip", string(docxOf(t, strings.Repeat("words ", 200))[:150]), "damaged", false},
		{"PDF cut short", string(pdf[:len(pdf)/8]), "damaged", false},
		{"PDF with a password", string(sample(t, "qpdf-locked.pdf")), "encrypted", false},
		{"picture", string(sample(t, "dot.png")), "image", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			writeTo(t, path, tt.file)
			var out, errs bytes.Buffer
			code := execute(t.Context(), []string{"scan", path}, strings.NewReader(""), &out, &errs)
			if want := "not inspected: " + tt.reason; tt.reason != "" && !strings.Contains(errs.String(), want) {
				t.Errorf("no %q in %.500s", want, &errs)
			}
			if found := strings.Contains(out.String(), `"class":"secret"`); found != tt.found || found != (code == exitFindings) {
				t.Errorf("exit code %d, output %.500s, want found %t", code, &out, tt.found)
			}
		})
	}
}

// TestHostilePrompts: what is deep or broken in a prompt is read as far as that
// goes, and what is not is in the coverage.
func TestHostilePrompts(t *testing.T) {
	k, err := loadKnowledge(nil, passingKey())
	if err != nil {
		t.Fatal(err)
	}
	deep := `{"model":"m","messages":[{"role":"user","content":` + strings.Repeat(`[`, 10_000) + `"key ` + fakeKey + `"` + strings.Repeat("]", 10_000) + `}]}`
	bomb := zipFile(t, "a", strings.Repeat("\x00", 64<<20), "b.txt", "key "+fakeKey)
	for _, tt := range []struct {
		name   string
		sent   upload
		reason string
		found  bool
	}{
		{"JSON 10,000 deep", upload{"https://api.openai.com/v1/chat/completions", "application/json", deep}, "", true},
		{"zip bomb", asInputFile(bomb), traffic.ReasonOverLimit, true},
		{"cut document", asInputFile(docxOf(t, strings.Repeat("words ", 200))[:150]), traffic.ReasonDamaged, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := inspectUpload(t, k, tt.sent)
			if got.Coverage.Reason != tt.reason || (len(got.Findings) > 0) != tt.found {
				t.Errorf("coverage %+v, findings %+v, gaps %+v", got.Coverage, got.Findings, got.Gaps)
			}
		})
	}
}
