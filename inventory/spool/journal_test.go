package spool_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/spool"
)

// note adds records to a journal and writes them.
func note(t *testing.T, j *spool.Journal, list [][]byte) {
	t.Helper()
	for _, r := range list {
		if err := j.Add(func(b []byte) ([]byte, error) { return append(b, r...), nil }); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Note(); err != nil {
		t.Fatal(err)
	}
}

// TestJournal leaves one journal behind and drops another: after the next Open,
// the records of the first are there, in their place among those of the spool.
func TestJournal(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	if err := s.Append(records(0, 2)); err != nil {
		t.Fatal(err)
	}
	kept, dropped := s.Journal(), s.Journal()
	note(t, kept, records(2, 2))
	note(t, dropped, records(100, 2))
	note(t, kept, records(4, 1))
	if err := dropped.Drop(); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = open(t, dir, 1<<20)
	defer s.Close()
	if err := s.Append(records(5, 1)); err != nil {
		t.Fatal(err)
	}
	got, cut := drain(t, s)
	equal(t, got, records(0, 6))
	if cut || s.Bytes() != 0 {
		t.Errorf("cut = %v, Bytes = %d; want false, 0", cut, s.Bytes())
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*.*")); len(files) > 0 {
		t.Errorf("left: %q", files)
	}
}

// TestJournalUnused drops a journal in which nothing was noted: there is no file.
func TestJournalUnused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	defer s.Close()
	j := s.Journal()
	if err := j.Note(); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*.journal")); len(files) > 0 {
		t.Errorf("files: %q", files)
	}
	if err := j.Drop(); err != nil {
		t.Error(err)
	}
}

// TestJournalBad adds what can't be encoded, or is too long: the others are noted.
func TestJournalBad(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	j := s.Journal()
	broken := errors.New("no record")
	if err := j.Add(func(b []byte) ([]byte, error) { return append(b, "half"...), broken }); !errors.Is(err, broken) {
		t.Errorf("Add = %v, want %v", err, broken)
	}
	if err := j.Add(func(b []byte) ([]byte, error) { return append(b, make([]byte, spool.MaxRecord+1)...), nil }); err == nil {
		t.Error("a record over the limit was taken: it could not be read back")
	}
	note(t, j, records(0, 1))
	s.Close()
	s = open(t, dir, 1<<20)
	defer s.Close()
	got, _ := drain(t, s)
	equal(t, got, records(0, 1))
}

// TestJournalFull: a journal that can't be read back as a whole is not written.
func TestJournalFull(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	defer s.Close()
	j := s.Journal()
	long := [][]byte{bytes.Repeat([]byte("x"), spool.MaxRecord)}
	for range 63 {
		note(t, j, long)
	}
	if err := j.Add(func(b []byte) ([]byte, error) { return append(b, long[0]...), nil }); err != nil {
		t.Fatal(err)
	}
	if err := j.Note(); !errors.Is(err, spool.ErrJournalFull) {
		t.Errorf("Note beyond the bound: %v, want ErrJournalFull", err)
	}
	if err := j.Drop(); err != nil {
		t.Error(err)
	}
}

// TestJournalPrivate: the journal has what the spool has.
func TestJournalPrivate(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	defer s.Close()
	j := s.Journal()
	note(t, j, records(0, 1))
	files, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files = %q, %v", files, err)
	}
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode = %o, want 600", got)
	}
}
