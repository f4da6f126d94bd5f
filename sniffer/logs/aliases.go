package logs

import "strings"

// aliases remembers for which name a resolver followed others, where a log tells
// each record of a reply in a line of its own. The zero value is ready.
type aliases struct {
	ring [64]struct{ name, asked string } // a line's reply follows close behind
	next int
}

// note says that asked led to name.
func (a *aliases) note(name, asked string) {
	if name == "" || name == asked {
		return
	}
	a.ring[a.next] = struct{ name, asked string }{strings.Clone(name), strings.Clone(asked)}
	a.next = (a.next + 1) % len(a.ring)
}

// asked returns the name that led to this one, which may be itself.
func (a *aliases) asked(name string) string {
	for i := range a.ring {
		if at := &a.ring[(a.next+len(a.ring)-1-i)%len(a.ring)]; at.name == name && name != "" {
			return at.asked
		}
	}
	return name
}
