package overlay

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gnomon-proxy/gnomon/internal/strictyaml"
	"github.com/gnomon-proxy/gnomon/rules"
)

const (
	// MaxSize bounds the bytes of all files: each gateway holds them at once.
	MaxSize = 16 << 20

	// maxFiles and maxName bound how many files there are, and their names.
	maxFiles = 1000
	maxName  = 200
)

// File is a file of an overlay.
type File struct {
	Name string `json:"name"` // folder/file
	Data []byte `json:"data"`
}

// Pack is an overlay: its files in the order of their names. That of no files
// changes nothing.
type Pack []File

// hashes are the folders of the organisation's own data, and what is read there.
var hashes = map[string]string{"edm": ".edm", "fingerprints": ".fp"}

// belongs reports whether rules are read from a file of that name.
func belongs(folder, file string) bool {
	ext := path.Ext(file)
	if strings.HasPrefix(file, ".") {
		return false
	}
	if want, ok := hashes[folder]; ok {
		return ext == want
	}
	return (ext == ".yaml" || ext == ".yml") && slices.Contains(rules.Folders(), folder)
}

// Read reads what belongs to the rules in a folder: other files stay out. A link
// is refused, as what it leads to need not be meant for others.
func Read(dir string) (Pack, error) {
	root, err := os.OpenRoot(dir) // nothing outside is opened, whoever changes the folder meanwhile
	if err != nil {
		return nil, fmt.Errorf("reading the folder of rules: %w", err)
	}
	defer root.Close()
	var p Pack
	var size int64
	for _, folder := range append(rules.Folders(), "edm", "fingerprints") {
		names, err := filesOf(root, folder)
		if err != nil {
			return nil, fmt.Errorf("reading the folder of rules: %w", err)
		}
		for _, name := range names {
			f, err := readFile(root, name, MaxSize-size)
			if err != nil {
				return nil, err
			}
			size += int64(len(f.Data))
			p = append(p, f)
		}
	}
	slices.SortFunc(p, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return p, p.check()
}

// filesOf returns the names of the files in a folder that belong to the rules.
func filesOf(root *os.Root, folder string) (names []string, err error) {
	is, err := root.Lstat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !is.IsDir():
		return nil, fmt.Errorf("%s is a link or a file: a folder is needed", folder)
	}
	list, err := fs.ReadDir(root.FS(), folder)
	for _, d := range list {
		if belongs(folder, d.Name()) {
			names = append(names, path.Join(folder, d.Name()))
		}
	}
	return names, err
}

func readFile(root *os.Root, name string, room int64) (File, error) {
	is, err := root.Lstat(name)
	if err != nil {
		return File{}, err
	}
	if !is.Mode().IsRegular() {
		return File{}, fmt.Errorf("%s is a link, or no regular file: put the file itself there", name)
	}
	if is.Size() > room {
		return File{}, fmt.Errorf("with %s (%d bytes) the rules are larger than %d MiB: leave tables and fingerprints of that size in the rules_dir of each gateway", name, is.Size(), MaxSize>>20)
	}
	data, err := root.ReadFile(name)
	return File{name, data}, err
}

// check refuses what Read would not have made.
func (p Pack) check() error {
	if len(p) > maxFiles {
		return fmt.Errorf("%d files of rules are too many: at most %d", len(p), maxFiles)
	}
	size := 0
	for i, f := range p {
		folder, file, _ := strings.Cut(f.Name, "/")
		plain := utf8.ValidString(f.Name) && !strings.ContainsFunc(f.Name, unicode.IsControl) && !strings.ContainsAny(file, `/\`)
		switch {
		case !plain || len(f.Name) > maxName || !belongs(folder, file):
			return fmt.Errorf("%.80q is no name of a rule file: write it as policies/own.yaml", f.Name)
		case i > 0 && f.Name <= p[i-1].Name:
			return fmt.Errorf("%q is there twice, or out of order", f.Name)
		case hashes[folder] == "" && len(f.Data) > strictyaml.MaxFile:
			return fmt.Errorf("%s is larger than %d MiB; split it", f.Name, strictyaml.MaxFile>>20)
		}
		if size += len(f.Data); size > MaxSize {
			return fmt.Errorf("the rules are larger than %d MiB: leave large tables and fingerprints in the rules_dir of each gateway", MaxSize>>20)
		}
	}
	return nil
}

// Digest returns the SHA-256, in hexadecimal, of the names and contents of the
// files: that of rules.Digest for an overlay.
func (p Pack) Digest() string {
	sum := sha256.New()
	for _, f := range p {
		sum.Write([]byte(f.Name + "\x00"))
		one := sha256.Sum256(f.Data)
		sum.Write(one[:])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// New returns the pack of some files by name, which it checks.
func New(files map[string][]byte) (Pack, error) {
	p := make(Pack, 0, len(files))
	for name, data := range files {
		p = append(p, File{name, data})
	}
	slices.SortFunc(p, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return p, p.check()
}

// Encode returns p as Decode reads it.
func (p Pack) Encode() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return json.Marshal(p)
}

// Decode reads what Encode has made.
func Decode(b []byte) (Pack, error) {
	if len(b) > 2*MaxSize { // base64 takes four bytes for three
		return nil, fmt.Errorf("packed rules of %d bytes are too long", len(b))
	}
	var p Pack
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, errors.New("packed rules can't be read")
	}
	return p, p.check()
}

// Write writes the files into a folder that is there, for its owner alone.
func (p Pack) Write(dir string) error {
	if err := p.check(); err != nil { // no name leads out
		return err
	}
	for _, f := range p {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(name, f.Data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
