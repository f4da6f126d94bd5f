// Package leaks finds goroutines that tests leave behind. In: a test, or all
// tests of a package; out: their failure.
//
// Goroutines of the standard library end a moment after what they serve was
// closed, on a machine under load a long moment: they are waited for.
package leaks

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is there for machines under load; a leak stays.
const patience = time.Minute

// Main runs the tests of a package, fails when they have passed and a goroutine
// is left, and ends the process.
func Main(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if err := left(); err != nil {
			fmt.Fprintln(os.Stderr, "after the tests:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// Check notes which goroutines there are; verify fails the test when others are
// left.
func Check(t testing.TB) (verify func()) {
	before := goleak.IgnoreCurrent()
	return func() {
		t.Helper()
		if err := left(before); err != nil {
			t.Error(err)
		}
	}
}

func left(options ...goleak.Option) (err error) {
	for begun := time.Now(); time.Since(begun) < patience; {
		if err = goleak.Find(options...); err == nil { // which looks for half a second
			return nil
		}
	}
	return err
}
