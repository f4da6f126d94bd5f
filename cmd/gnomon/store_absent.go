package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
)

// onlyReads is the annotation of commands that need an inventory which is there:
// where there is none the state directory is most likely the wrong one.
const onlyReads = "only reads"

// readers are the commands that make no inventory.
func readers() []string {
	return []string{
		"access token list",
		"inventory accounts", "inventory agents", "inventory backup", "inventory blind", "inventory blocklist",
		"inventory departments", "inventory drift", "inventory exceptions list", "inventory export", "inventory history",
		"inventory keys", "inventory ledger", "inventory list", "inventory models", "inventory register",
		"inventory servers", "inventory show", "inventory suppliers", "inventory tools", "inventory usecase list",
		"inventory users", "inventory verify",
		"evidence export", "privacy deletions", "privacy reveal", "privacy reveals", "privacy show",
		"risk list", "risk metrics", "risk show", "risk triggers", "rules replay",
		"rules published", "soa export", "soa show",
	}
}

func markReaders(root *cobra.Command) {
	for _, path := range readers() {
		cmd, _, err := root.Find(strings.Fields(path))
		if err != nil {
			continue // a test sees to it that all are there
		}
		if cmd.Annotations == nil {
			cmd.Annotations = make(map[string]string)
		}
		cmd.Annotations[onlyReads] = "yes"
	}
}

// storeAbsent reports whether a state directory has no inventory. What a Redis
// holds is not known here.
func storeAbsent(s Settings) bool {
	if s.Inventory.Store != storeSQLite {
		return false
	}
	_, err := os.Stat(filepath.Join(s.StateDir, sqlite.FileName))
	return errors.Is(err, fs.ErrNotExist)
}

// expectStore refuses to make an inventory for a command that only reads. For
// another one, made says that it was made.
func expectStore(cmd *cobra.Command, s Settings) (made func(), err error) {
	if !storeAbsent(s) {
		return func() {}, nil
	}
	if cmd.Annotations[onlyReads] != "" {
		return nil, fmt.Errorf("no inventory at %s: start the gateway (gnomon run), or name the right folder with --state-dir", s.StateDir)
	}
	return tellStore(cmd.ErrOrStderr(), s), nil
}

// tellStore returns what says that an inventory was made, where there is none
// yet.
func tellStore(w io.Writer, s Settings) (made func()) {
	if !storeAbsent(s) {
		return func() {}
	}
	return func() {
		fmt.Fprintf(w, "new inventory made at %s: no gateway has run here; name another folder with --state-dir\n", s.StateDir)
	}
}
