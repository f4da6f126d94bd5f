package dlp_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// known are the files of the Go source tree that hold keys on purpose: what is
// found there is no false hit.
var known = []string{"crypto/", "cmd/go/internal/auth/", "net/http/client_test.go"}

// TestFalseIDs scans, each by itself as they stand in a request, what programs
// fill in: models, ids, times. None may be mistaken for data of a person.
func TestFalseIDs(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	r := rand.New(rand.NewPCG(5, 6))
	digits := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte('0' + r.IntN(10))
		}
		return string(b)
	}
	texts := []string{
		"gpt-4o", "gpt-4.1-mini-2025-04-14", "claude-sonnet-4-5-20250929", "anthropic.claude-3-5-sonnet-20241022-v2:0", "models/gemini-2.5-pro",
		"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-5-sonnet-20241022-v2:0",
		"meta-llama/Llama-3.3-70B-Instruct", "llama3.2:latest", "deepseek-r1:70b", "vertex-2023-10-16", "2023-06-01",
		"Content-Disposition: form-data; name=\"file\"; filename=\"", "\"\r\nContent-Type: application/pdf\r\n\r\n",
		"Europe/Berlin", "/v1/chat/completions", "http://json-schema.org/draft-07/schema#", "file-service://file-4abcDEF123",
	}
	for range 2000 {
		hex := strconv.FormatUint(r.Uint64()|1<<63, 16) + strconv.FormatUint(r.Uint64()|1<<63, 16)
		texts = append(texts,
			"17"+digits(8), "17"+digits(11), "17"+digits(14), "17"+digits(17), // seconds to nanoseconds
			hex, hex[:8]+"-"+hex[8:12]+"-4"+hex[13:16]+"-a"+hex[17:20]+"-"+hex[20:],
			"call_"+hex[:24], "toolu_01"+hex[:22], "resp_"+hex, "msg_"+hex[:24], "fc_"+hex, "chatcmpl-"+hex[:29], "thread_"+hex[:24],
			"user_"+hex+"_account_"+hex[:8]+"-"+hex[8:12]+"-4"+hex[13:16]+"-a"+hex[17:20]+"-"+hex[20:])
	}
	count := make(map[string]int)
	for _, text := range texts {
		for _, h := range s.ScanText([]byte(text), nil) {
			if count[h.Detector]++; count[h.Detector] == 1 {
				t.Logf("%s (%v) in %q", h.Detector, h.Confidence, text)
			}
		}
	}
	for name, n := range count {
		t.Errorf("%s: %d of %d", name, n, len(texts))
	}
}

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
