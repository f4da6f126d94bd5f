package logs

import (
	"bytes"
	"io"
	"slices"
	"testing"
	"testing/iotest"
)

// FuzzFrames cuts any stream, whole and byte by byte, into the same messages.
func FuzzFrames(f *testing.F) {
	for _, s := range []string{"<134>a\n<134>b\r\n", "5 <1>ab<134>b\n", "9 <1>ab", "1772442904.250 231 x\n", "007 <1>", "99999999 <1>", "2 1111 eni-\n", "\n\n\x00\n", "1", "12 "} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		whole, pieces := allFrames(t, bytes.NewReader(text)), allFrames(t, iotest.OneByteReader(bytes.NewReader(text)))
		if !slices.Equal(whole, pieces) {
			t.Errorf("whole %q, in pieces %q", whole, pieces)
		}
		n := 0
		for _, m := range whole {
			n += len(m)
		}
		if n > len(text) {
			t.Errorf("%d bytes of messages out of %d", n, len(text))
		}
	})
}

func allFrames(t *testing.T, r io.Reader) (out []string) {
	f := newFrames(r)
	for range 1 << 20 {
		text, long, err := f.next()
		if err != nil {
			return out
		}
		if len(text) > maxMessage || long && text != "" {
			t.Fatalf("a message of %d bytes, long %v", len(text), long)
		}
		out = append(out, text)
	}
	t.Fatal("frames never end")
	return nil
}
