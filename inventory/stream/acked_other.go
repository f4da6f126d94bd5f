//go:build !linux

package stream

import (
	"context"
	"net"
)

// acknowledged believes what other systems can't say.
func acknowledged(context.Context, *net.TCPConn) error { return nil }
