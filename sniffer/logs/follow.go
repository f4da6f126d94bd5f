package logs

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// errQuiet is what follow returns when there is nothing more for now.
var errQuiet = errors.New("nothing more for now")

// follow reads a file at its growing end and goes over to the new file when the
// log is rotated: by rename (the path leads to another file) or by copy and
// truncate (the file is shorter than before, or begins with other bytes).
type follow struct {
	path  string
	f     *os.File // nil until the file exists
	off   int64    // of the next byte in f
	begin mark     // of f, as far as it was read
	base  int64    // where f's first byte stands in the stream that Read gives
	last  byte     // the last byte that Read gave
	then  []string // files to be read before path is: those that f was rotated before
}

// Read returns errQuiet at the end of what is there.
func (w *follow) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if w.f == nil {
		if err := w.open(); err != nil {
			return 0, err
		}
	}
	if w.truncated() {
		return w.restart(w.f, p)
	}
	n, err := w.f.ReadAt(p, w.off)
	if n > 0 {
		w.off += int64(n)
		w.last = p[n-1]
		if w.begin.Length < markLength {
			w.begin = markOf(w.f, w.off)
		}
		return n, nil
	}
	if err != io.EOF {
		return 0, err // the error names the file
	}
	return w.rotate(p)
}

// truncated tells whether f is another log than the one read so far.
func (w *follow) truncated() bool {
	if w.off == 0 {
		return false
	}
	fi, err := w.f.Stat()
	if err != nil {
		return false
	}
	return fi.Size() < w.off || markOf(w.f, int64(w.begin.Length)) != w.begin
}

// rotate goes over to the file that took the path, if there is one: the old
// file was read to its end.
func (w *follow) rotate(p []byte) (int, error) {
	if len(w.then) > 0 {
		f, err := os.Open(w.then[0])
		if w.then = w.then[1:]; err != nil {
			return 0, errQuiet // gone meanwhile
		}
		w.f.Close()
		return w.restart(f, p)
	}
	there, err := os.Stat(w.path)
	if err != nil {
		return 0, errQuiet // between rename and create
	}
	here, err := w.f.Stat()
	if err != nil || os.SameFile(here, there) || there.Size() == 0 {
		return 0, errQuiet // a writer that keeps the old file open goes on in it until it opens the new
	}
	if n, _ := w.f.ReadAt(p, w.off); n > 0 { // the last it wrote before it did
		w.off += int64(n)
		w.last = p[n-1]
		return n, nil
	}
	f, err := os.Open(w.path)
	if err != nil {
		return 0, errQuiet // removed again, or not readable yet
	}
	w.f.Close()
	return w.restart(f, p)
}

// restart goes to the start of f. A line that had no ending yet will get none:
// it is over.
func (w *follow) restart(f *os.File, p []byte) (int, error) {
	w.base += w.off
	w.f, w.off, w.begin = f, 0, mark{}
	if w.last != '\n' && w.last != 0 {
		p[0], w.last = '\n', '\n'
		w.base++
		return 1, nil
	}
	return w.Read(p)
}

// rotated goes over to the file that from is a place in, where it was renamed or
// copied to a name beside path that begins as path does. What was rotated after
// it comes next. It changes nothing when there is none, as when it was compressed.
func (w *follow) rotated(from Position) {
	old, name := w.find(from)
	if old == nil {
		return
	}
	w.close()
	w.f = old
	fi, err := old.Stat()
	if err != nil {
		return
	}
	w.then = w.beside(func(e fs.FileInfo) bool {
		return strings.HasPrefix(e.Name(), filepath.Base(w.path)) && e.ModTime().After(fi.ModTime()) && e.Name() != name
	})
}

// find opens the file that from is a place in.
func (w *follow) find(from Position) (f *os.File, name string) {
	for _, path := range w.beside(func(fs.FileInfo) bool { return true }) {
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if from.in(f) {
			return f, filepath.Base(path)
		}
		f.Close()
	}
	return nil, ""
}

// beside lists the files that path may have been rotated to and that fit, the
// oldest first.
func (w *follow) beside(fits func(fs.FileInfo) bool) (paths []string) {
	dir, base := filepath.Split(w.path)
	entries, _ := os.ReadDir(cmp.Or(dir, ".")) // what can't be read can't be followed either
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	var found []fs.FileInfo
	for _, e := range entries {
		if e.Name() == base || !strings.HasPrefix(e.Name(), stem) || !e.Type().IsRegular() || packed(e.Name()) {
			continue
		}
		if fi, err := e.Info(); err == nil && fits(fi) {
			found = append(found, fi)
		}
	}
	slices.SortStableFunc(found, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, fi := range found {
		paths = append(paths, filepath.Join(dir, fi.Name()))
	}
	return paths
}

// packed recognises what a rotation has compressed.
func packed(name string) bool {
	switch filepath.Ext(name) {
	case ".gz", ".bz2", ".xz", ".zst", ".lz4", ".Z":
		return true
	}
	return false
}

// in reports whether f is the file that p is a place in.
func (p Position) in(f *os.File) bool {
	fi, err := f.Stat()
	return err == nil && fi.Size() >= p.Offset && markOf(f, int64(p.Begin.Length)) == p.Begin
}

func (w *follow) open() error {
	f, err := os.Open(w.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errQuiet // it may come yet
	case err != nil:
		return fmt.Errorf("following log: %w", err)
	}
	w.f = f
	return nil
}

func (w *follow) close() {
	if w.f != nil {
		w.f.Close()
	}
}

// mark recognises a file by its first bytes, without keeping them.
type mark struct {
	Length int    `json:"length"`
	Sum    string `json:"sum"` // SHA-256, the first 16 bytes in hex
}

// markLength is more than headers that are the same in every file, as Zeek's.
const markLength = 1024

// markOf marks the first bytes of f, at most limit.
func markOf(f io.ReaderAt, limit int64) mark {
	buf := make([]byte, min(limit, markLength))
	n, _ := f.ReadAt(buf, 0)
	sum := sha256.Sum256(buf[:n])
	return mark{Length: n, Sum: hex.EncodeToString(sum[:16])}
}
