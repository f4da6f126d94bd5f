package logs

import (
	"strings"
	"time"
)

// prefix is what stands before a message that came through syslog, journald or
// a container runtime.
type prefix struct {
	stamp string // the time as written, "" when there is none
	iso   bool   // stamp is RFC 3339, not that of RFC 3164
	tag   string // the program that wrote it, "dnsmasq[812]:", "" when there is none
}

// time returns when the message was written, zero when the prefix doesn't say.
func (p prefix) time(e *env) time.Time {
	if p.stamp == "" {
		return time.Time{}
	}
	if p.iso {
		t, _ := e.iso(p.stamp)
		return t
	}
	t, _ := e.bsd(p.stamp)
	return t
}

// bsd reads the time of RFC 3164, "Mar  2 09:15:04", with a year behind the day
// or behind the time as some devices write it, and a fraction.
func (e *env) bsd(s string) (time.Time, bool) {
	var d civil
	if len(s) < 15 {
		return time.Time{}, false
	}
	d.month = monthOf(s[:3])
	d.day = two(s, 4)
	if s[4] == ' ' {
		d.day = int(s[5]) - '0'
	}
	rest := s[7:]
	if len(rest) > 5 && rest[4] == ' ' {
		y, ok := number(rest[:4])
		if !ok {
			return time.Time{}, false
		}
		d.year, rest = int(y), rest[5:]
	}
	rest, ok := d.clock(rest)
	if !ok || d.month == 0 {
		return time.Time{}, false
	}
	if y, ok := number(strings.TrimPrefix(rest, " ")); ok {
		d.year = int(y)
	}
	if d.year != 0 {
		return e.local(d)
	}
	return e.yearless(d)
}

// peel takes the prefix off a line: <PRI>, then RFC 5424's header, or a time of
// RFC 3164 or RFC 3339 with an optional host and tag. A relay may have put one
// before the other: the inner tells more. ok is false when there is none.
func peel(s string) (msg string, p prefix, ok bool) {
	msg, p, ok = peelOnce(s)
	if ok && strings.HasPrefix(msg, "<") {
		if inner, q, ok := peelOnce(msg); ok {
			return inner, q, true
		}
	}
	return msg, p, ok
}

func peelOnce(s string) (msg string, p prefix, ok bool) {
	if strings.HasPrefix(s, dockerMark) {
		return peelDocker(s)
	}
	msg = s
	if rest, pri := cutPRI(msg); pri {
		if v, r := word(rest); v == "1" && strings.HasPrefix(rest, "1 ") {
			return peel5424(r)
		}
		msg, ok = rest, true
	}
	if n := bsdLen(msg); n > 0 {
		p.stamp, msg = msg[:n], msg[n:]
	} else if n := logreadLen(msg); n > 0 {
		p.stamp, msg = msg[4:n], msg[n:]
	} else if n := isoLen(msg); n > 0 {
		p.stamp, p.iso, msg = msg[:n], true, msg[n:]
	} else {
		return strings.TrimLeft(msg, " "), p, ok
	}
	msg, p.tag = peelTag(strings.TrimLeft(msg, " "))
	return strings.TrimLeft(strings.TrimPrefix(msg, "@cee:"), " "), p, true // the mark of JSON in syslog
}

// dockerMark begins each line that Docker's json-file driver writes:
//
//	{"log":"the line\n","stream":"stdout","time":"2026-03-02T09:15:04.25Z"}
const dockerMark = `{"log":"`

func peelDocker(s string) (msg string, p prefix, ok bool) {
	m := object(s)
	for m.next() {
		switch m.key {
		case "log":
			msg = strings.TrimRight(text(m.value), "\r\n")
		case "time":
			p.stamp, p.iso = text(m.value), true
		}
	}
	if m.bad || p.stamp == "" {
		return s, prefix{}, false
	}
	return msg, p, true
}

// cutPRI takes <0> to <191> off.
func cutPRI(s string) (string, bool) {
	if len(s) < 3 || s[0] != '<' {
		return s, false
	}
	i := strings.IndexByte(s[:min(len(s), 5)], '>')
	if i < 2 {
		return s, false
	}
	n, ok := number(s[1:i])
	if !ok || n > 191 {
		return s, false
	}
	return s[i+1:], true
}

// peel5424 reads TIMESTAMP HOSTNAME APP PROCID MSGID SD MSG (RFC 5424, section 6).
func peel5424(s string) (msg string, p prefix, ok bool) {
	stamp, s := word(s)
	if stamp != "-" {
		p.stamp, p.iso = stamp, true
	}
	for i := range 4 {
		var w string
		if w, s = word(s); s == "" {
			return "", p, true
		}
		if i == 1 && w != "-" {
			p.tag = w
		}
	}
	if strings.HasPrefix(s, "-") {
		s = s[1:]
	} else {
		s = skipSD(s)
	}
	s = strings.TrimPrefix(strings.TrimLeft(s, " "), "\uFEFF")
	return s, p, true
}

// skipSD moves behind structured data: elements in brackets, with quoted values
// in which a backslash escapes.
func skipSD(s string) string {
	for strings.HasPrefix(s, "[") {
		quoted, i := false, 1
		for ; i < len(s) && (quoted || s[i] != ']'); i++ {
			switch {
			case s[i] == '"':
				quoted = !quoted
			case quoted && s[i] == '\\':
				i++
			}
		}
		s = s[min(i+1, len(s)):]
	}
	return s
}

// bsdLen returns the length of the RFC 3164 time that s starts with, 0 for none.
func bsdLen(s string) int {
	if len(s) < 16 || s[3] != ' ' || s[6] != ' ' || monthOf(s[:3]) == 0 {
		return 0
	}
	n := 7
	if s[11] == ' ' && s[9] != ':' { // Mar  2 2026 09:15:04
		n = 12
	}
	var d civil
	rest, ok := d.clock(s[n:])
	if !ok || rest == "" || rest[0] != ' ' && rest[0] != ':' {
		return 0
	}
	return len(s) - len(rest)
}

// logreadLen is bsdLen for OpenWrt's "Mon Mar  2 09:15:04 2026 daemon.info ",
// whose facility goes too by passing for a host. The time begins at 4.
func logreadLen(s string) int {
	if len(s) < 25 || s[3] != ' ' || !isWeekday(s[:3]) || bsdLen(s[4:]) != 15 {
		return 0
	}
	if y, ok := number(s[20:24]); !ok || y < 1970 || s[24] != ' ' {
		return 0
	}
	return 24
}

// isoLen is bsdLen for RFC 3339. A space instead of the T is left to the
// formats that have it.
func isoLen(s string) int {
	var d civil
	rest, ok := d.date(s)
	if !ok || rest == "" || rest[0] != 'T' {
		return 0
	}
	if rest, ok = d.clock(rest[1:]); !ok {
		return 0
	}
	if _, r, zoned := offset(rest); zoned {
		rest = r
	}
	if rest == "" || rest[0] != ' ' {
		return 0
	}
	return len(s) - len(rest)
}

// peelTag takes host and tag ("named[812]:") off, either of which may be missing.
func peelTag(s string) (msg, tag string) {
	s = strings.TrimPrefix(s, ": ") // Cisco, without a host
	w, rest := word(s)
	if isTag(w) {
		return strings.TrimLeft(rest, " "), w
	}
	if !isHostWord(w) || rest == "" {
		return s, ""
	}
	next, r := word(rest)
	if (w == "stdout" || w == "stderr") && (next == "F" || next == "P") {
		return r, "" // the container runtime of Kubernetes
	}
	switch {
	case isTag(next), next == ":":
		return strings.TrimLeft(r, " "), next
	case w == "client": // BIND without category and severity
		return s, ""
	}
	return strings.TrimLeft(rest, " "), ""
}

func isHostWord(w string) bool {
	for i := 0; i < len(w); i++ {
		if c := w[i]; !(c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '.' || c == '-' || c == '_' || c == ':') {
			return false
		}
	}
	return w != "" && len(w) <= 255
}

// isTag recognises a program's name with an optional process id and a colon.
func isTag(w string) bool {
	if len(w) < 2 || len(w) > 64 || w[len(w)-1] != ':' {
		return false
	}
	w = w[:len(w)-1]
	if i := strings.IndexByte(w, '['); i > 0 && w[len(w)-1] == ']' {
		w = w[:i]
	}
	for i := 0; i < len(w); i++ {
		if c := w[i]; !(c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'z' || strings.IndexByte(".-_/()@", c) >= 0) {
			return false
		}
	}
	return true
}
