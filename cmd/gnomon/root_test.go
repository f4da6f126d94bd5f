package main

import (
	"context"
	"io"
	"strings"
	"testing"
)

// TestInterrupt: a command that waits for input ends when it is told to.
func TestInterrupt(t *testing.T) {
	t.Setenv("GNOMON_STATE_DIR", t.TempDir())
	for _, command := range []string{"scan", "classify", "inspect"} {
		t.Run(command, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			stdin, hold := io.Pipe()
			defer hold.Close()
			var out, errs strings.Builder
			code := make(chan int, 1)
			go func() { code <- execute(ctx, []string{command}, stdin, &out, &errs) }()
			if _, err := hold.Write([]byte("x\n")); err != nil { // it reads
				t.Fatal(err)
			}
			cancel()
			if got := <-code; got != exitInterrupted {
				t.Errorf("exit code %d, want %d", got, exitInterrupted)
			}
		})
	}
}

// TestPrintable: names that strangers choose can't turn around what a terminal
// shows, in any table that goes through the same printer.
func TestPrintable(t *testing.T) {
	var out strings.Builder
	if err := (controlsPrinter{&out, false}).table([]string{"NAME"}, [][]string{{"a\u202eb\x1b[2J\u2066"}}, nil); err != nil {
		t.Fatal(err)
	}
	if want := "NAME\na\\u202eb\\u001b[2J\\u2066\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}
