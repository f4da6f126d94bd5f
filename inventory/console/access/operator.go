package access

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// Operator names the person who runs this process: see Person. All that a
// command puts on record is under this name.
func Operator() string { return person("/proc", "self", os.Getuid()) }

// Person names who runs a process of this machine: on Linux the user who logged
// in, whom neither sudo nor su changes, else the one whose process it is. It
// follows what the kernel says: no variable of the environment has a part in it.
// Who has no name is called by number, "uid 1000". A login that the kernel did
// not note (containers, services) leaves the account: "root" is then nobody in
// particular.
func Person(pid, uid int) string {
	if pid <= 0 { // in another namespace
		return nameOf(strconv.Itoa(uid))
	}
	return person("/proc", strconv.Itoa(pid), uid)
}

// noLogin is what the kernel says where nobody logged in: -1.
const noLogin = 1<<32 - 1

func person(proc, process string, uid int) string {
	b, err := os.ReadFile(filepath.Join(proc, process, "loginuid"))
	login, bad := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 32)
	if err != nil || bad != nil || login == noLogin {
		return nameOf(strconv.Itoa(uid))
	}
	return nameOf(strconv.FormatUint(login, 10))
}

// nameOf does without user.Current, which believes $USER where there is no entry
// for the number.
func nameOf(uid string) string {
	if u, err := user.LookupId(uid); err == nil && u.Username != "" {
		return u.Username
	}
	return "uid " + uid
}
