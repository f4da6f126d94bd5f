package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/gnomon-proxy/gnomon/internal/visible"
)

// files checks that the pack has the files that the manifest names, byte by
// byte, and no others.
func (v *verifier) files() {
	listed := make(map[string]bool, len(v.m.Files))
	last := ""
	for i := range v.m.Files {
		f := &v.m.Files[i]
		if err := checkName(f.Name); err != nil {
			v.r.problem("%s: %v", manifestFile, err)
			continue
		}
		if f.Name <= last {
			v.r.problem("%s: the files are out of order, or one is named twice: %.60q", manifestFile, f.Name)
		}
		last = f.Name
		listed[f.Name] = true
		v.file(f)
		if v.ctx.Err() != nil {
			return
		}
	}
	for _, name := range []string{signerFile, ledgerFile, registerFile} {
		if !listed[name] {
			v.r.problem("%s: it names no %s", manifestFile, name)
		}
	}
	v.extra(listed)
}

// file compares one file with what the manifest says of it.
func (v *verifier) file(want *FileEntry) {
	f, err := v.open(want.Name)
	if err != nil {
		v.r.problem("%s: %v", printable(want.Name), err)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		v.r.problem("%s: %v", printable(want.Name), reason(err))
		return
	}
	if info.Size() != want.Size {
		v.r.problem("%s: it has %d bytes, and %d are in the manifest", printable(want.Name), info.Size(), want.Size)
		return
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, &stoppable{v, io.LimitReader(f, want.Size+1)}); err != nil {
		v.r.problem("%s: %v", printable(want.Name), reason(err))
	} else if got := hex.EncodeToString(sum.Sum(nil)); got != want.SHA256 {
		v.r.problem("%s: its SHA-256 is %s, and another one is in the manifest", printable(want.Name), got)
	}
}

// extra names files that the manifest does not.
func (v *verifier) extra(listed map[string]bool) {
	n := 0
	err := fs.WalkDir(v.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if n++; n > maxFiles {
			return errors.New("the folder has too many files")
		}
		if d.IsDir() { // that of sightings is there also when all of them are past their time
			if name != "." && name != "events" && !slices.ContainsFunc(slices.Collect(maps.Keys(listed)), func(f string) bool { return strings.HasPrefix(f, name+"/") }) {
				v.r.problem("%s: no file in this folder is in the manifest", printable(name))
			}
			return v.ctx.Err()
		}
		if listed[name] || name == manifestFile || name == signatureFile {
			return v.ctx.Err()
		}
		v.r.problem("%s: it is not in the manifest", printable(name))
		return v.ctx.Err()
	})
	if err != nil && v.ctx.Err() == nil {
		v.r.problem("listing the pack: %v", err)
	}
}

// stoppable ends reading when the check is called off.
type stoppable struct {
	v *verifier
	r io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.v.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// printable keeps a stranger's text from steering the terminal, and short.
func printable(s string) string {
	if s = visible.Line(s); len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}
