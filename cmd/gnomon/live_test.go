package main

import (
	"errors"
	"io/fs"
	"runtime"
	"testing"

	"github.com/gnomon-proxy/gnomon/sniffer/capture"
)

// needsLive skips a test where packets can't be captured.
func needsLive(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("NOT TESTED: live capture is for Linux")
	}
	probe, err := capture.OpenLive(t.Context(), "lo", capture.Options{RingBytes: 2 << 20})
	if errors.Is(err, fs.ErrPermission) {
		t.Skip("NOT TESTED: live capture needs root")
	} else if err != nil {
		t.Fatal(err)
	}
	probe.Close()
}
