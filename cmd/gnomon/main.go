// Gnomon shows an organisation which AI services its people and programs use,
// keeps sensitive data out of the prompts, and keeps the record.
//
// Data goes to standard output, talk to standard error. Exit codes: 0 ok,
// 1 failure, 2 usage, 3 findings, 4 invalid configuration, 5 none found but not all
// inspected, 130 interrupted.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
