package stream

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// acknowledged waits until the other side's kernel has acknowledged all that
// was written to a TCP connection.
func acknowledged(ctx context.Context, c *net.TCPConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, 50*time.Millisecond) {
		waiting, err := unsent(raw)
		if err != nil || waiting == 0 {
			return err
		}
		if wait(ctx, pause); ctx.Err() != nil {
			return errors.New("the receiver does not acknowledge")
		}
	}
}

// unsent returns how much is not acknowledged, or the error that ended the
// connection: a reset empties the buffer too.
func unsent(raw syscall.RawConn) (n int, err error) {
	e := raw.Control(func(fd uintptr) {
		if n, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ); err != nil {
			return
		}
		code, e := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		if err = e; e == nil && code != 0 {
			err = syscall.Errno(code)
		}
	})
	return n, errors.Join(e, err)
}
