package spool_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gnomon-proxy/gnomon/inventory/spool"
)

func open(t *testing.T, dir string, max int64) *spool.Spool {
	t.Helper()
	s, err := spool.Open(dir, max)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func records(from, n int) [][]byte {
	var list [][]byte
	for i := range n {
		list = append(list, fmt.Appendf(nil, "record %d", from+i))
	}
	return list
}

// drain takes all records out.
func drain(t *testing.T, s *spool.Spool) (list [][]byte, cut bool) {
	t.Helper()
	for {
		g, err := s.Oldest()
		if err != nil {
			t.Fatal(err)
		}
		if g == nil {
			return list, cut
		}
		list = append(list, g.Records...)
		cut = cut || g.Cut
		if err := s.Remove(g); err != nil {
			t.Fatal(err)
		}
	}
}

func equal(t *testing.T, got, want [][]byte) {
	t.Helper()
	if !bytes.Equal(bytes.Join(got, []byte("\n")), bytes.Join(want, []byte("\n"))) {
		t.Errorf("records = %q, want %q", got, want)
	}
}

func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	for i := range 3 {
		if err := s.Append(records(i*10, 10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, 1<<20) // as after a restart
	defer s.Close()
	if s.Bytes() == 0 {
		t.Error("Bytes = 0 after a restart, want what is on disk")
	}
	got, cut := drain(t, s)
	equal(t, got, records(0, 30))
	if cut || s.Bytes() != 0 {
		t.Errorf("cut = %v, Bytes = %d; want false, 0", cut, s.Bytes())
	}
	if err := s.Append(records(100, 1)); err != nil { // goes on after having been emptied
		t.Fatal(err)
	}
	got, _ = drain(t, s)
	equal(t, got, records(100, 1))
}

func TestOldestStays(t *testing.T) {
	s := open(t, t.TempDir(), 1<<20)
	defer s.Close()
	if err := s.Append(records(0, 2)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		g, err := s.Oldest()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, g.Records, records(0, 2))
	}
	if err := s.Append(records(2, 2)); err != nil { // while a replay is under way
		t.Fatal(err)
	}
	got, _ := drain(t, s)
	equal(t, got, records(0, 4))
}

func TestFull(t *testing.T) {
	s := open(t, t.TempDir(), 200)
	defer s.Close()
	if err := s.Append(records(0, 5)); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(records(5, 10)); !errors.Is(err, spool.ErrFull) {
		t.Fatalf("Append beyond the bound: %v, want ErrFull", err)
	}
	got, _ := drain(t, s)
	equal(t, got, records(0, 5))
	if err := s.Append(records(5, 5)); err != nil {
		t.Errorf("Append after it was emptied: %v", err)
	}
}

func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	if _, err := spool.Open(dir, 1<<20); !errors.Is(err, spool.ErrBusy) {
		t.Errorf("second Open: %v, want ErrBusy", err)
	}
	s.Close()
	open(t, dir, 1<<20).Close()
}

func TestTooLong(t *testing.T) {
	s := open(t, t.TempDir(), 8<<20)
	defer s.Close()
	if err := s.Append([][]byte{make([]byte, spool.MaxRecord+1)}); err == nil {
		t.Error("a record over the limit was taken: it could not be read back")
	}
	if err := s.Append([][]byte{make([]byte, spool.MaxRecord)}); err != nil {
		t.Error(err)
	}
}

// TestDamage cuts, flips and extends the only segment at every place: the
// records before it come back, never a wrong one.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	if err := s.Append(records(0, 4)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	files, err := filepath.Glob(filepath.Join(dir, "*.spool"))
	if err != nil || len(files) != 1 {
		t.Fatalf("segments = %q, %v", files, err)
	}
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode = %o, want 600", got)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	want := records(0, 4)
	try := func(name string, segment []byte) {
		if err := os.WriteFile(files[0], segment, 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir, 1<<20)
		defer s.Close()
		got, cut := drain(t, s)
		if !cut {
			t.Errorf("%s: not counted as damage", name)
		}
		if len(got) > len(want) {
			t.Fatalf("%s: %d records, want at most %d", name, len(got), len(want))
		}
		equal(t, got, want[:len(got)])
	}
	record := (len(whole) - 8) / 4
	for i := range len(whole) {
		if i == 0 || i >= 8 && (i-8)%record == 0 {
			continue // an empty file, or a whole number of records
		}
		try(fmt.Sprintf("cut at %d", i), whole[:i])
	}
	for i := range len(whole) {
		b := bytes.Clone(whole)
		b[i] ^= 0x40
		try(fmt.Sprintf("flipped at %d", i), b)
	}
	try("zeros behind", append(bytes.Clone(whole), make([]byte, 64)...))
	try("no magic", []byte("something else altogether"))
}
