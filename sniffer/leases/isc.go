package leases

import (
	"strconv"
	"strings"
	"time"
)

// isc reads the leases of ISC dhcpd (dhcpd.leases(5)): a block for each change
// of a lease, the newest last. Times are UTC, or seconds since 1970.
type isc struct {
	*builder
	open  bool // within a lease, or an address of an IPv6 association
	entry entry
	state string
	bad   Reason
}

func isISC(line string) bool {
	return isLease(line) ||
		strings.HasPrefix(line, "ia-na ") || strings.HasPrefix(line, "ia-pd ") || strings.HasPrefix(line, "server-duid ") ||
		strings.HasPrefix(line, "authoring-byte-order ") ||
		strings.HasPrefix(line, "#") && strings.Contains(line, "dhcpd.leases(5)")
}

// isLease reports whether a line begins a lease; it may hold the whole of it, or
// leave the brace to the next.
func isLease(line string) bool {
	word, rest := firstWord(line)
	addr, _, block := strings.Cut(rest, "{")
	if !block {
		addr, _, _ = strings.Cut(rest, "#")
	}
	_, ok := network(strings.TrimSpace(addr))
	return word == "lease" && (ok || block && strings.TrimSpace(rest[len(addr):]) == "{")
}

// line reads the statements of a line. dhcpd writes one on each; what others
// write may have many.
func (r *isc) line(s string) (bad Reason) {
	for s = strings.TrimSpace(s); s != "" && s[0] != '#'; s = strings.TrimSpace(s) {
		n := statementLength(s)
		if reason := r.one(s[:n]); bad == good {
			bad = reason
		}
		s = s[n:]
	}
	return bad
}

// statementLength is where the first statement of s ends: after its ";" or "{",
// and before a comment or the "}" that ends the block. Strings may hold all of
// these.
func statementLength(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';', c == '{':
			return i + 1
		case c == '#' && i > 0, c == '}' && i > 0:
			return i
		case c == '}':
			return 1
		}
	}
	return len(s)
}

// one reads one statement.
func (r *isc) one(s string) Reason {
	word, rest := firstWord(s)
	switch word {
	case "lease", "iaaddr", "iaprefix":
		r.open, r.state, r.bad = true, "", good
		r.entry = entry{from: always, until: never, inherit: true}
		var ok bool
		if r.entry.net, ok = network(strings.TrimSpace(strings.TrimSuffix(rest, "{"))); !ok {
			r.bad = ReasonAddress
		}
		return good
	case "}":
		return r.close()
	}
	if r.open {
		r.statement(word, strings.TrimSpace(rest))
	}
	return good
}

// firstWord splits s behind its first word, at blanks or tabs.
func firstWord(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], strings.TrimSpace(s[i:])
	}
	return s, ""
}

// close keeps the lease that ends here. Of one that is free again the entry
// still says who had it and until when.
func (r *isc) close() Reason {
	if !r.open {
		return good // of an association
	}
	r.open = false
	switch {
	case r.bad != good:
		return r.bad
	case r.state == "abandoned" || r.state == "backup":
		return good
	case r.state == "free" && r.entry.from == always:
		return good
	}
	return r.add(r.entry)
}

func (r *isc) end() Reason {
	if r.open {
		return ReasonSyntax // cut short
	}
	return good
}

func (r *isc) statement(word, rest string) {
	rest = strings.TrimSuffix(strings.TrimSpace(rest), ";")
	switch word {
	case "starts":
		r.setTime(&r.entry.from, rest, always)
	case "cltt": // of IPv6 addresses, which have no start
		if r.entry.from == always {
			r.setTime(&r.entry.from, rest, always)
		}
	case "ends":
		r.setTime(&r.entry.until, rest, never)
	case "binding":
		_, r.state = firstWord(rest)
	case "client-hostname":
		r.entry.device = unquote(rest)
	case "set": // ddns-fwd-name, ClientName: by configuration
		name, value, _ := strings.Cut(rest, "=")
		if strings.TrimSpace(name) == "ddns-fwd-name" && r.entry.device == "" {
			r.entry.device = unquote(strings.TrimSpace(value))
		}
	}
}

// setTime reads "1 2026/03/02 09:15:04", "epoch 1772442904" or "never".
func (r *isc) setTime(to *int64, s string, open int64) {
	day, rest := firstWord(s)
	switch day {
	case "never":
		*to = open
		return
	case "epoch":
		n, err := strconv.ParseInt(strings.TrimSpace(rest), 10, 64)
		sec, ok := epoch(n)
		if err != nil || !ok {
			r.bad = ReasonTime
		}
		*to = sec
		return
	}
	t, err := time.Parse("2006/01/02 15:04:05", strings.Join(strings.Fields(rest), " "))
	if err != nil {
		r.bad = ReasonTime
		return
	}
	*to = t.Unix()
}

// unquote returns a string of dhcpd, in which \ooo stands for a byte.
func unquote(s string) string {
	s = strings.TrimSuffix(strings.TrimPrefix(s, `"`), `"`)
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 >= len(s) {
			out = append(out, s[i])
			continue
		}
		i++
		if i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i:i+3], 8, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}
