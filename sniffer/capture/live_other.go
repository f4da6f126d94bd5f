//go:build !linux

package capture

import (
	"context"
	"errors"
	"runtime"
)

// Live captures from a network interface, which is Linux only.
type Live struct{}

// OpenLive fails: there is no live capture on this system.
func OpenLive(context.Context, string, Options) (*Live, error) {
	return nil, errors.New("live capture needs Linux, this is " + runtime.GOOS + ": capture to a file and read that")
}

// Next is never reached.
func (*Live) Next(*Frame) error { return errClosed }

// Ready is never reached.
func (*Live) Ready() bool { return false }

// Stats is never reached.
func (*Live) Stats() LiveStats { return LiveStats{} }

// Close is never reached.
func (*Live) Close() error { return nil }
