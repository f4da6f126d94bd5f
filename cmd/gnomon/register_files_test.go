package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
	"github.com/gnomon-proxy/gnomon/internal/testredis"
)

// TestRegisterOfFiles shows in the register how many files went along with
// prompts and what was asked for, over either store, and nothing of what stood in
// a path.
func TestRegisterOfFiles(t *testing.T) {
	services, err := testnet.Start(testnet.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer services.Close()
	for name, store := range map[string]string{"sqlite": storeSQLite, "redis": redisUser(testredis.Start(t))} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, services, store)
			client, _ := s.start(services)
			tell(t, client, "ann", "hello", false)
			upload := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nsome words\r\n--b--\r\n"
			for range 2 {
				fetch(t, client, "POST", "https://api.openai.com/v1/files", upload, "Content-Type", "multipart/form-data; boundary=b", "Authorization", "Bearer sk-ann")
			}
			fetch(t, client, "GET", "https://api.openai.com/v1/files/letter-to-jane-doe/content", "", "Authorization", "Bearer sk-ann")
			var out string
			s.await("the register has it", func() bool {
				out, err = s.gnomon("inventory", "register", "openai-api")
				return err == nil && strings.Contains(out, "/v1/files/{name}/content") && strings.Contains(out, "files_uploaded")
			})
			for _, line := range strings.Split(out, "\n") {
				switch fields := strings.Fields(line); {
				case len(fields) < 4:
				case fields[0] == "files_uploaded" && strings.Join(fields[1:4], " ") != "2 sensor proxy",
					fields[0] == "api_endpoints" && !strings.Contains(line, "/v1/chat/completions"):
					t.Errorf("shown: %s", line)
				}
			}
			shown, err := s.gnomon("inventory", "show", "openai-api", "--json")
			if err != nil || !strings.Contains(shown, `"files":{"sent":2}`) || !strings.Contains(shown, `"endpoints_seen":[`) {
				t.Errorf("%v: %s", err, shown)
			}
			pack := filepath.Join(t.TempDir(), "pack")
			if _, err := s.gnomon("evidence", "export", "--period", time.Now().UTC().Format("2006-01"), "--out", pack); err != nil {
				t.Fatal(err)
			}
			if _, err := s.gnomon("evidence", "verify", pack); err != nil {
				t.Error(err)
			}
			for file, want := range map[string]string{"register.json": `"files": 2`, "use-cases.csv": "/v1/files/{name}/content", "use-cases.json": "files_uploaded"} {
				if text, err := os.ReadFile(filepath.Join(pack, file)); err != nil || !strings.Contains(string(text), want) {
					t.Errorf("%s has no %s: %v", file, want, err)
				}
			}
			if strings.Contains(s.String(), "jane") {
				t.Error("the name in a path was kept")
			}
		})
	}
}
