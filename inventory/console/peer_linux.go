package console

import (
	"net"
	"syscall"

	"github.com/gnomon-proxy/gnomon/inventory/console/access"
)

// peerOf returns the person behind a connection on the Unix socket, "" when the
// kernel does not say.
func peerOf(c net.Conn) string {
	u, ok := c.(syscall.Conn)
	if !ok {
		return ""
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return ""
	}
	var cred *syscall.Ucred
	raw.Control(func(fd uintptr) {
		cred, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err != nil || cred == nil {
		return ""
	}
	return access.Person(int(cred.Pid), int(cred.Uid))
}
