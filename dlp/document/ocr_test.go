package document_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/dlp/document"
)

// TestMain lets the test binary play the OCR command.
func TestMain(m *testing.M) {
	switch os.Getenv("FAKE_OCR") {
	case "words":
		os.Stdout.WriteString("words in the picture\n")
		os.Exit(0)
	case "hang":
		time.Sleep(time.Minute)
		os.Exit(0)
	case "fail":
		os.Exit(1)
	case "flood":
		for range 8 << 10 {
			os.Stdout.WriteString(strings.Repeat("flood ", 200))
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestOCR(t *testing.T) {
	picture, err := os.ReadFile("testdata/files/dot.png")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath(self); err != nil {
		t.Fatal(err)
	}
	file := docxOf(t, par("text"), "word/media/image1.png", string(picture))
	for _, tt := range []struct {
		name, fake string
		command    []string
		want       string
	}{
		{"none", "", nil, "not inspected: image: image1.png (image/png)"},
		{"words", "words", []string{self}, "[image1.png > line 1] words in the picture"},
		{"hangs", "hang", []string{self}, "not inspected: ocr failed: image1.png"},
		{"fails", "fail", []string{self}, "not inspected: ocr failed: image1.png"},
		{"is missing", "", []string{"/nowhere/ocr"}, "not inspected: ocr failed: image1.png"},
		{"floods", "flood", []string{self}, "[image1.png > line 1] flood flood"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("FAKE_OCR", tt.fake)
			timeout := 20 * time.Second
			if tt.fake == "hang" {
				timeout = 300 * time.Millisecond
			}
			text := document.Read(context.Background(), file, document.Options{OCR: tt.command, OCRTimeout: timeout})
			if got := show(text); !strings.Contains(got, tt.want) || !strings.Contains(got, "] text") {
				t.Errorf("no %q in\n%.2000s", tt.want, got)
			}
			if len(text.Bytes) > 5<<20 {
				t.Errorf("%d bytes of text", len(text.Bytes))
			}
		})
	}
}

// TestLockedOffice reads an Office file with a password: its label can be read.
func TestLockedOffice(t *testing.T) {
	file := cfbOf(
		cfbStorage{name: "EncryptedPackage", data: make([]byte, 5000)},
		cfbStorage{name: "LabelInfo", data: []byte(`<labelList><label id="{2f4e}" method="Privileged"/></labelList>`)},
	)
	got := show(read(file))
	for _, want := range []string{"[sensitivity label] label id={2f4e} method=Privileged", "not inspected: encrypted"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
