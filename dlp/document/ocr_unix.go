//go:build unix

package document

import (
	"os"
	"os/exec"
	"syscall"
)

// withChildren makes the end of the context kill the command with all that it
// started: it leads a process group of its own.
func withChildren(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killAll(cmd.Process) }
}

func killAll(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }
