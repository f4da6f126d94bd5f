package dlp_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// known are the files of the Go source tree that hold keys on purpose: what is
// found there is no false hit.
var known = []string{"crypto/", "cmd/go/internal/auth/", "net/http/client_test.go"}

// TestFalseHits counts what is found in text that holds no secret, card or id:
// a part of Go's source tree.
func TestFalseHits(t *testing.T) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("go env GOROOT: %v", err)
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "src")
	s := newScanner(t, dlp.Options{})
	var hits []dlp.Hit
	files, size := 0, 0
	for _, dir := range []string{"math", "net", "strconv", "time", "runtime", "encoding", "crypto", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(path) != ".go" {
				return err
			}
			name, _ := filepath.Rel(root, path)
			for _, k := range known {
				if strings.HasPrefix(filepath.ToSlash(name), k) {
					return nil
				}
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files, size = files+1, size+len(text)
			hits = s.ScanText(text, hits[:0])
			for _, h := range hits {
				switch h.Class {
				case traffic.ClassSecret, traffic.ClassPaymentCard, traffic.ClassBankAccount, traffic.ClassNationalID:
					t.Errorf("%s: %s (%s, %v) at byte %d", name, h.Detector, h.Class, h.Confidence, h.Start)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if size < 5<<20 {
		t.Fatalf("only %d files, %d bytes read: the count proves nothing", files, size)
	}
}
