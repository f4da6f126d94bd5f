package classifier

import (
	"fmt"
	"slices"
	"strings"
)

// accountPattern is "host/path" in which a label or segment holds "{org}" or
// "{plan}".
type accountPattern struct {
	host []string // labels, the last first; "*" in them as in a host rule; the host may have more before
	path []string // segments from the start
}

func newAccountPattern(v string) (accountPattern, error) {
	host, path, _ := strings.Cut(v, "/")
	if host == "" {
		return accountPattern{}, fmt.Errorf("%q: want a host", v)
	}
	p := accountPattern{host: strings.Split(host, ".")}
	slices.Reverse(p.host)
	if path != "" {
		p.path = strings.Split(path, "/")
	}
	return p, nil
}

// match reports whether the pattern holds, and what its holes contain.
func (p *accountPattern) match(host, path string) (org, plan string, ok bool) {
	for _, want := range p.host {
		var label string
		if host == "" {
			return "", "", false
		}
		label, host = lastLabel(host)
		if !fill(want, label, &org, &plan) {
			return "", "", false
		}
	}
	if len(p.path) > 0 {
		path = strings.TrimPrefix(cleanPath(path), "/")
	}
	for _, want := range p.path {
		if want == "" { // a final slash
			break
		}
		if path == "" {
			return "", "", false
		}
		var seg string
		seg, path, _ = strings.Cut(path, "/")
		if !fill(want, seg, &org, &plan) {
			return "", "", false
		}
	}
	return org, plan, true
}

// fill matches one label or segment.
func fill(want, got string, org, plan *string) bool {
	i, j := strings.IndexByte(want, '{'), strings.IndexByte(want, '}')
	if i < 0 || j < i {
		return globMatch(want, got)
	}
	if before := want[:i]; before != "" {
		cut := strings.IndexByte(got, before[len(before)-1])
		if cut < 0 || !globMatch(before, got[:cut+1]) {
			return false
		}
		got = got[cut+1:]
	}
	got, ok := strings.CutSuffix(got, want[j+1:])
	if !ok || got == "" {
		return false
	}
	switch want[i+1 : j] {
	case "org":
		*org = got
	case "plan":
		*plan = got
	}
	return true
}
