package stream

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Left returns the names and sizes of the queues in dir that hold events and
// that no stream of names uses: nobody will get them unless there is a stream of
// that name again.
func Left(dir string, names []string) (map[string]int64, error) {
	folders, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	left := make(map[string]int64)
	for _, f := range folders {
		if !f.IsDir() || slices.Contains(names, f.Name()) {
			continue
		}
		segments, _ := filepath.Glob(filepath.Join(dir, f.Name(), "*.spool")) // the pattern is good: nameForm has no magic in it
		for _, path := range segments {
			if info, err := os.Stat(path); err == nil {
				left[f.Name()] += info.Size()
			}
		}
	}
	return left, nil
}
