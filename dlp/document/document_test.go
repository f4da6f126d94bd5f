package document_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp/document"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// show writes each line of a text with its place, then the gaps.
func show(t *document.Text) string {
	var out strings.Builder
	fmt.Fprintf(&out, "format %s\n", t.Format)
	off := 0
	for line := range strings.Lines(string(t.Bytes)) {
		place := t.Place(off).String()
		fmt.Fprintf(&out, "[%s] %s\n", place, strings.TrimSuffix(line, "\n"))
		off += len(line)
	}
	for _, g := range t.Gaps {
		fmt.Fprintf(&out, "%v: %s", g.Reason, g.Place)
		if g.Detail != "" {
			fmt.Fprintf(&out, " (%s)", g.Detail)
		}
		out.WriteByte('\n')
	}
	return out.String()
}

func read(data []byte) *document.Text {
	return document.Read(context.Background(), data, document.Options{})
}

// TestFiles reads files of real producers (testdata/README.md) and compares text,
// places and gaps with the golden files.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/files/*")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files in testdata/files (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata/golden", filepath.Base(file)+".txt")
			got := show(read(data))
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
