package evidence_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/gnomon-proxy/gnomon/inventory/evidence"
	"github.com/gnomon-proxy/gnomon/inventory/ledger"
)

func unpack(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out, err := r.DecodeAll(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func repack(t *testing.T, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

// copyOf copies a pack.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// caught demands that something is wrong with a pack.
func caught(t *testing.T, dir, trust, want string) {
	t.Helper()
	got, err := evidence.Verify(t.Context(), dir, trust)
	if err != nil { // it is no pack any more
		return
	}
	if got.Sound() || !strings.Contains(strings.Join(got.Problems, "\n"), want) {
		t.Errorf("problems %q, want %q", got.Problems, want)
	}
}

// TestTamperEachFile changes every file of a pack in every way that needs no
// key.
func TestTamperEachFile(t *testing.T) {
	dir := newRecord(t).pack(t)
	ways := map[string]func(b []byte) []byte{
		"first byte":  func(b []byte) []byte { b[0] ^= 1; return b },
		"middle byte": func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"last byte":   func(b []byte) []byte { b[len(b)-1] ^= 0x80; return b },
		"byte more":   func(b []byte) []byte { return append(b, '\n') },
		"byte less":   func(b []byte) []byte { return b[:len(b)-1] },
		"two swapped": swapBytes,
		"empty":       func([]byte) []byte { return nil },
	}
	for _, name := range files(t, dir) {
		to := copyOf(t, dir)
		for way, change := range ways {
			t.Run(name+"/"+way, func(t *testing.T) {
				b := read(t, dir, name)
				write(t, to, name, change(bytes.Clone(b)))
				caught(t, to, "", "")
				write(t, to, name, b)
			})
		}
		t.Run(name+"/removed", func(t *testing.T) {
			if err := os.Remove(filepath.Join(to, name)); err != nil {
				t.Fatal(err)
			}
			caught(t, to, "", "")
			if err := os.Symlink(filepath.Join(dir, name), filepath.Join(to, name)); err != nil {
				t.Fatal(err)
			}
			caught(t, to, "", "")
		})
	}
	write(t, dir, "events/extra", nil)
	caught(t, dir, "", "events/extra: it is not in the manifest")
}

// swapBytes swaps two neighbours that differ.
func swapBytes(b []byte) []byte {
	for i := len(b) / 2; i > 0; i-- {
		if b[i] != b[i-1] {
			b[i], b[i-1] = b[i-1], b[i]
			return b
		}
	}
	return append(b, 0)
}

// TestTamperSigned changes the content of a pack, and then all hashes and the
// signature to go with it, as only the owner of the key can.
func TestTamperSigned(t *testing.T) {
	r := newRecord(t)
	dir := r.pack(t)
	seal := slices.DeleteFunc(files(t, dir), func(n string) bool { return !strings.HasPrefix(n, "events/") })[0]
	onLines := func(name string, change func(l []string) []string) func(*testing.T, string, *evidence.Manifest) {
		return func(t *testing.T, dir string, _ *evidence.Manifest) {
			b := read(t, dir, name)
			packed := strings.HasSuffix(name, ".zst")
			if packed {
				b = unpack(t, b)
			}
			l := strings.SplitAfter(string(b), "\n")
			b = []byte(strings.Join(change(l[:len(l)-1]), ""))
			if packed {
				b = repack(t, b)
			}
			write(t, dir, name, b)
		}
	}
	event := func(l []string) int { return slices.IndexFunc(l, func(s string) bool { return s[0] == '{' }) }
	for name, tt := range map[string]struct {
		change func(*testing.T, string, *evidence.Manifest)
		want   string
	}{
		"sighting changed": {onLines(seal, func(l []string) []string {
			i := event(l)
			l[i] = strings.Replace(l[i], `"bytes_up":`, `"bytes_up":1`, 1)
			return l
		}), "the root of the sightings"},
		"sighting removed":  {onLines(seal, func(l []string) []string { return slices.Delete(l, event(l), event(l)+1) }), "and the manifest says"},
		"sightings swapped": {onLines(seal, func(l []string) []string { l[0], l[1] = l[1], l[0]; return l }), "the root of the sightings"},
		"sighting hidden": {onLines(seal, func(l []string) []string {
			i := event(l)
			l[i] = `"` + ledger.Leaf([]byte(strings.TrimSpace(l[i]))).String() + "\"\n"
			return l
		}), "and the manifest says"},
		"sighting twice":        {onLines(seal, func(l []string) []string { return append(l, l[event(l)]) }), "more than the 150"},
		"entry changed":         {onLines("ledger.jsonl", func(l []string) []string { l[1] = strings.Replace(l[1], "ann", "bob", 1); return l }), "its hash is another one"},
		"entry respelled":       {onLines("ledger.jsonl", func(l []string) []string { l[1] = strings.Replace(l[1], `"seq":`, `"seq": `, 1); return l }), "not written as the ledger writes it"},
		"entry removed":         {onLines("ledger.jsonl", func(l []string) []string { return slices.Delete(l, 1, 2) }), "stands where entry 2 belongs"},
		"entries swapped":       {onLines("ledger.jsonl", func(l []string) []string { l[0], l[1] = l[1], l[0]; return l }), "line 1"},
		"end of the ledger cut": {onLines("ledger.jsonl", func(l []string) []string { return l[:len(l)-1] }), "the ledger ends with"},
		"stub with a text": {onLines("ledger.jsonl", func(l []string) []string {
			last := len(l) - 1
			l[last] = strings.Replace(l[last], "{", `{"note":"x",`, 1)
			return l
		}), "more than its place"},
		"seal dropped": {func(t *testing.T, dir string, m *evidence.Manifest) {
			os.Remove(filepath.Join(dir, m.Seals[0].File))
			m.Seals = m.Seals[1:]
		}, "is missing"},
		"seal said to be outside": {func(t *testing.T, dir string, m *evidence.Manifest) {
			os.Remove(filepath.Join(dir, m.Seals[0].File))
			m.Seals[0].State, m.Seals[0].File, m.Seals[0].Inside = evidence.SealOutside, "", 0
		}, "the figures are not those of the sightings"},
		"seal said to be past its time": {func(t *testing.T, dir string, m *evidence.Manifest) {
			m.Seals[0].State, m.Seals[0].Deleted, m.Seals[0].Deletion = evidence.SealPartly, 1, 1
		}, "no deletion in the ledger does"},
		"files of seals swapped": {func(t *testing.T, dir string, m *evidence.Manifest) {
			m.Seals[0].File, m.Seals[1].File = m.Seals[1].File, m.Seals[0].File
		}, "are in its file"},
		"figures of the manifest": {func(t *testing.T, dir string, m *evidence.Manifest) { m.Figures.Findings["secret"]++ }, "the figures are not those"},
		"decisions":               {func(t *testing.T, dir string, m *evidence.Manifest) { m.Figures.Actions["block"]-- }, "the figures are not those"},
		"record":                  {func(t *testing.T, dir string, m *evidence.Manifest) { m.Record["decision"]++ }, "the counts of the record"},
		"period":                  {func(t *testing.T, dir string, m *evidence.Manifest) { m.Period.Until = m.Period.Until.Add(1e9) }, "another period"},
		"register": {func(t *testing.T, dir string, _ *evidence.Manifest) {
			var r evidence.Register
			if err := json.Unmarshal(read(t, dir, "register.json"), &r); err != nil {
				t.Fatal(err)
			}
			r.Rows[0].Seen.Requests++
			b, _ := json.Marshal(r)
			write(t, dir, "register.json", b)
		}, "register.json: the figures of"},
		"row removed": {func(t *testing.T, dir string, _ *evidence.Manifest) {
			var r evidence.Register
			if err := json.Unmarshal(read(t, dir, "register.json"), &r); err != nil {
				t.Fatal(err)
			}
			r.Rows = r.Rows[1:]
			b, _ := json.Marshal(r)
			write(t, dir, "register.json", b)
		}, "was seen and has no row"},
		"name that leads out": {func(t *testing.T, dir string, m *evidence.Manifest) { m.Seals[0].File = "../pack/" + m.Seals[0].File }, "no name of a file"},
	} {
		t.Run(name, func(t *testing.T) {
			to := copyOf(t, dir)
			var m evidence.Manifest
			if err := json.Unmarshal(read(t, to, "manifest.json"), &m); err != nil {
				t.Fatal(err)
			}
			tt.change(t, to, &m)
			sign(t, to, &m, private(t, filepath.Join(r.dir, evidence.KeyFile)))
			caught(t, to, "", tt.want)
		})
	}
	t.Run("another key", func(t *testing.T) {
		var m evidence.Manifest
		if err := json.Unmarshal(read(t, dir, "manifest.json"), &m); err != nil {
			t.Fatal(err)
		}
		other := filepath.Join(t.TempDir(), "key")
		k, err := evidence.LoadOrCreateKey(other)
		if err != nil {
			t.Fatal(err)
		}
		m.By, m.Signer = "mallory", k.Public().Fingerprint()
		write(t, dir, "signer.pem", k.Public().PEM())
		sign(t, dir, &m, private(t, other))
		if got := verify(t, dir, ""); !got.Sound() {
			t.Errorf("%q", got.Problems)
		}
		caught(t, dir, r.key.Public().Fingerprint(), "not by "+r.key.Public().Fingerprint())
	})
}

// private reads a signing key.
func private(t *testing.T, path string) ed25519.PrivateKey {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(b)
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return k.(ed25519.PrivateKey)
}

// sign writes a manifest that fits the files that are there.
func sign(t *testing.T, dir string, m *evidence.Manifest, key ed25519.PrivateKey) {
	t.Helper()
	m.Files = nil
	for _, name := range files(t, dir) {
		if name == "manifest.json" || name == "manifest.sig" {
			continue
		}
		b := read(t, dir, name)
		sum := sha256.Sum256(b)
		m.Files = append(m.Files, evidence.FileEntry{Name: name, Size: int64(len(b)), SHA256: hex.EncodeToString(sum[:])})
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "manifest.json", b)
	write(t, dir, "manifest.sig", ed25519.Sign(key, b))
}

// TestExtraFolder: a folder that holds no file of the pack does not belong to it.
func TestExtraFolder(t *testing.T) {
	r := newRecord(t)
	for _, name := range []string{"extra", "events/extra", "policy/extra/deep"} {
		dir := r.pack(t)
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		caught(t, dir, "", "no file in this folder is in the manifest")
	}
}
