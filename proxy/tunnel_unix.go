//go:build unix

package proxy

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// copyTCP copies from src to dst to its end. While src is silent no buffer is
// held: a tunnel idles most of its life. Once a direction has proved to be bulk
// the kernel splices it.
func copyTCP(dst, src *net.TCPConn) (total int64, err error) {
	raw, err := src.SyscallConn()
	if err != nil {
		return 0, err
	}
	for {
		n, err := copyReady(dst, raw)
		total += int64(n)
		if err != nil || n == 0 {
			return total, err
		}
		if total < spliceAfter || n < copyBuffer {
			continue
		}
		m, err := io.CopyN(dst, src, spliceChunk)
		total += m
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// copyReady waits until src has something and passes on as much as a buffer
// takes. It returns 0 at the end of src.
func copyReady(dst *net.TCPConn, src syscall.RawConn) (n int, err error) {
	var buf *[]byte
	var failed error
	err = src.Read(func(fd uintptr) bool {
		if buf == nil {
			buf = buffers.Get().(*[]byte)
		}
		for {
			n, failed = syscall.Read(int(fd), *buf)
			if !errors.Is(failed, syscall.EINTR) {
				break
			}
		}
		if errors.Is(failed, syscall.EAGAIN) {
			buffers.Put(buf) // not while it waits
			buf = nil
			return false
		}
		return true
	})
	if buf != nil {
		defer buffers.Put(buf)
	}
	if err == nil {
		err = failed
	}
	if err != nil || n <= 0 {
		return 0, err
	}
	return dst.Write((*buf)[:n])
}
