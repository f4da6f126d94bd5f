package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// progress shows on a terminal how far the reading is.
type progress struct {
	quit, gone chan struct{}
}

const drawEvery = 200 * time.Millisecond

// startProgress draws until it is stopped. Where w is no terminal it does
// nothing.
func startProgress(w io.Writer, inputs []*input, d *discovery) *progress {
	p := &progress{make(chan struct{}), make(chan struct{})}
	if !isTerminal(w) || os.Getenv("TERM") == "dumb" {
		close(p.gone)
		return p
	}
	var total int64
	for _, in := range inputs {
		if in.size == 0 { // standard input: nobody knows
			total = 0
			break
		}
		total += in.size
	}
	go p.draw(w, len(inputs), total, d)
	return p
}

func (p *progress) draw(w io.Writer, files int, total int64, d *discovery) {
	defer close(p.gone)
	begun := time.Now()
	tick := time.NewTicker(drawEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.quit:
			fmt.Fprint(w, "\r\x1b[K")
			return
		case <-tick.C:
		}
		fmt.Fprint(w, "\r", progressLine(d.done.Load(), total, int(d.finished.Load()), files, time.Since(begun)), "\x1b[K")
	}
}

func (p *progress) stop() {
	close(p.quit)
	<-p.gone
}

// progressLine is "[#####     ] 45% 1.2 GB of 2.7 GB, file 3 of 12, 310 MB/s, 5 s left".
func progressLine(done, total int64, finished, files int, took time.Duration) string {
	speed := float64(done) / max(took.Seconds(), 0.001)
	of := ""
	if files > 1 {
		of = fmt.Sprintf(", file %d of %d", min(finished+1, files), files)
	}
	if total <= 0 {
		return fmt.Sprintf("%s read%s, %s/s", byteCount(done), of, byteCount(int64(speed)))
	}
	part := min(float64(done)/float64(total), 1)
	const width = 20
	n := int(part * width)
	left := ""
	if took > time.Second && speed > 0 {
		left = fmt.Sprintf(", %.0f s left", float64(total-min(done, total))/speed)
	}
	return fmt.Sprintf("[%s%s] %3.0f%% of %s%s, %s/s%s", strings.Repeat("#", n), strings.Repeat(" ", width-n), 100*part, byteCount(total), of, byteCount(int64(speed)), left)
}

// byteCount is "1.2 GB".
func byteCount(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	f := float64(n)
	for _, unit := range []string{"kB", "MB", "GB", "TB", "PB"} {
		if f /= 1000; f < 999.5 {
			if f < 9.95 {
				return fmt.Sprintf("%.1f %s", f, unit)
			}
			return fmt.Sprintf("%.0f %s", f, unit)
		}
	}
	return fmt.Sprintf("%.0f EB", f/1000)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	return err == nil
}

// widthOf returns how many columns fit, 80 where that is not known.
func widthOf(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil && size.Col >= 40 {
			return int(size.Col)
		}
	}
	return 80
}
