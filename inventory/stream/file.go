package stream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
)

// file appends lines to a file, which it opens for each batch: a file that
// another program has moved away is made anew.
type file struct {
	cfg  *Config
	path string
	buf  []byte
}

func openFile(cfg *Config, u *url.URL) (sender, error) {
	return &file{cfg: cfg, path: u.Path}, nil
}

func (f *file) close() {}

// send returns when the lines are on the disk.
func (f *file) send(_ context.Context, records []Record) (err error) {
	f.buf = f.buf[:0]
	for i := range records {
		if f.buf, err = f.cfg.Format.Append(f.buf, &records[i]); err != nil {
			return err
		}
	}
	if err := f.rotate(int64(len(f.buf))); err != nil {
		return fmt.Errorf("renaming old files: %w", err)
	}
	out, err := os.OpenFile(f.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := cutTail(out); err != nil {
		return err
	}
	if _, err := out.Write(f.buf); err != nil {
		return err
	}
	return out.Sync()
}

// maxTail is more than any line has: there the search for its start ends.
const maxTail = 1 << 20

// cutTail removes half a line, which a crash or a full disk has left. Its event
// is not lost: it was never taken from the queue.
func cutTail(f *os.File) error {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 { // a pipe has no tail
		return err
	}
	tail := make([]byte, min(info.Size(), maxTail))
	at := info.Size() - int64(len(tail))
	if _, err := f.ReadAt(tail, at); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if tail[len(tail)-1] == '\n' {
		return nil
	}
	end := bytes.LastIndexByte(tail, '\n') + 1
	if end == 0 && at > 0 {
		return fmt.Errorf("%s holds no lines: it is not ours", f.Name())
	}
	return f.Truncate(at + int64(end))
}

// rotate renames the file when more bytes would make it too long: .1 is the
// newest of the old files.
func (f *file) rotate(more int64) error {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 || info.Size()+more <= f.cfg.RotateBytes {
		return err
	}
	for n := f.cfg.Keep - 1; n >= 1; n-- {
		if err := os.Rename(f.old(n), f.old(n+1)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.Rename(f.path, f.old(1))
}

func (f *file) old(n int) string { return fmt.Sprintf("%s.%d", f.path, n) }
