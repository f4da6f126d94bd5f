package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		w := newLogWriter(&out)
		written := func() string {
			w.mu.Lock()
			defer w.mu.Unlock()
			return out.String()
		}
		w.Write([]byte("one\n"))
		w.Write([]byte("two\n"))
		if written() != "" {
			t.Errorf("written at once: %q", written())
		}
		time.Sleep(logDelay)
		synctest.Wait()
		if written() != "one\ntwo\n" {
			t.Errorf("after the delay: %q", written())
		}
		w.Write([]byte("three\n"))
		w.Close()
		if !strings.HasSuffix(written(), "three\n") {
			t.Errorf("after Close: %q", written())
		}
		before := len(written())
		w.Write(bytes.Repeat([]byte("x"), maxLines))
		if n := len(written()) - before; n != maxLines {
			t.Errorf("%d bytes of a full buffer written, want %d", n, maxLines)
		}
	})
}
