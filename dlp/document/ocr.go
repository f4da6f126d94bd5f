package document

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// maxOCRText bounds the text of one image.
const maxOCRText = 4 << 20

// OCR runs a command that reads an image from standard input and writes its text
// to standard output. It is safe for concurrent use: all who share it share its
// bound on processes.
type OCR struct {
	command []string
	timeout time.Duration
	slots   chan struct{}
}

// NewOCR returns an OCR for a command with its arguments; no shell is involved.
// The command and its children are killed after timeout. At most so many run at
// one time, the next images wait.
func NewOCR(command []string, timeout time.Duration, processes int) *OCR {
	return &OCR{command: command, timeout: timeout, slots: make(chan struct{}, max(1, processes))}
}

// image reads an image with the OCR command, if there is one.
func (w *walk) image(f Format, data []byte) error {
	if w.o.OCR == nil {
		return Image
	}
	text, err := w.o.OCR.read(w.ctx, data)
	switch {
	case w.ctx.Err() != nil:
		return OutOfTime
	case err != nil:
		return OCRFailed
	}
	w.plain(toUTF8(text, "utf-8"))
	return nil
}

// read runs the command. What it writes to standard error is dropped: it may quote
// the image.
func (o *OCR) read(ctx context.Context, data []byte) ([]byte, error) {
	select {
	case o.slots <- struct{}{}:
		defer func() { <-o.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, o.command[0], o.command[1:]...)
	cmd.Dir = os.TempDir()
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GNOMON_") }) // may hold passwords
	cmd.Stdin = bytes.NewReader(data)
	var out capped
	cmd.Stdout = &out
	withChildren(cmd)
	cmd.WaitDelay = time.Second // for children that keep the pipe open
	err := cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		_ = killAll(cmd.Process)
	}
	return out.kept, err
}

// capped keeps the beginning of what is written to it.
type capped struct{ kept []byte }

func (c *capped) Write(b []byte) (int, error) {
	if room := maxOCRText - len(c.kept); room > 0 {
		c.kept = append(c.kept, b[:min(len(b), room)]...)
	}
	return len(b), nil
}
