//go:build !unix

package document

import (
	"os"
	"os/exec"
)

// withChildren does nothing: here the command alone is killed.
func withChildren(*exec.Cmd) {}

func killAll(p *os.Process) error { return p.Kill() }
