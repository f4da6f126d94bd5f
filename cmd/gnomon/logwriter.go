package main

import (
	"io"
	"sync"
	"time"
)

const (
	// logDelay is how long a line may wait for others, so that a busy gateway
	// does not pay a system call for each decision.
	logDelay = 100 * time.Millisecond
	maxLines = 64 << 10
)

// logWriter gathers log lines and writes them together. It is safe for
// concurrent use. The end of the process without Close loses the lines of the
// last tenth of a second; decisions are in the inventory too.
type logWriter struct {
	to io.Writer

	mu      sync.Mutex
	buf     []byte
	waiting *time.Timer // nil: none
}

func newLogWriter(to io.Writer) *logWriter { return &logWriter{to: to} }

// Write takes whole lines. An error of the underlying writer is dropped: there
// is no place left to report it.
func (w *logWriter) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf = append(w.buf, line...)
	switch {
	case len(w.buf) >= maxLines:
		w.flushLocked()
	case w.waiting == nil:
		w.waiting = time.AfterFunc(logDelay, w.flush)
	}
	return len(line), nil
}

// Close writes what waits. Later lines are written too.
func (w *logWriter) Close() error {
	w.flush()
	return nil
}

func (w *logWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flushLocked()
}

func (w *logWriter) flushLocked() {
	if w.waiting != nil {
		w.waiting.Stop()
		w.waiting = nil
	}
	if len(w.buf) > 0 {
		w.to.Write(w.buf)
		w.buf = w.buf[:0]
	}
}
