package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/gnomon-proxy/gnomon/inventory"
)

// The exit codes that other programs rely upon.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitFindings    = 3
	exitConfig      = 4
	exitPartial     = 5 // of scan: nothing was found, but not all was inspected
	exitInterrupted = 130
)

// exitError ends a command with a code of its own. A nil err says nothing: the
// command has already said what there was to say.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	done := make(chan error, 1)
	go func() { done <- root.ExecuteContext(ctx) }()
	select {
	case err := <-done:
		return exitCode(ctx, err, stderr)
	case <-ctx.Done():
	}
	cmd, _, err := root.Find(args)
	if err == nil && cmd.Annotations[endsItself] != "" {
		return exitCode(ctx, <-done, stderr)
	}
	select { // the others may be waiting for input: nothing of theirs has to be ended in order
	case err := <-done:
		return exitCode(ctx, err, stderr)
	case <-time.After(interruptGrace):
		return exitCode(ctx, ctx.Err(), stderr)
	}
}

// endsItself is the annotation of commands that end in order, in their own
// time, when they are interrupted.
const endsItself = "ends itself"

// interruptGrace is what other commands get to end by themselves.
const interruptGrace = 200 * time.Millisecond

func exitCode(ctx context.Context, err error, stderr io.Writer) int {
	if err == nil {
		return exitOK
	}
	code := exitFailure
	var own *exitError
	var bad *configError
	var wrong *inventory.InvalidError
	switch {
	case errors.As(err, &own):
		if code = own.code; own.err == nil {
			return code
		}
	case errors.As(err, &bad):
		code = exitConfig
	case errors.As(err, &wrong):
		code = exitUsage
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "gnomon: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(stderr, "gnomon:", err)
	if errors.Is(err, syscall.EADDRINUSE) {
		fmt.Fprintln(stderr, "stop the program that listens there, or name another address (--proxy-listen, --console-listen; port 0 takes a free one)")
	}
	return code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "gnomon",
		Short: "See which AI services your network uses, and keep sensitive data out of the prompts",
		Long: `Gnomon is a network gateway for the use of AI services: a forward proxy that
finds AI traffic, redacts or blocks sensitive data in prompts, and keeps the
inventory; all other traffic passes through it unread.

Try it without touching anything:   gnomon demo
Start the gateway:                  gnomon run`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().String("config", "", "settings file (YAML)")
	root.PersistentFlags().String("state-dir", "", "where the CA, the keys and the inventory live")
	root.AddCommand(
		newRunCommand(), newDemoCommand(),
		newClassifyCommand(), newScanCommand(), newInspectCommand(), newSniffCommand(), newDiscoverCommand(),
		newInventoryCommand(), newConsoleCommand(), newRulesCommand(), newControlsCommand(), newRiskCommand(), newSoACommand(), newEvidenceCommand(), newPrivacyCommand(), newAccessCommand(), newCACommand(), newConfigCommand(), newVersionCommand(),
	)
	asUsageErrors(root)
	markReaders(root)
	return root
}

// asUsageErrors makes wrong flags and arguments of every command end with the
// usage exit code and a pointer to the help.
func asUsageErrors(cmd *cobra.Command) {
	usage := func(c *cobra.Command, err error) error {
		return &exitError{exitUsage, fmt.Errorf("%w (see %q)", err, c.CommandPath()+" --help")}
	}
	cmd.SetFlagErrorFunc(usage)
	if args := cmd.Args; args != nil {
		cmd.Args = func(c *cobra.Command, a []string) error {
			if err := args(c, a); err != nil {
				return usage(c, err)
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		asUsageErrors(sub)
	}
}
