package sqlite

import (
	"errors"

	driver "modernc.org/sqlite"
)

// Result codes of SQLite (https://www.sqlite.org/rescode.html); the low byte is
// the code, the rest says more.
const (
	codeBusy   = 5
	codeLocked = 6
)

// busy reports whether err says that another connection holds a lock.
func busy(err error) bool {
	var e *driver.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff
	return code == codeBusy || code == codeLocked
}
