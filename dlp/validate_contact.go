package dlp

import "bytes"

// email checks the parts of an address that the pattern can't: no part is empty
// and it is not the login of a code host.
func email(value []byte) bool {
	local, domain, ok := bytes.Cut(value, []byte("@"))
	if !ok || string(local) == "git" || bytes.Contains(value, []byte("..")) {
		return false
	}
	dot := bytes.LastIndexByte(domain, '.')
	return dot > 0 && local[len(local)-1] != '.' && !bytes.Contains(domain, []byte("-.")) && !bytes.Contains(domain, []byte(".-"))
}

// phone checks that a number is long enough to be dialled and no filler.
func phone(d []byte) bool { return 7 <= len(d) && len(d) <= 15 && !same(d[1:]) }
