package classifier

import (
	"net/url"
	"path"
	"strings"
)

// cleanPath undoes what a server would: escapes, empty and dot segments. A
// plain path comes back as it is.
func cleanPath(p string) string {
	if !strings.Contains(p, "%") && !strings.Contains(p, "//") && !strings.Contains(p, "/.") {
		return p
	}
	if u, err := url.PathUnescape(p); err == nil {
		p = u
	}
	slash := strings.HasSuffix(p, "/")
	p = path.Clean("/" + p)
	if slash && p != "/" {
		p += "/"
	}
	return p
}

// underPath reports whether p lies under pattern, in which each "*" stands for
// what is inside one segment.
func underPath(pattern, p string) bool {
	for pattern != "" {
		want, more, _ := strings.Cut(pattern[1:], "/")
		last := !strings.Contains(pattern[1:], "/")
		if p == "" || p[0] != '/' {
			return false
		}
		got, rest := p[1:], ""
		if i := strings.IndexByte(got, '/'); i >= 0 {
			got, rest = got[:i], got[i:]
		}
		switch {
		case last:
			verbless, _, _ := strings.Cut(got, ":")
			return want == "" || globMatch(want, got) || globMatch(want, verbless)
		case !globMatch(want, got) || want == "*" && got == "":
			return false
		}
		pattern, p = pattern[len(pattern)-len(more)-1:], rest
	}
	return true
}

// globMatch reports whether s matches pattern, in which "*" stands for any
// bytes, also none. It goes back to the last "*" only: linear in practice,
// len(pattern)*len(s) at worst.
func globMatch(pattern, s string) bool {
	i, j, star, mark := 0, 0, -1, 0
	for j < len(s) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, mark = i, j
			i++
		case i < len(pattern) && pattern[i] == s[j]:
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(pattern) && pattern[i] == '*' {
		i++
	}
	return i == len(pattern)
}
