package document_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp/document"
)

// TestDamage cuts and corrupts each file of a real producer: whatever is left of it,
// no reader panics or runs on.
func TestDamage(t *testing.T) {
	files, _ := filepath.Glob("testdata/files/*")
	if len(files) < 20 {
		t.Fatalf("%d files", len(files))
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, file := range files {
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 16 {
			data := bytes.Clone(whole)
			if i%2 == 0 {
				data = data[:rnd.IntN(len(data))]
			}
			for range i {
				if len(data) > 0 {
					data[rnd.IntN(len(data))] = byte(rnd.Uint32())
				}
			}
			for _, g := range read(data).Gaps {
				if g.Reason == document.ReaderFailed || g.Reason == document.OutOfTime {
					t.Errorf("%s, try %d: %v", file, i, g)
				}
			}
		}
	}
}
