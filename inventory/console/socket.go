package console

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

// maxSocketPath is what the kernel takes as the name of a socket (unix(7)), with
// the final zero.
const maxSocketPath = 107

// listenUnix listens on path, which only our user may open. A socket that a
// dead process left is replaced, one that answers is not.
func listenUnix(path string) (net.Listener, error) {
	if c, err := dialUnix(path); err == nil {
		c.Close()
		return nil, fmt.Errorf("%s: another gateway answers there", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var ln net.Listener
	err := withShortPath(path, func(short string) (err error) {
		ln, err = net.Listen("unix", short)
		return err
	})
	if err != nil {
		return nil, err
	}
	// The state directory is closed to others (0700) before this is needed.
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	ln.(*net.UnixListener).SetUnlinkOnClose(false) // its short name may be gone by then
	return &unixListener{Listener: ln, path: path}, nil
}

type unixListener struct {
	net.Listener
	path string
}

func (l *unixListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &peerConn{c, peerOf(c)}, nil
}

// peerConn is a connection whose remote address is the name of the user behind
// it, "" when that is unknown.
type peerConn struct {
	net.Conn
	user string
}

func (c *peerConn) RemoteAddr() net.Addr { return &net.UnixAddr{Name: c.user, Net: "unix"} }

func (l *unixListener) Close() error {
	err := l.Listener.Close()
	if err == nil {
		os.Remove(l.path) // a second Close must not remove a successor's socket
	}
	return err
}

func dialUnix(path string) (c net.Conn, err error) {
	err = withShortPath(path, func(short string) (err error) {
		c, err = net.DialTimeout("unix", short, 2*time.Second)
		return err
	})
	return c, err
}

// withShortPath calls f with a name of path that fits into the kernel's limit.
func withShortPath(path string, f func(short string) error) error {
	if len(path) <= maxSocketPath {
		return f(path)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return f(fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)))
}
