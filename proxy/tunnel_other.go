//go:build !unix

package proxy

import (
	"io"
	"net"
)

// copyTCP copies from src to dst to its end.
func copyTCP(dst, src *net.TCPConn) (int64, error) {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	return io.CopyBuffer(struct{ io.Writer }{dst}, struct{ io.Reader }{src}, *buf)
}
