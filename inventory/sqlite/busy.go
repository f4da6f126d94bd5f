package sqlite

import (
	"errors"
	"fmt"
	"strings"

	driver "modernc.org/sqlite"
)

// Result codes of SQLite (https://www.sqlite.org/rescode.html); the low byte is
// the code, the rest says more.
const (
	codeBusy   = 5
	codeLocked = 6

	codeReadOnly = 8
	codeInOut    = 10
	codeCorrupt  = 11
	codeFull     = 13
	codeCantOpen = 14
	codeNoDB     = 26
)

// busy reports whether err says that another connection holds a lock.
func busy(err error) bool {
	code := codeOf(err)
	return code == codeBusy || code == codeLocked
}

// codeOf returns the code of an error of SQLite, 0 for others.
func codeOf(err error) int {
	var e *driver.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code() & 0xff
}

// Advise adds to an error of a damaged file what to do about it, wherever it came
// up.
func Advise(err error) error {
	if code := codeOf(err); (code == codeCorrupt || code == codeNoDB) && !strings.Contains(err.Error(), damagedAdvice) {
		return advise(err)
	}
	return err
}

const damagedAdvice = "the file is damaged: put a backup back (gnomon inventory restore), or move it and its -wal and -shm away to begin with an empty inventory"

// advise adds to an error of opening the store what to do about it.
func advise(err error) error {
	advice := ""
	switch codeOf(err) {
	case codeCorrupt, codeNoDB:
		advice = damagedAdvice
	case codeFull:
		advice = "the disk is full: make room, then start again"
	case codeReadOnly, codeCantOpen:
		advice = "it and its folder must be writable for the user that the program runs as"
	case codeInOut:
		advice = "the disk can't be read or written: look at the log of the system"
	default:
		return err
	}
	return fmt.Errorf("%w: %s", err, advice)
}
