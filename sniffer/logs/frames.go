package logs

import (
	"bufio"
	"io"
	"strings"
)

// frames cuts the messages out of a syslog stream (RFC 6587): "83 <34>1 ..."
// with its length in front, or lines. Senders are free to choose, so each
// message tells for itself; lines without <PRI> are taken too.
type frames struct {
	r *bufio.Reader
}

func newFrames(r io.Reader) *frames {
	return &frames{r: bufio.NewReaderSize(r, maxMessage)}
}

// next returns the next message. long means that it was too long and is left
// out. A last line without an ending counts.
func (f *frames) next() (text string, long bool, err error) {
	n, err := f.length()
	switch {
	case err != nil:
		return "", false, err
	case n < 0:
		return f.lineFrame()
	case n > maxMessage:
		_, err = f.r.Discard(n)
		return "", true, err
	}
	b := make([]byte, n)
	if _, err = io.ReadFull(f.r, b); err != nil {
		return "", false, err
	}
	return strings.TrimRight(string(b), "\r\n\x00"), false, nil
}

// length reads the length in front of the message, -1 for a line. Only digits,
// a space and < tell a length from a line of a log that starts with a number.
// It looks at no more than it needs: the rest may never come.
func (f *frames) length() (int, error) {
	n := 0
	for i := 1; i <= 8; i++ {
		b, err := f.r.Peek(i)
		if err != nil {
			if i > 1 && err == io.EOF {
				return -1, nil
			}
			return 0, err
		}
		switch c := b[i-1]; {
		case c >= '1' && c <= '9' || c == '0' && i > 1:
			n = n*10 + int(c-'0')
		case c == ' ' && i > 1:
			if b, err = f.r.Peek(i + 1); err != nil || b[i] != '<' {
				return -1, nil
			}
			_, err = f.r.Discard(i)
			return n, err
		default:
			return -1, nil
		}
	}
	return -1, nil
}

// lineFrame reads up to the next line feed.
func (f *frames) lineFrame() (text string, long bool, err error) {
	b, err := f.r.ReadSlice('\n')
	switch {
	case err == bufio.ErrBufferFull:
		for err == bufio.ErrBufferFull {
			_, err = f.r.ReadSlice('\n')
		}
		if err == io.EOF {
			err = nil // next will say so
		}
		return "", true, err
	case err == io.EOF && len(b) > 0:
	case err != nil:
		return "", false, err
	}
	return strings.TrimRight(string(b), "\r\n\x00"), false, nil
}
