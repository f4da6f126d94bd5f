package logs

import (
	"bufio"
	"errors"
	"io"
)

// entries cuts the elements of the list "entries", two objects deep, out of a
// JSON document of any size. Long strings are cut short on the way, so that an
// entry with a film in it costs no more than another.
type entries struct {
	r     *bufio.Reader
	found bool
	buf   []byte
}

const (
	// maxString is what is kept of a string: more than any honest URL.
	maxString = 16 << 10
	maxEntry  = maxLine
)

// next returns the next element, io.EOF behind the last. The verdict tells of
// an element that is too long.
func (c *entries) next() (string, verdict, error) {
	if !c.found {
		if err := c.find(); err != nil {
			return "", nothing, err
		}
		c.found = true
	}
	for {
		b, err := c.r.ReadByte()
		switch {
		case err != nil:
			return "", nothing, cutShort(err)
		case b == ']':
			return "", nothing, io.EOF
		case b == '{':
			return c.element()
		case b != ',' && b > ' ':
			return "", nothing, errEntries
		}
	}
}

// find moves behind the [ of the list.
func (c *entries) find() error {
	depth, listed := 0, false
	for {
		b, err := c.r.ReadByte()
		if err == io.EOF {
			return errEntries
		} else if err != nil {
			return err
		}
		switch b {
		case '{':
			depth++
		case '[':
			if listed && depth == 2 {
				return nil
			}
			depth++
		case '}', ']':
			depth--
		case '"':
			c.buf = c.buf[:0]
			if err := c.str(16); err != nil {
				return err
			}
			listed = depth == 2 && string(c.buf) == `entries"`
			continue
		}
		if b > ' ' && b != ':' {
			listed = false
		}
	}
}

// element copies the object whose { is read.
func (c *entries) element() (string, verdict, error) {
	c.buf = append(c.buf[:0], '{')
	long := false
	for depth := 1; depth > 0; {
		b, err := c.r.ReadByte()
		if err == nil {
			c.buf = append(c.buf, b)
			switch b {
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			case '"':
				err = c.str(maxString)
			}
		}
		if err != nil {
			return "", nothing, cutShort(err)
		}
		if len(c.buf) > maxEntry {
			long, c.buf = true, c.buf[:0]
		}
	}
	if long {
		return "", tooLong, nil
	}
	return string(c.buf), yes, nil
}

// str copies a string whose opening quote is read, at most limit bytes of it,
// and its closing quote. It never ends within an escape.
func (c *entries) str(limit int) error {
	start, escaped := len(c.buf), false
	for escaped || len(c.buf)-start < limit {
		b, err := c.r.ReadByte()
		if err != nil {
			return cutShort(err)
		}
		c.buf = append(c.buf, b)
		switch {
		case escaped:
			escaped = false
		case b == '\\':
			escaped = true
		case b == '"':
			return nil
		}
	}
	c.buf = append(c.buf, '"')
	return c.skipString()
}

// skipString moves behind the end of a string. Most of a file is skipped here.
func (c *entries) skipString() error {
	escaped := false
	for {
		if _, err := c.r.Peek(1); err != nil {
			return cutShort(err)
		}
		chunk, _ := c.r.Peek(c.r.Buffered())
		for i, b := range chunk {
			switch {
			case escaped:
				escaped = false
			case b == '\\':
				escaped = true
			case b == '"':
				_, err := c.r.Discard(i + 1)
				return err
			}
		}
		c.r.Discard(len(chunk))
	}
}

func cutShort(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

var errEntries = errors.New(`no list "entries" in the document: not a HAR file`)
