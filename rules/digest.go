package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"sync"
)

// Digest returns the SHA-256, in hexadecimal, of the names and contents of the
// embedded rule files: what tells one release's rules from another's.
func Digest() string { return digest() }

var digest = sync.OnceValue(func() string {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := files.ReadFile(path)
		one := sha256.Sum256(data)
		sum.Write([]byte(path + "\x00"))
		sum.Write(one[:])
		return err
	})
	if err != nil {
		panic("rules: the embedded files can't be read: " + err.Error())
	}
	return hex.EncodeToString(sum.Sum(nil))
})
