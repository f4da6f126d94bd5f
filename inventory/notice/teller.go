package notice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// lookEvery is how often the Teller looks for new entries: a number is compared.
const lookEvery = 250 * time.Millisecond

// Ledger is what a Teller follows.
type Ledger interface {
	Book() *inventory.Book
	Actor(by string) string
}

// Teller tells of entries of the ledger, at least once each, across restarts.
type Teller struct {
	path   string
	ledger Ledger
	tell   func([]Notice)
	log    *slog.Logger
	told   int64 // number of the last entry that was told
	ill    bool  // the mark can't be written
}

// mark is what the Teller's file holds.
type mark struct {
	Told int64 `json:"told"`
}

// Open returns a Teller that notes in a file how far it is. Without the file it
// begins with what comes next: a gateway that is new to an inventory does not tell
// years of it again. tell must have the notices on disk when it returns.
func Open(path string, l Ledger, tell func([]Notice), log *slog.Logger) (*Teller, error) {
	t := &Teller{path: path, ledger: l, tell: tell, log: log}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.told = l.Book().Chain().Seq
		return t, t.note()
	}
	var m mark
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		return nil, fmt.Errorf("reading how much of the ledger was told to event streams, %q: %w: remove the file to begin with what comes next", path, err)
	}
	t.told = m.Told
	return t, nil
}

// Run tells of entries until ctx ends, and of those that came by then. It always
// returns nil.
func (t *Teller) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		t.look()
		select {
		case <-ctx.Done():
			t.look()
			return nil
		case <-tick.C:
		}
	}
}

// look tells of what is new.
func (t *Teller) look() {
	b := t.ledger.Book()
	end := b.Chain().Seq
	if end == t.told {
		return
	}
	if end < t.told { // another ledger, which somebody has accepted
		t.log.Warn("the ledger is shorter than what was told of it to event streams: they go on at its end", "told", t.told, "entries", end)
	} else {
		t.tell(t.notices(b))
	}
	t.told = end
	err := t.note()
	if err != nil && !t.ill {
		t.log.Error("what was told to event streams is told again after a restart", "error", err)
	}
	t.ill = err != nil
}

func (t *Teller) notices(b *inventory.Book) (list []Notice) {
	entries := b.Since(t.told)
	for i := range entries {
		if n, ok := Of(&entries[i], t.ledger.Actor); ok {
			list = append(list, n)
		}
	}
	return list
}

// note writes how far the Teller is. The file is whole at any time: one that a
// crash had emptied would hide entries.
func (t *Teller) note() error {
	b, err := json.Marshal(mark{t.told})
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(t.path), "."+filepath.Base(t.path)+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("noting what was told to event streams: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("noting what was told to event streams: %w", err)
	}
	if err := os.Rename(tmp.Name(), t.path); err != nil {
		return fmt.Errorf("noting what was told to event streams: %w", err)
	}
	return nil
}
