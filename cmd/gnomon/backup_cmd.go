package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
	"github.com/gnomon-proxy/gnomon/rules"
)

// keyFiles are the keys of a state directory, which a backup holds only when it
// is told to: with them, who has the copy knows who is who and may sign.
var keyFiles = []string{"people.key", hashKeyFile, "evidence.key", "ca.pem", "ca.key"}

func newBackupCommand() *cobra.Command {
	var withKeys bool
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a copy of the inventory, also while the gateway runs",
		Long: `Write a copy of the inventory, also while the gateway runs.

FILE is a gzip'ed tar with a manifest of SHA-256 sums. Without --with-keys it holds no key: names of
people stay sealed, and the gateway that it is put back into needs the keys it had.`,
		Example: `  gnomon inventory backup /var/backups/gnomon-$(date +%F).tgz`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			return withInventory(cmd, func(ctx context.Context, inv *inventory.Inventory, _ *rules.Set) error {
				m, err := backup(ctx, settings, inv, operator(), args[0], withKeys)
				if err == nil {
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, ledger entry %d (%s)\n%s", args[0], amount(len(m.Files), "file"), m.Ledger.Seq, m.Ledger.Head, headAdvice(m.Ledger))
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&withKeys, "with-keys", false, "also copy the keys: keep the file as safe as the gateway itself")
	return cmd
}

// backup writes the copy and puts on record that it did. The file is whole or
// not there.
func backup(ctx context.Context, s Settings, inv *inventory.Inventory, by, path string, withKeys bool) (*backupManifest, error) {
	if s.Inventory.Store != "sqlite" {
		return nil, errors.New("inventory.store is no sqlite: use the backups of your Redis (BGSAVE, AOF)")
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("%s is there already: name a new file", path)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(path), ".gnomon-backup-*")
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	defer os.RemoveAll(tmp)
	_, err = inv.Write(ctx, by, func(*inventory.Book) ([]inventory.Note, error) {
		return []inventory.Note{{Topic: inventory.TopicBackup, Data: map[string]any{"with_keys": withKeys}}}, nil
	})
	if err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, s.StateDir)
	if err != nil {
		return nil, err
	}
	err = store.Backup(ctx, filepath.Join(tmp, sqlite.FileName))
	if err := errors.Join(err, store.Close()); err != nil {
		return nil, err
	}
	m := &backupManifest{Program: version, Created: time.Now().UTC().Truncate(time.Second), Keys: withKeys}
	if m.Ledger, err = ledgerEnd(ctx, tmp); err != nil {
		return nil, err
	}
	if err := m.add(filepath.Join(tmp, sqlite.FileName)); err != nil {
		return nil, err
	}
	if withKeys {
		for _, name := range keyFiles {
			if err := m.add(filepath.Join(s.StateDir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
	}
	archive := filepath.Join(tmp, "archive")
	if err := m.write(archive); err != nil {
		return nil, err
	}
	return m, os.Link(archive, path) // unlike a rename, it replaces nothing
}

func newRestoreCommand() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup back into the state directory of a gateway that does not run",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := settingsOf(cmd)
			if err != nil {
				return err
			}
			m, old, err := restore(cmd.Context(), settings.StateDir, args[0], force)
			if err != nil {
				return err
			}
			if old != "" {
				fmt.Fprintf(cmd.ErrOrStderr(), "what was there before is in %s\n", old)
			}
			if keys := missingKeys(settings.StateDir); len(keys) > 0 {
				fmt.Fprintf(cmd.ErrOrStderr(), "%s has no %s: put those of the gateway there before anything else runs; without people.key nothing does, "+
					"and with another hash.key what is hashed from now on is not known again\n", settings.StateDir, strings.Join(keys, " and "))
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "restored: made on %s, ledger entry %d (%s)\n", m.Created.Format(time.RFC3339), m.Ledger.Seq, m.Ledger.Head)
			return err
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "also over an inventory that is there; it is moved aside, not deleted")
	return cmd
}

// missingKeys names the keys without which an inventory can't be read on as before.
func missingKeys(dir string) (names []string) {
	for _, name := range []string{"people.key", hashKeyFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
			names = append(names, name)
		}
	}
	return names
}

// restore checks a backup as a whole before it touches the state directory. old
// is where it moved what was there.
func restore(ctx context.Context, dir, path string, force bool) (m *backupManifest, old string, err error) {
	if err := makeStateDir(dir); err != nil {
		return nil, "", err
	}
	unlock, err := lockState(dir)
	if err != nil {
		return nil, "", err
	}
	defer unlock()
	tmp, err := os.MkdirTemp(dir, ".restore-*")
	if err != nil {
		return nil, "", fmt.Errorf("restore: %w", err)
	}
	defer os.RemoveAll(tmp)
	if m, err = unpackBackup(path, tmp); err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	end, err := ledgerEnd(ctx, tmp)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	if end != m.Ledger {
		return nil, "", fmt.Errorf("%s: its ledger ends with entry %d (%s), the manifest says %d (%s)", path, end.Seq, end.Head, m.Ledger.Seq, m.Ledger.Head)
	}
	if err := keyOfBackup(ctx, tmp, dir); err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	there := present(dir, m)
	if len(there) > 0 && !force {
		return nil, "", fmt.Errorf("%s is not empty (%s): stop here, or use --force to move that aside", dir, there[0])
	}
	if len(there) > 0 {
		old = filepath.Join(dir, "before-restore-"+time.Now().UTC().Format("20060102T150405Z"))
		if err := os.Mkdir(old, 0o700); err != nil {
			return nil, "", err
		}
	}
	for _, name := range there {
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(old, name)); err != nil {
			return nil, old, err
		}
	}
	for _, f := range m.Files {
		if err := os.Rename(filepath.Join(tmp, f.Name), filepath.Join(dir, f.Name)); err != nil {
			return nil, old, err
		}
	}
	return m, old, nil
}

// keyOfBackup refuses a backup that was kept under another people.key than there
// will be: its own, or the one of the state directory. One that is to come is for
// the next command to refuse.
func keyOfBackup(ctx context.Context, tmp, dir string) error {
	if _, err := os.Stat(filepath.Join(tmp, "people.key")); err == nil {
		dir = tmp
	} else if _, err := os.Stat(filepath.Join(dir, "people.key")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s, err := sqlite.Open(ctx, tmp)
	if err != nil {
		return err
	}
	return errors.Join(inventory.CheckKey(ctx, s, dir), s.Close())
}

// present lists the files of dir that a restore would replace, and those that
// belong to them.
func present(dir string, m *backupManifest) (names []string) {
	candidates := []string{sqlite.FileName + "-wal", sqlite.FileName + "-shm", inventory.CopyFile}
	for _, f := range m.Files {
		candidates = append(candidates, f.Name)
	}
	for _, name := range candidates {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			names = append(names, name)
		}
	}
	return names
}
