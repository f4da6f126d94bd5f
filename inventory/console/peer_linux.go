package console

import (
	"net"
	"os/user"
	"strconv"
	"syscall"
)

// peerOf returns the user behind a connection on the Unix socket, "" when the
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
	id := strconv.FormatUint(uint64(cred.Uid), 10)
	if known, err := user.LookupId(id); err == nil {
		return known.Username
	}
	return "uid " + id
}
