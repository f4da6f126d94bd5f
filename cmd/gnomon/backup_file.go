package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gnomon-proxy/gnomon/inventory/ledger"
	"github.com/gnomon-proxy/gnomon/inventory/sqlite"
)

// backupManifest is the first file of a backup.
type backupManifest struct {
	Program string       `json:"program"`
	Created time.Time    `json:"created"`
	Keys    bool         `json:"keys"`
	Ledger  ledger.Chain `json:"ledger"`
	Files   []backupFile `json:"files"`
}

type backupFile struct {
	Name   string      `json:"name"`
	Size   int64       `json:"size"`
	SHA256 ledger.Hash `json:"sha256"`
	path   string
}

const (
	manifestName = "manifest.json"
	maxManifest  = 64 << 10
)

// add lists a file.
func (m *backupManifest) add(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	d := sha256.New()
	n, err := io.Copy(d, f)
	if err != nil {
		return err
	}
	m.Files = append(m.Files, backupFile{Name: filepath.Base(path), Size: n, SHA256: ledger.Hash(d.Sum(nil)), path: path})
	return nil
}

// write writes the archive to a new file.
func (m *backupManifest) write(path string) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z := gzip.NewWriter(f)
	t := tar.NewWriter(z)
	manifest, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(manifest)), ModTime: m.Created}); err != nil {
		return err
	}
	if _, err := t.Write(manifest); err != nil {
		return err
	}
	for i := range m.Files {
		if err := m.Files[i].writeTo(t, m.Created); err != nil {
			return err
		}
	}
	if err := errors.Join(t.Close(), z.Close()); err != nil {
		return err
	}
	return f.Sync()
}

func (b *backupFile) writeTo(t *tar.Writer, at time.Time) error {
	f, err := os.Open(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := t.WriteHeader(&tar.Header{Name: b.Name, Mode: 0o600, Size: b.Size, ModTime: at}); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
}

// unpackBackup writes the files of a backup into dir. Nothing but what its
// manifest lists, with the sums that it gives, is taken.
func unpackBackup(path, dir string) (*backupManifest, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("this is no backup: %w", err)
	}
	t := tar.NewReader(z)
	m, err := readManifest(t)
	if err != nil {
		return nil, err
	}
	for i := range m.Files {
		if err := m.Files[i].readFrom(t, dir); err != nil {
			return nil, err
		}
	}
	if _, err := t.Next(); err != io.EOF {
		return nil, errors.New("it holds more than its manifest lists")
	}
	if _, err := io.Copy(io.Discard, z); err != nil { // the checksum of gzip
		return nil, fmt.Errorf("the backup is damaged: %w", err)
	}
	return m, nil
}

func readManifest(t *tar.Reader) (*backupManifest, error) {
	h, err := t.Next()
	if err != nil || h.Name != manifestName || h.Size > maxManifest {
		return nil, errors.New("this is no backup: it does not begin with a manifest")
	}
	var m backupManifest
	if err := json.NewDecoder(io.LimitReader(t, maxManifest)).Decode(&m); err != nil {
		return nil, fmt.Errorf("reading its manifest: %w", err)
	}
	store := false
	for i, f := range m.Files {
		if f.Name != sqlite.FileName && !slices.Contains(keyFiles, f.Name) || f.Size < 0 || slices.ContainsFunc(m.Files[:i], func(o backupFile) bool { return o.Name == f.Name }) {
			return nil, fmt.Errorf("its manifest lists %q, which is no file of a backup", f.Name)
		}
		store = store || f.Name == sqlite.FileName
	}
	if !store {
		return nil, errors.New("it holds no inventory")
	}
	return &m, nil
}

func (b *backupFile) readFrom(t *tar.Reader, dir string) (err error) {
	h, err := t.Next()
	if err != nil {
		return fmt.Errorf("the backup is damaged: %w", err)
	}
	if h.Name != b.Name || h.Size != b.Size || h.Typeflag != tar.TypeReg {
		return fmt.Errorf("%q stands where its manifest says %q", h.Name, b.Name)
	}
	f, err := os.OpenFile(filepath.Join(dir, b.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	d := sha256.New()
	if _, err := io.Copy(io.MultiWriter(f, d), t); err != nil {
		return fmt.Errorf("the backup is damaged: %w", err)
	}
	if ledger.Hash(d.Sum(nil)) != b.SHA256 {
		return fmt.Errorf("%s is not what was backed up: its SHA-256 is another one", b.Name)
	}
	return f.Sync()
}

// ledgerEnd opens the store in dir and follows its ledger to the end.
func ledgerEnd(ctx context.Context, dir string) (end ledger.Chain, err error) {
	s, err := sqlite.Open(ctx, dir)
	if err != nil {
		return end, err
	}
	err = s.Entries(ctx, 0, func(e *ledger.Entry) error { return end.Follow(e) })
	return end, errors.Join(err, s.Close())
}
