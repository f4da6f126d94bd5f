package overlay_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/rules/overlay"
)

// folder makes a folder of some files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRoundTrip(t *testing.T) {
	dir := folder(t, map[string]string{
		"policies/b.yaml": "policies: []\n", "policies/a.yml": "policies: []\n", "allow/x.yaml": "\xff", "edm/staff.edm": "\x00\x01", "fingerprints/d.fp": "f",
		"policies/.hidden.yaml": "no", "policies/notes.txt": "no", "README.md": "no", "edm/staff.yaml": "no", "own/x.yaml": "no",
	})
	p, err := overlay.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range p {
		names = append(names, f.Name)
	}
	if want := []string{"allow/x.yaml", "edm/staff.edm", "fingerprints/d.fp", "policies/a.yml", "policies/b.yaml"}; !reflect.DeepEqual(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
	text, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := overlay.Decode(text)
	if err != nil || !reflect.DeepEqual(got, p) {
		t.Fatalf("decoded: %v, %v", got, err)
	}
	to := t.TempDir()
	if err := got.Write(to); err != nil {
		t.Fatal(err)
	}
	again, err := overlay.Read(to)
	if err != nil || !reflect.DeepEqual(again, p) || again.Digest() != p.Digest() {
		t.Errorf("written and read again: %v, %v", again, err)
	}
	again[0].Data = []byte("changed")
	if again.Digest() == p.Digest() {
		t.Error("another content has the same digest")
	}
}

func TestReadRefuses(t *testing.T) {
	outside := folder(t, map[string]string{"secret.yaml": "secret", "policies/a.yaml": "a"})
	big := strings.Repeat("x", overlay.MaxSize/2+1)
	for _, tt := range []struct{ name, want, link, to string }{
		{name: "linked file", want: "policies/l.yaml is a link", link: "policies/l.yaml", to: filepath.Join(outside, "secret.yaml")},
		{name: "linked folder", want: "services is a link", link: "services", to: filepath.Join(outside, "policies")},
		{name: "too large", want: "larger than 16 MiB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := folder(t, map[string]string{"policies/a.yaml": "a"})
			if tt.link != "" {
				if err := os.Symlink(tt.to, filepath.Join(dir, tt.link)); err != nil {
					t.Fatal(err)
				}
			} else {
				dir = folder(t, map[string]string{"edm/a.edm": big, "edm/b.edm": big})
			}
			if p, err := overlay.Read(dir); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%d files, error %v, want %q", len(p), err, tt.want)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for _, name := range []string{"", "a.yaml", "policies/../../x.yaml", "/policies/a.yaml", "policies/a/b.yaml", `policies/..\a.yaml`, "policies/a\n.yaml", "own/a.yaml", "policies/.a.yaml", "policies/" + strings.Repeat("a", 300) + ".yaml"} {
		if _, err := overlay.New(map[string][]byte{name: nil}); err == nil {
			t.Errorf("the name %q was taken", name)
		}
	}
	if _, err := overlay.New(map[string][]byte{"policies/a.yaml": make([]byte, 9<<20)}); err == nil || !strings.Contains(err.Error(), "split it") {
		t.Errorf("a long file: %v", err)
	}
}

// FuzzDecode: what was made elsewhere does no harm, and what is taken is as Read
// would have made it.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`[{"name":"policies/a.yaml","data":"YQ=="}]`))
	f.Add([]byte(`[{"name":"../a.yaml","data":null}]`))
	f.Add([]byte(`[{"name":"policies/b.yaml"},{"name":"policies/a.yaml"}]`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := overlay.Decode(b)
		if err != nil {
			return
		}
		dir := t.TempDir()
		if err := p.Write(dir); err != nil {
			t.Fatalf("%q was taken and can't be written: %v", b, err)
		}
		got, err := overlay.Read(dir)
		if err != nil || got.Digest() != p.Digest() {
			t.Fatalf("%q: written and read again: %v, %v", b, got, err)
		}
	})
}
