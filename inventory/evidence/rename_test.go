package evidence_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/evidence"
)

// TestTamperNames changes what files of a pack are called, and puts those of a pack
// of another moment in their place.
func TestTamperNames(t *testing.T) {
	r := newRecord(t)
	dir, other := r.pack(t), newRecord(t).pack(t)
	for _, name := range files(t, dir) {
		base := filepath.Base(name)
		ways := map[string]string{"case": strings.ToUpper(base), "suffix": base + ".bak", "space": base + " ", "hidden": "." + base}
		for way, to := range ways {
			t.Run(name+"/"+way, func(t *testing.T) {
				from := copyOf(t, dir)
				if err := os.Rename(filepath.Join(from, name), filepath.Join(from, filepath.Dir(name), to)); err != nil {
					t.Fatal(err)
				}
				caught(t, from, "", "")
			})
			t.Run(name+"/beside it, "+way, func(t *testing.T) {
				from := copyOf(t, dir)
				write(t, from, filepath.Join(filepath.Dir(name), to), read(t, dir, name))
				caught(t, from, "", "it is not in the manifest")
			})
		}
		t.Run(name+"/of another pack", func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join(other, name))
			if err != nil || string(b) == string(read(t, dir, name)) {
				return // there is none, or it is the same
			}
			from := copyOf(t, dir)
			write(t, from, name, b)
			caught(t, from, "", "")
		})
	}
	t.Run("manifest, signature and key of another pack", func(t *testing.T) {
		from := copyOf(t, dir)
		for _, name := range []string{"manifest.json", "manifest.sig", "signer.pem"} {
			write(t, from, name, read(t, other, name))
		}
		caught(t, from, "", "")
		caught(t, other, r.key.Public().Fingerprint(), "not by "+r.key.Public().Fingerprint())
	})
	t.Run("a file instead of a folder", func(t *testing.T) {
		if _, err := evidence.Verify(t.Context(), filepath.Join(dir, "manifest.json")); err == nil {
			t.Error("a file passes for a pack")
		}
	})
}
