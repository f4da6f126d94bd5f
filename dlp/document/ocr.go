package document

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"time"
)

// maxOCRText bounds the text of one image.
const maxOCRText = 4 << 20

// image reads an image with the OCR command, if there is one.
func (w *walk) image(f Format, data []byte) error {
	if len(w.o.OCR) == 0 {
		return Image
	}
	text, err := w.ocr(data)
	if err != nil {
		return OCRFailed
	}
	w.plain(toUTF8(text, "utf-8"))
	return nil
}

// ocr runs the command. What it writes to standard error is dropped: it may quote
// the image.
func (w *walk) ocr(data []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(w.ctx, w.o.OCRTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.o.OCR[0], w.o.OCR[1:]...)
	cmd.Dir = os.TempDir()
	cmd.Stdin = bytes.NewReader(data)
	var out capped
	cmd.Stdout = &out
	cmd.WaitDelay = time.Second // for children that keep the pipe open
	err := cmd.Run()
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
