package main

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gnomon-proxy/gnomon/traffic"
)

// The files of a state directory that this package makes.
const (
	hashKeyFile = "hash.key"
	runFile     = "run.json"
	lockFile    = "lock"
	socketFile  = "gnomon.sock"
)

// makeStateDir makes dir for its owner alone and refuses one that others can
// look into: it holds the private key of the CA.
func makeStateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the state directory: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("state directory: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("state directory %s is open to others (mode %04o): run chmod 700 %[1]s, or name another with --state-dir", dir, mode)
	}
	return nil
}

// errRunning says that another process uses a state directory.
var errRunning = errors.New("another gateway is running")

// lockState keeps a second gateway out of dir until unlock is called.
func lockState(dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the state directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w on %s: stop it, or use another --state-dir", errRunning, dir)
		}
		return nil, fmt.Errorf("locking the state directory: %w", err)
	}
	return func() { f.Close() }, nil // the lock goes with the descriptor
}

// loadHashKey reads the key of all keyed hashes of this deployment, made at the
// first start.
func loadHashKey(dir string) (k traffic.Key, err error) {
	path := filepath.Join(dir, hashKeyFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		rand.Read(k[:])
		return k, writeFile(path, []byte(hex.EncodeToString(k[:])+"\n"), 0o600)
	}
	if err != nil {
		return k, fmt.Errorf("reading the hash key: %w", err)
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(raw) != len(k) {
		return k, fmt.Errorf("hash key %s is damaged: restore it from a backup, or remove it to start with new hashes", path)
	}
	copy(k[:], raw)
	return k, nil
}

// runInfo tells other programs where a running gateway listens.
type runInfo struct {
	PID     int       `json:"pid"`
	Proxy   string    `json:"proxy"`   // address:port
	Console string    `json:"console"` // address:port
	CA      string    `json:"ca"`      // path of the certificate
	Syslog  string    `json:"syslog,omitempty"`
	TLS     string    `json:"syslog_tls,omitempty"` // where logs are taken over TLS
	Started time.Time `json:"started"`
}

func writeRunInfo(dir string, r runInfo) (remove func(), err error) {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, runFile)
	return func() { os.Remove(path) }, writeFile(path, append(b, '\n'), 0o600)
}

// writeFile replaces path whole or not at all.
func writeFile(path string, data []byte, mode fs.FileMode) error {
	return writeFileBy(path, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// writeOut is writeFile for a path that somebody has named: "-" is standard output.
func writeOut(stdout io.Writer, path string, data []byte, mode fs.FileMode) error {
	if path == "-" {
		_, err := stdout.Write(data)
		return err
	}
	return writeFile(path, data, mode)
}

// writeFileBy is writeFile of what f writes. When f fails nothing changes.
func writeFileBy(path string, mode fs.FileMode, f func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		if name := new(fs.PathError); errors.As(err, &name) { // that of the file beside it says nothing
			err = name.Err
		}
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(file.Name()) // does nothing once renamed
	out := bufio.NewWriterSize(file, 64<<10)
	err = errors.Join(f(out), out.Flush(), file.Chmod(mode), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
