package main

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/rules"
)

// store is an inventory.Store that somebody has to close.
type store interface {
	inventory.Store
	Close() error
}

// storeSQLite is the setting inventory.store for a file in the state directory.
const storeSQLite = "sqlite"

// openStore opens the store that the settings name, and makes it on first use. A
// gateway may open one that does not answer yet.
func openStore(ctx context.Context, s Settings, log *slog.Logger, gateway bool) (store, error) {
	if s.Inventory.Store != storeSQLite {
		return openRedis(ctx, s, log, gateway)
	}
	return sqlite.Open(ctx, s.StateDir)
}

// copyKey is the key that the copy of the ledger in the state directory is
// sealed under. It comes of one that is never in the store.
func copyKey(s Settings) (key [32]byte, err error) {
	var secret []byte
	if s.Inventory.Store == storeSQLite {
		k, err := loadHashKey(s.StateDir)
		if err != nil {
			return key, err
		}
		secret = k[:]
	} else {
		k, _, err := readKeyFile(keyFileOf(s))
		if err != nil {
			return key, err
		}
		secret = k[:]
	}
	raw, err := hkdf.Key(sha256.New, secret, nil, "gnomon copy of the ledger", len(key))
	copy(key[:], raw)
	return key, err
}

// openExisting returns the inventory of a state directory for reading and
// deciding beside (or without) a running gateway, nil when there is none yet.
func openExisting(ctx context.Context, s Settings) (*inventory.Inventory, func(), error) {
	if s.Inventory.Store == storeSQLite {
		if _, err := os.Stat(filepath.Join(s.StateDir, sqlite.FileName)); errors.Is(err, fs.ErrNotExist) {
			return nil, nil, nil
		}
	}
	return openInventory(ctx, s, nil)
}

// openInventory opens the inventory of a state directory, made on first use.
func openInventory(ctx context.Context, s Settings, catalogue []rules.Service) (*inventory.Inventory, func(), error) {
	return openAnyKey(ctx, s, catalogue, false)
}

// openAnyKey is openInventory, with any key of pseudonyms if so wanted.
func openAnyKey(ctx context.Context, s Settings, catalogue []rules.Service, anyKey bool) (*inventory.Inventory, func(), error) {
	inv, st, err := openBoth(ctx, s, catalogue, anyKey)
	if err != nil {
		return nil, nil, err
	}
	return inv, func() { st.Close() }, nil
}

// openBoth is openAnyKey for who needs the store, too, and closes it.
func openBoth(ctx context.Context, s Settings, catalogue []rules.Service, anyKey bool) (*inventory.Inventory, store, error) {
	if err := makeStateDir(s.StateDir); err != nil {
		return nil, nil, err
	}
	st, err := openStore(ctx, s, nil, false)
	if err != nil {
		return nil, nil, err
	}
	key, err := copyKey(s)
	if err != nil {
		return nil, nil, errors.Join(err, st.Close())
	}
	inv, err := inventory.New(ctx, s.Inventory.Retention.on(inventory.Config{Dir: s.StateDir, Store: st, Copy: key, AnyKey: anyKey, Personal: personalBy(s.overlays()), Catalogue: func() []rules.Service { return catalogue }}))
	if err != nil {
		return nil, nil, errors.Join(sqlite.Advise(err), st.Close())
	}
	return inv, st, nil
}

// withInventory opens the store beside (or without) a running gateway, which
// sees within moments what f puts on record.
func withInventory(cmd *cobra.Command, f func(ctx context.Context, inv *inventory.Inventory, set *rules.Set) error) error {
	return withAnyKey(cmd, false, f)
}

// withAnyKey is withInventory, with any key of pseudonyms if so wanted.
func withAnyKey(cmd *cobra.Command, anyKey bool, f func(ctx context.Context, inv *inventory.Inventory, set *rules.Set) error) error {
	settings, err := settingsOf(cmd)
	if err != nil {
		return err
	}
	made, err := expectStore(cmd, settings)
	if err != nil {
		return err
	}
	set, err := rules.Load(settings.overlays()...)
	if err != nil {
		return &configError{err}
	}
	inv, done, err := openAnyKey(cmd.Context(), settings, set.Services, anyKey)
	if err != nil {
		return err
	}
	defer done()
	made()
	warnOfLapse(cmd, inv)
	return sqlite.Advise(f(cmd.Context(), inv, set))
}

// warnOfLapse says what is wrong with the ledger.
func warnOfLapse(cmd *cobra.Command, inv *inventory.Inventory) {
	if err := inv.Lapse(); err != nil {
		fmt.Fprintln(cmd.ErrOrStderr(), "warning:", err)
	}
}
