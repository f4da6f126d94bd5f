// Command standin runs the stand-ins until it is interrupted. It prints one
// line of JSON that says where they are.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	n, err := testnet.Start(testnet.Options{})
	if err != nil {
		return err
	}
	defer n.Close()
	err = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"addr": n.Addr, "plain": n.Plain, "control": n.Control, "ca_file": n.CAFile, "resolve": n.Resolve(),
	})
	if err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
