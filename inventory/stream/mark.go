package stream

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// markFile holds the mark of a queue while nobody uses it.
const markFile = "delivered.json"

// mark says how much of the oldest segment of a queue was delivered when the
// queue was closed. It is there to spare the receiver repetitions: without it,
// as after a crash, the segment is delivered from its start.
type mark struct {
	Segment uint64 `json:"segment"` // 0: of none
	Taken   int    `json:"taken"`
}

// readMark takes the mark of a queue away, for it is wrong as soon as more is
// delivered. One that can't be read or taken away is none.
func readMark(dir string) (m mark) {
	path := filepath.Join(dir, markFile)
	b, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(b, &m) != nil || m.Taken < 0 {
		m = mark{}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return mark{}
	}
	return m
}

func (m mark) write(dir string) error {
	if m.Segment == 0 || m.Taken == 0 {
		return nil
	}
	b, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, markFile), b, 0o600)
	}
	if err != nil {
		return fmt.Errorf("noting what was delivered: %w", err)
	}
	return nil
}
