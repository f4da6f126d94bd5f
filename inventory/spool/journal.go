package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	segmentSuffix = ".spool"
	journalSuffix = ".journal"
)

// maxJournal bounds a journal to what is read of one after a crash.
const maxJournal = maxSegment

// ErrJournalFull says that a journal takes no more.
var ErrJournalFull = errors.New("the journal has reached its bound")

// Journal is a file of records that are about to be stored elsewhere. Nothing
// waits for the disk: it outlives the process (kill -9), not the machine. What
// was not dropped is replayed after the next Open as if it had been spooled. One
// goroutine uses it at a time.
type Journal struct {
	path string
	file *os.File
	size int
	bad  error // of a write that may have left half a record
	buf  []byte
}

// Journal begins a journal. Its file is made with the first record.
func (s *Spool) Journal() *Journal {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.next
	s.next++
	return &Journal{path: s.path(n, journalSuffix)}
}

// Add appends a record to what the next Note writes.
func (j *Journal) Add(encode func([]byte) ([]byte, error)) error {
	begun := len(j.buf)
	if j.file == nil && begun == 0 {
		j.buf = append(j.buf, magic...)
	}
	at := len(j.buf)
	b, err := encode(append(j.buf, make([]byte, head)...))
	switch {
	case err != nil:
		j.buf = j.buf[:begun]
		return err
	case len(b)-at-head > MaxRecord:
		j.buf = b[:begun]
		return fmt.Errorf("noting a record in the journal: its %d bytes are over the limit of %d", len(b)-at-head, MaxRecord)
	}
	putHead(b[at:])
	j.buf = b
	return nil
}

// Note writes what was added. After an error it takes nothing more: what was
// written before stays.
func (j *Journal) Note() error {
	b := j.buf
	j.buf = j.buf[:0]
	if len(b) == 0 || j.bad != nil {
		return j.bad
	}
	if j.size+len(b) > maxJournal {
		j.bad = ErrJournalFull
		return j.bad
	}
	if j.bad = j.write(b); j.bad != nil {
		j.bad = fmt.Errorf("writing the journal: %w", j.bad)
		return j.bad
	}
	j.size += len(b)
	return nil
}

func (j *Journal) write(b []byte) (err error) {
	if j.file == nil {
		if j.file, err = os.OpenFile(j.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return err
		}
	}
	_, err = j.file.Write(b)
	return err
}

// Drop ends a journal whose records have found their place.
func (j *Journal) Drop() error {
	if j.file == nil {
		return nil
	}
	err := os.Remove(j.path) // before Close: an unlinked file has nothing to write back
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err = errors.Join(err, j.file.Close()); err != nil {
		return fmt.Errorf("ending a journal: %w", err)
	}
	j.file = nil
	return nil
}

func (s *Spool) path(n uint64, suffix string) string {
	return filepath.Join(s.dir, fmt.Sprintf("%016x", n)+suffix)
}

func suffix(journal bool) string {
	if journal {
		return journalSuffix
	}
	return segmentSuffix
}

// number returns the number in the name of a segment or of a journal.
func number(name string) (n uint64, journal, ok bool) {
	hex, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok {
		hex, journal = strings.CutSuffix(name, journalSuffix)
	}
	if !ok && !journal || len(hex) != 16 {
		return 0, false, false
	}
	n, err := strconv.ParseUint(hex, 16, 63)
	return n, journal, err == nil
}
