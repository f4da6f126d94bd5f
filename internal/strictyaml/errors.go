package strictyaml

import (
	"fmt"
	"strings"
)

// maxErrors bounds a report: who has made twenty mistakes wants to mend those
// first.
const maxErrors = 20

// Error is one mistake in a file.
type Error struct {
	Position
	Text string
}

func (e *Error) Error() string { return e.Position.String() + ": " + e.Text }

// Errors are the mistakes found in one or more files. The zero value is ready
// to use.
type Errors []*Error

// Add notes a mistake.
func (e *Errors) Add(at Position, format string, args ...any) {
	*e = append(*e, &Error{Position: at, Text: fmt.Sprintf(format, args...)})
}

// Join adds all mistakes of err, which may be nil, an *Error, Errors or any
// other error.
func (e *Errors) Join(file string, err error) {
	switch err := err.(type) {
	case nil:
	case Errors:
		*e = append(*e, err...)
	case *Error:
		*e = append(*e, err)
	default:
		e.Add(Position{File: file}, "%v", err)
	}
}

// Err returns e as an error, nil when nothing was added.
func (e Errors) Err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// Error lists the first twenty mistakes, one a line.
func (e Errors) Error() string {
	var b strings.Builder
	for i, one := range e {
		if i == maxErrors {
			fmt.Fprintf(&b, "\nand %d more", len(e)-maxErrors)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(one.Error())
	}
	return b.String()
}

// Unwrap returns the single mistakes.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}
