package inventory_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// TestNoNames looks for the user and the client in every file: in the store,
// and in the spool of a store that is away.
func TestNoNames(t *testing.T) {
	for _, tt := range []struct {
		name string
		away bool
	}{{"store", false}, {"spool", true}} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			real := openStore(t, dir)
			v := newInventory(t, inventory.Config{Dir: dir, Store: &brokenStore{real, func(ctx context.Context, e []inventory.Event) error {
				if tt.away {
					return errAway
				}
				return real.Merge(ctx, e)
			}}})
			stop := start(t, v)
			v.Record(sighting())
			stop()
			if v.Durable() != 1 {
				t.Fatalf("durable = %d, want 1", v.Durable())
			}
			var model bool
			err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				b, err := os.ReadFile(path)
				for _, name := range []string{"alice", "192.0.2.7"} {
					if bytes.Contains(b, []byte(name)) {
						t.Errorf("%s holds %q", path, name)
					}
				}
				model = model || bytes.Contains(b, []byte("gpt-5"))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if !model {
				t.Error("the model is in no file either: this test sees nothing")
			}
		})
	}
}

func TestPseudonyms(t *testing.T) {
	dir := t.TempDir()
	store := openStore(t, dir)
	users := func() []inventory.Use {
		v := newInventory(t, inventory.Config{Dir: dir, Store: store}) // as after a restart: the key is on disk
		stop := start(t, v)
		v.Record(sighting())
		stop()
		d, err := v.Service(t.Context(), "openai-api")
		if err != nil {
			t.Fatal(err)
		}
		return d.UserList
	}
	users()
	list := users()
	if len(list) != 1 || !strings.HasPrefix(list[0].Name, "u-") || list[0].Requests != 2 {
		t.Errorf("users = %+v, want one pseudonym with 2 requests", list)
	}
	info, err := os.Stat(filepath.Join(dir, "people.key"))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode of the key = %o, want 600", got)
	}
}

func TestDamagedKey(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "people.key"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := inventory.New(t.Context(), inventory.Config{Dir: dir, Store: openStore(t, dir)})
	if err == nil || !strings.Contains(err.Error(), "people.key") {
		t.Errorf("New over a damaged key: %v, want an error that names it", err)
	}
}
