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
		w.Write([]byte("one\n"))
		w.Write([]byte("two\n"))
		if out.Len() != 0 {
			t.Errorf("written at once: %q", out.String())
		}
		time.Sleep(logDelay)
		synctest.Wait()
		if out.String() != "one\ntwo\n" {
			t.Errorf("after the delay: %q", out.String())
		}
		w.Write([]byte("three\n"))
		w.Close()
		if !strings.HasSuffix(out.String(), "three\n") {
			t.Errorf("after Close: %q", out.String())
		}
		out.Reset()
		w.Write(bytes.Repeat([]byte("x"), maxLines))
		if out.Len() != maxLines {
			t.Errorf("%d bytes of a full buffer written, want %d", out.Len(), maxLines)
		}
	})
}
