package spool

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
)

// ErrFull says that a batch does not fit within the bound of the spool.
var ErrFull = errors.New("the spool is full")

// ErrBusy says that another process uses the spool.
var ErrBusy = errors.New("in use by another process")

// segmentBytes is when a segment is closed: what a replay holds in memory.
const segmentBytes = 4 << 20

// maxSegment bounds what is read of a segment that somebody else has written.
const maxSegment = 64 << 20

// Spool is a bounded queue of records on disk. Its methods are safe for
// concurrent use, save that one goroutine at a time may replay.
type Spool struct {
	dir   string
	lock  *os.File
	bytes atomic.Int64

	mu    sync.Mutex // held during writes: appends are ordered
	max   int64
	open  *os.File        // the segment that is written to, nil when none is
	size  int64           // of open
	next  uint64          // number of the next segment
	ready []uint64        // closed segments, oldest first
	left  map[uint64]bool // those that are journals of an earlier process
}

// Open opens the spool in dir, which it makes. max
// bounds its size on disk.
func Open(dir string, max int64) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the spool: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("locking the spool %q: %w", dir, err)
	}
	s := &Spool{dir: dir, max: max, lock: lock, next: 1, left: make(map[uint64]bool)}
	if err := s.scan(); err != nil {
		lock.Close()
		return nil, fmt.Errorf("reading the spool %q: %w", dir, err)
	}
	return s, nil
}

// SetMax changes the bound of the spool. What is in it stays, also when that is
// more.
func (s *Spool) SetMax(max int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.max = max
}

// Bytes returns the size of the spool on disk, 0 when it is empty.
func (s *Spool) Bytes() int64 { return s.bytes.Load() }

// scan finds the segments, and the journals, that an earlier process left.
func (s *Spool) scan() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		n, journal, ok := number(e.Name())
		if !ok {
			continue
		}
		if journal {
			s.left[n] = true
		}
		s.ready = append(s.ready, n)
		s.next = max(s.next, n+1)
		info, err := e.Info()
		if err != nil {
			return err
		}
		s.bytes.Add(info.Size())
	}
	slices.Sort(s.ready)
	return nil
}

// Append writes a batch and waits until it is on the disk. On an error nothing
// of it stays.
func (s *Spool) Append(batch [][]byte) error {
	var b []byte
	for _, r := range batch {
		if len(r) > MaxRecord {
			return fmt.Errorf("appending to the spool: a record of %d bytes is over the limit of %d", len(r), MaxRecord)
		}
		b = appendRecord(b, r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes.Load()+int64(len(b)+len(magic)) > s.max {
		return ErrFull
	}
	if err := s.writeLocked(b); err != nil {
		s.undoLocked()
		return fmt.Errorf("appending to the spool: %w", err)
	}
	s.size += int64(len(b))
	s.bytes.Add(int64(len(b)))
	if s.size >= segmentBytes {
		s.closeLocked()
	}
	return nil
}

func (s *Spool) writeLocked(b []byte) error {
	if s.open == nil {
		if err := s.createLocked(); err != nil {
			return err
		}
	}
	if _, err := s.open.Write(b); err != nil {
		return err
	}
	return s.open.Sync()
}

// createLocked starts a segment. Its name must be as durable as its bytes, so
// the folder is synced too.
func (s *Spool) createLocked() error {
	f, err := os.OpenFile(s.path(s.next, segmentSuffix), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(magic)
	if err == nil {
		err = syncDir(s.dir)
	}
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	s.open, s.size = f, int64(len(magic))
	s.next++
	s.bytes.Add(s.size)
	return nil
}

// undoLocked takes back a write that failed half-way, and leaves the segment:
// after a failed sync nothing more should be trusted to that file.
func (s *Spool) undoLocked() {
	if s.open == nil {
		return
	}
	if err := s.open.Truncate(s.size); err != nil { // the checksum tells what is sound
		if info, err := s.open.Stat(); err == nil {
			s.bytes.Add(info.Size() - s.size)
		}
	}
	s.closeLocked()
}

func (s *Spool) closeLocked() {
	if s.open == nil {
		return
	}
	n, _, _ := number(filepath.Base(s.open.Name()))
	s.open.Close() // every write was synced
	s.open = nil
	s.ready = append(s.ready, n)
}

// Segment is the oldest part of a spool.
type Segment struct {
	Records [][]byte
	Cut     bool // a damaged tail follows the records
	Journal bool // it is a journal of an earlier process, which may not have handed on its last records; a tail was cut by its end
	number  uint64
	size    int64
}

// Number tells a segment of a spool from all others that it has or had.
func (g *Segment) Number() uint64 { return g.number }

// Oldest returns the oldest segment, or nil when the spool is empty. The
// segment stays until Remove.
func (s *Spool) Oldest() (*Segment, error) {
	s.mu.Lock()
	if len(s.ready) == 0 {
		s.closeLocked()
	}
	if len(s.ready) == 0 {
		s.mu.Unlock()
		return nil, nil
	}
	n := s.ready[0]
	journal := s.left[n]
	s.mu.Unlock()
	return s.read(n, journal)
}

func (s *Spool) read(n uint64, journal bool) (*Segment, error) {
	raw, err := readUpTo(s.path(n, suffix(journal)), maxSegment)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // removed by hand: nothing to replay
		return nil, fmt.Errorf("reading the spool: %w", err)
	}
	records, sound := parse(raw)
	return &Segment{Records: records, Cut: sound < len(raw), Journal: journal, number: n, size: int64(len(raw))}, nil
}

// Remove deletes a segment whose records have found their place.
func (s *Spool) Remove(g *Segment) error {
	if err := os.Remove(s.path(g.number, suffix(g.Journal))); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("emptying the spool: %w", err)
	}
	s.bytes.Add(-g.size)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.left, g.number)
	s.ready = slices.DeleteFunc(s.ready, func(n uint64) bool { return n == g.number })
	return nil
}

// Close ends the use of the spool; its records stay.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeLocked()
	return s.lock.Close()
}

func readUpTo(path string, n int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, n))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
