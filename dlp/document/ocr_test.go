package document_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
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
	case "family": // a command with a child that outlives it
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "FAKE_OCR=hang")
		child.Stdout = os.Stdout
		if child.Start() == nil {
			os.WriteFile(os.Getenv("FAKE_OCR_FILE"), []byte(strconv.Itoa(child.Process.Pid)), 0o600)
		}
		time.Sleep(time.Minute)
		os.Exit(0)
	case "alone":
		f, err := os.OpenFile(os.Getenv("FAKE_OCR_FILE"), os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			os.Exit(1) // another one is running
		}
		time.Sleep(50 * time.Millisecond)
		f.Close()
		os.Remove(f.Name())
		os.Stdout.WriteString("alone\n")
		os.Exit(0)
	case "flood":
		for range 8 << 10 {
			os.Stdout.WriteString(strings.Repeat("flood ", 200))
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// patience is what commands get on a machine under load.
const patience = 5 * time.Minute

func TestOCR(t *testing.T) {
	self := self(t)
	file := docxOf(t, par("text"), "word/media/image1.png", string(picture(t)))
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
			timeout := patience
			if tt.fake == "hang" {
				timeout = 300 * time.Millisecond
			}
			var ocr *document.OCR
			if tt.command != nil {
				ocr = document.NewOCR(tt.command, timeout, 1)
			}
			text := document.Read(context.Background(), file, document.Options{OCR: ocr, Time: patience})
			if got := show(text); !strings.Contains(got, tt.want) || !strings.Contains(got, "] text") {
				t.Errorf("no %q in\n%.2000s", tt.want, got)
			}
			if len(text.Bytes) > 5<<20 {
				t.Errorf("%d bytes of text", len(text.Bytes))
			}
		})
	}
}

// TestOCRChildren ends a command with all that it has started.
func TestOCRChildren(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	file := filepath.Join(t.TempDir(), "pid")
	t.Setenv("FAKE_OCR", "family")
	t.Setenv("FAKE_OCR_FILE", file)
	t.Setenv("GNOMON_TEST", "not handed down")
	var pid []byte
	for timeout := 2 * time.Second; len(pid) == 0; timeout *= 2 { // until there is time enough to start a child
		ocr := document.NewOCR([]string{self(t)}, timeout, 1)
		if got := show(document.Read(t.Context(), picture(t), document.Options{OCR: ocr, Time: patience})); !strings.Contains(got, "ocr failed") {
			t.Errorf("got %s", got)
		}
		var err error
		if pid, err = os.ReadFile(file); err != nil && timeout > time.Minute {
			t.Fatal(err)
		}
	}
	for range 1200 { // killing is not dying: a minute
		stat, err := os.ReadFile("/proc/" + string(pid) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("process %s still runs", pid)
}

// TestOCRProcesses has one command run at a time, whoever asks.
func TestOCRProcesses(t *testing.T) {
	t.Setenv("FAKE_OCR", "alone")
	t.Setenv("FAKE_OCR_FILE", filepath.Join(t.TempDir(), "lock"))
	ocr := document.NewOCR([]string{self(t)}, patience, 1)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if got := show(document.Read(t.Context(), picture(t), document.Options{OCR: ocr, Time: patience})); !strings.Contains(got, "] alone") {
				t.Errorf("got %s", got)
			}
		})
	}
	all.Wait()
}

func self(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self
}

func picture(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/files/dot.png")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestLockedOffice reads an Office file with a password: its label can be read.
func TestLockedOffice(t *testing.T) {
	file := cfbOf(
		cfbStorage{name: "EncryptedPackage", data: make([]byte, 5000)},
		cfbStorage{name: "LabelInfo", data: []byte(`<labelList><label id="{2f4e}" method="Privileged"/></labelList>`)},
	)
	got := show(read(file))
	for _, want := range []string{"[sensitivity label] label id=MSIP_Label_2f4e method=Privileged", "not inspected: encrypted"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
