package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/redis"
)

// inventoryKeyFile is where inventory.key_file is by default.
const inventoryKeyFile = "inventory.key"

// openRedis opens the inventory that several gateways share, and makes this one
// use their keys of pseudonyms and hashes: the same user and the same API key
// must look alike to all.
//
// A gateway that ran before may start while Redis is away: what it shares with
// the others and what was decided are in its state directory.
func openRedis(ctx context.Context, s Settings, log *slog.Logger, gateway bool) (store, error) {
	o, err := redis.ParseURL(s.Inventory.Store)
	if err != nil {
		return nil, &configError{fmt.Errorf("inventory.store: %w", err)}
	}
	o.Log, o.Later = log, gateway && ranBefore(s)
	o.Begin = func(ctx context.Context, st *redis.Store) error { return shareKeys(ctx, st, s) }
	st, err := redis.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return st, nil
}

// ranBefore reports whether the state directory has all that a gateway needs to
// begin without Redis.
func ranBefore(s Settings) bool {
	files := []string{keyFileOf(s), filepath.Join(s.StateDir, inventory.CopyFile)}
	for _, k := range sharedKeys {
		files = append(files, filepath.Join(s.StateDir, k.name))
	}
	for _, f := range files {
		if _, err := os.Stat(f); err != nil {
			return false
		}
	}
	return true
}

// keyFileOf is where the key of an inventory in Redis is.
func keyFileOf(s Settings) string {
	if s.Inventory.KeyFile != "" {
		return s.Inventory.KeyFile
	}
	return filepath.Join(s.StateDir, inventoryKeyFile)
}

// sharedKeys are the files of the state directory that all gateways of an
// inventory have alike, and how the first of them makes one.
var sharedKeys = []struct {
	name string
	make func() []byte
}{
	{"people.key", func() []byte { return random(64) }},
	{hashKeyFile, func() []byte { return []byte(hex.EncodeToString(random(32)) + "\n") }},
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand)
	return b
}

// shareKeys brings the keys of this gateway into Redis, if it is the first, or
// those in Redis here. They are sealed under the key file.
func shareKeys(ctx context.Context, st *redis.Store, s Settings) error {
	path := keyFileOf(s)
	key, made, err := readKeyFile(path)
	if err != nil {
		return err
	}
	if made {
		first, err := st.HasSecrets(ctx)
		if err != nil {
			return err
		}
		if first {
			return &configError{fmt.Errorf("inventory.key_file: %s is not there, and this inventory has a key already: copy the file from a gateway that uses it", path)}
		}
	}
	for _, k := range sharedKeys {
		if err := shareKey(ctx, st, filepath.Join(s.StateDir, k.name), k.name, key, k.make); err != nil {
			if errors.Is(err, redis.ErrOtherKey) {
				return &configError{fmt.Errorf("inventory.key_file: %s is not the key of this inventory: copy the file from a gateway that uses it", path)}
			}
			return err
		}
	}
	if made {
		return writeFile(path, []byte(hex.EncodeToString(key[:])+"\n"), 0o600)
	}
	return nil
}

// readKeyFile returns the key in a file, or a new one, not yet written, when
// there is no file.
func readKeyFile(path string) (key [32]byte, made bool, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		copy(key[:], random(len(key)))
		return key, true, nil
	}
	if err != nil {
		return key, false, &configError{fmt.Errorf("inventory.key_file: %w", err)}
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(raw) != len(key) {
		return key, false, &configError{fmt.Errorf("inventory.key_file: %s is damaged: it must hold 64 hexadecimal digits; copy it from another gateway", path)}
	}
	return [32]byte(raw), false, nil
}

func shareKey(ctx context.Context, st *redis.Store, path, name string, key [32]byte, fresh func() []byte) error {
	mine, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading a key: %w", err)
	}
	shared, err := st.Secret(ctx, name, key)
	if err != nil {
		return err
	}
	if shared == nil {
		secret := mine
		if secret == nil {
			secret = fresh()
		}
		if shared, err = st.SetSecret(ctx, name, key, secret); err != nil {
			return err
		}
	}
	switch {
	case mine == nil:
		return writeFile(path, shared, 0o600)
	case !bytes.Equal(mine, shared):
		return &configError{fmt.Errorf("%s is not the one that the gateways of this inventory share: move it away to take theirs; names that were hidden with it can't be told any more", path)}
	}
	return nil
}
