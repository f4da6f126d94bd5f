//go:build !linux

package console

import "net"

// peerOf returns the user behind a connection on the Unix socket: unknown here.
func peerOf(net.Conn) string { return "" }
