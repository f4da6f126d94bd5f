package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// card is a number that no vendor publishes as an example.
const card = "4539 1488 0343 6467"

// docxOf returns a Word file with one paragraph.
func docxOf(t *testing.T, text string) []byte {
	t.Helper()
	return zipFile(t, "[Content_Types].xml", "<Types/>", "word/document.xml",
		`<w:document><w:body><w:p><w:r><w:t>`+text+`</w:t></w:r></w:p></w:body></w:document>`)
}

func zipFile(t *testing.T, pairs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, pairs[i+1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../dlp/document/testdata/files", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// upload is a request with an attached file.
type upload struct{ url, kind, body string }

func asInputFile(data []byte) upload {
	body := `{"model":"gpt-4o","input":[{"role":"user","content":[{"type":"input_file","filename":"list","file_data":"data:application/octet-stream;base64,` +
		base64.StdEncoding.EncodeToString(data) + `"},{"type":"input_text","text":"Summarise this."}]}]}`
	return upload{"https://api.openai.com/v1/responses", "application/json", body}
}

func asAnthropicBlock(data []byte) upload {
	body := `{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"` +
		base64.StdEncoding.EncodeToString(data) + `"}},{"type":"text","text":"Summarise this."}]}]}`
	return upload{"https://api.anthropic.com/v1/messages", "application/json", body}
}

func asMultipart(data []byte) upload {
	body := "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nassistants\r\n--b\r\n" +
		"Content-Disposition: form-data; name=\"file\"; filename=\"list\"\r\nContent-Type: application/octet-stream\r\n\r\n" + string(data) + "\r\n--b--\r\n"
	return upload{"https://api.openai.com/v1/files", "multipart/form-data; boundary=b", body}
}

func (o *office) post(t *testing.T, u upload) (code int, body string) {
	t.Helper()
	return fetch(t, o.client, http.MethodPost, u.url, u.body, "Content-Type", u.kind)
}

// TestAttachedFiles: data in an attached document is found through the real
// gateway; as a document can't be cleaned, the request is refused, and says why.
func TestAttachedFiles(t *testing.T) {
	o := startOffice(t, nil)
	for _, tt := range []struct {
		name string
		upload
	}{
		{"docx with a card in OpenAI's input_file", asInputFile(docxOf(t, "Card "+card))},
		{"xlsx in OpenAI's input_file", asInputFile(sample(t, "openpyxl.xlsx"))},
		{"PDF in a block of Anthropic", asAnthropicBlock(sample(t, "qpdf-objstm.pdf"))},
		{"docx in a multipart upload", asMultipart(docxOf(t, "Card "+card))},
		{"docx in a zip in a multipart upload", asMultipart(zipFile(t, "mail.docx", string(docxOf(t, "Card "+card))))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, body := o.post(t, tt.upload)
			if code != http.StatusForbidden || !strings.Contains(body, "remove the data from the file and send it again") {
				t.Errorf("answer = %d %s", code, body)
			}
			if strings.Contains(body, "4539") || strings.Contains(body, fakeKey) {
				t.Errorf("the answer quotes the value: %s", body)
			}
		})
	}
	for _, host := range []string{testnet.HostOpenAI, testnet.HostAnthropic} {
		if n := len(o.services.ReceivedBy(host)); n != 0 {
			t.Errorf("%s received %d requests", host, n)
		}
	}
	clean := asInputFile(docxOf(t, "Nothing in here"))
	if code, body := o.post(t, clean); code != 200 {
		t.Fatalf("a clean document: %d %s", code, body)
	}
	if got := o.services.ReceivedBy(testnet.HostOpenAI); len(got) != 1 || string(got[0].Body) != clean.body {
		t.Errorf("a clean document did not arrive as it was sent")
	}
	if n := o.documents.free; n != newDocuments(o.settings).free {
		t.Errorf("%d bytes of memory have not been given back", newDocuments(o.settings).free-n)
	}
}

// TestAttachedFilePolicies: a rule that only alerts lets the file pass as it is,
// one that fails closed refuses what was not read.
func TestAttachedFilePolicies(t *testing.T) {
	overlay := t.TempDir()
	writeTo(t, filepath.Join(overlay, "policies", "mine.yaml"), `policies:
  - name: watch-cards
    when: {service: [OpenAI API], class: [payment_card]}
    action: alert
  - name: strict
    when: {service: [Anthropic API]}
    action: allow
    on_failure: closed
`)
	o := startOffice(t, func(s *Settings) { s.RulesDir = overlay })
	sent := asMultipart(docxOf(t, "Card "+card))
	if code, body := o.post(t, sent); code != 200 {
		t.Fatalf("only an alert: %d %s", code, body)
	}
	if got := o.services.ReceivedBy(testnet.HostOpenAI); len(got) != 1 || string(got[0].Body) != sent.body {
		t.Error("the file did not arrive as it was sent")
	}
	if code, body := o.post(t, asAnthropicBlock(sample(t, "qpdf-locked.pdf"))); code != 403 || !strings.Contains(body, "encrypted") {
		t.Errorf("a locked file, closed: %d %s", code, body)
	}
	if code, body := o.post(t, asAnthropicBlock(sample(t, "dot.png"))); code != 200 {
		t.Errorf("a picture beside words: %d %s", code, body)
	}
	if err := o.stop(); err != nil {
		t.Fatal(err)
	}
	if got := o.pipeline.Stats.Failures(); got[traffic.ReasonEncrypted] != 1 || got[traffic.ReasonFormat] != 1 {
		t.Errorf("failures = %v", got)
	}
}

// TestAttachedPictures has a command read the text in a picture.
func TestAttachedPictures(t *testing.T) {
	picture := append([]byte("\x89PNG\r\n\x1a\n\x00\x01\n"), "key "+fakeKey+"\n"...)
	o := startOffice(t, func(s *Settings) { s.DLP.OCRCommand = []string{"cat"} })
	if code, body := o.post(t, asMultipart(picture)); code != 403 {
		t.Errorf("a key in a picture: %d %s", code, body)
	}
	o = startOffice(t, nil)
	if code, body := o.post(t, asMultipart(picture)); code != 200 {
		t.Errorf("without the command: %d %s", code, body)
	}
}

// TestDocumentLimits: a bomb ends with a reason, and so do more texts than there
// is memory for.
func TestDocumentLimits(t *testing.T) {
	s := defaultSettings()
	s.Proxy.MaxScanBytes, s.Proxy.ScanMemory = 4<<20, 32<<20
	d := newDocuments(s)
	bomb := zipFile(t, "a.txt", strings.Repeat("words and words ", 4<<20))
	r := d.Open()
	if got := r.Read(bomb); got == nil || !slices.Contains(got.Unread, traffic.ReasonOverLimit) || len(got.Text) > 4<<20 {
		t.Errorf("a bomb: %d bytes of text, unread %v", len(got.Text), got.Unread)
	}
	var all []interface{ Close() }
	for range 100 {
		one := d.Open()
		all = append(all, one)
		got := one.Read(zipFile(t, "a.txt", strings.Repeat("All sorts of words. ", 40_000)))
		if got != nil && len(got.Unread) > 0 {
			if got.Unread[0] != traffic.ReasonScanMemory {
				t.Errorf("unread: %v", got.Unread)
			}
			break
		}
	}
	if len(all) == 100 {
		t.Error("texts borrow without end")
	}
	for _, one := range append(all, r) {
		one.Close()
	}
	if d.free != int64(s.Proxy.ScanMemory)/2 {
		t.Errorf("%d bytes free at the end", d.free)
	}
	slow := d.Open().(*documentReader)
	slow.time = time.Nanosecond
	if got := slow.Read(bomb); got == nil || len(got.Unread) != 1 || got.Unread[0] != traffic.ReasonOverLimit {
		t.Errorf("without time: %+v", got)
	}
}

func inspectUpload(t *testing.T, k *knowledge, u upload) *inspected {
	t.Helper()
	raw := "POST " + strings.TrimPrefix(u.url, "https://api.openai.com") + " HTTP/1.1\r\nHost: api.openai.com\r\nContent-Type: " + u.kind + "\r\n\r\n" + u.body
	req, err := readRawRequest([]byte(raw), "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := inspect(k, defaultSettings(), unreviewed{}, req)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestInspectDocument shows places, and what was not read.
func TestInspectDocument(t *testing.T) {
	k, err := loadKnowledge(nil, passingKey())
	if err != nil {
		t.Fatal(err)
	}
	got := inspectUpload(t, k, asInputFile(sample(t, "openpyxl.xlsx")))
	text, _ := json.Marshal(got)
	key := slices.IndexFunc(got.Findings, func(f partFinding) bool { return f.Class == traffic.ClassSecret })
	if key < 0 || got.Findings[key].Place != `sheet "Geheim", hidden, cell B17` || got.Decision.Action != traffic.ActionBlock || got.Rewritten != "" {
		t.Fatalf("got %s", text)
	}
	if i := got.Findings[key].Part; !strings.Contains(got.Parts[i].Text, fakeKey) || got.Parts[i].Kind != traffic.PartFile || got.Parts[i].Name != "list" {
		t.Errorf("part %+v", got.Parts[i])
	}
	got = inspectUpload(t, k, asInputFile(zipFile(t, "word/document.xml", "<w:document><w:p><w:t>x</w:t></w:p></w:document>", "word/media/logo.png", "\x89PNG\r\n\x1a\n")))
	want := inspectCoverage{traffic.Inspected, traffic.ReasonFormat}
	if len(got.Gaps) != 1 || got.Gaps[0].Reason != "image" || got.Gaps[0].Place != "word/media/logo.png" || got.Coverage != want {
		t.Errorf("gaps %+v, coverage %+v", got.Gaps, got.Coverage)
	}
}

// TestLabels: the sensitivity label of an Office file is a finding, for scan and
// for the gateway; that of a file with a password, too.
func TestLabels(t *testing.T) {
	const id = "f42aa342-8706-4288-bd11-ebb85995028c"
	old := zipFile(t, "[Content_Types].xml", "<Types/>", "word/document.xml", "<w:document/>", "docProps/custom.xml",
		`<Properties><property name="MSIP_Label_`+id+`_Enabled"><vt:lpwstr>true</vt:lpwstr></property></Properties>`)
	now := zipFile(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>", "docMetadata/LabelInfo.xml",
		`<clbl:labelList><clbl:label id="{`+id+`}" enabled="1" method="Privileged" siteId="{`+id+`}"/></clbl:labelList>`)
	removed := zipFile(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>", "docMetadata/LabelInfo.xml",
		`<clbl:labelList><clbl:label id="{`+id+`}" enabled="0" method="Privileged" removed="1"/></clbl:labelList>`)
	k, err := loadKnowledge(nil, passingKey())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		file []byte
		want int
	}{{"property", old, 1}, {"LabelInfo", now, 1}, {"removed", removed, 0}} {
		t.Run(tt.name, func(t *testing.T) {
			got := inspectUpload(t, k, asInputFile(tt.file))
			n := 0
			for _, f := range got.Findings {
				if f.Class == traffic.ClassConfidential && strings.HasPrefix(f.Place, "sensitivity label") {
					n++
				}
			}
			if n != tt.want {
				t.Errorf("findings %+v, want %d labels", got.Findings, tt.want)
			}
			path := filepath.Join(t.TempDir(), "file")
			writeTo(t, path, string(tt.file))
			var out, errs bytes.Buffer
			code := execute(t.Context(), []string{"scan", path}, strings.NewReader(""), &out, &errs)
			if found := strings.Contains(out.String(), `"class":"confidential"`); found != (tt.want > 0) || (code == exitFindings) != found {
				t.Errorf("scan: %d %s%s", code, &out, &errs)
			}
		})
	}
}

func writeTo(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
