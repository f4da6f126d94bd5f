package logs

import (
	"net/netip"
	"strings"
	"time"
)

// Answers are the addresses that a resolver gave for the Host of a Record, as
// the log tells them: they are read when Each is called.
type Answers struct {
	list, ttls string
	shape      answerShape
}

// answerShape is how a log writes answers.
type answerShape uint8

const (
	answerWords   answerShape = iota // edge.example.net,203.0.113.20, TTLs alike
	answerStrings                    // a JSON array of strings, TTLs an array too
	answerObjects                    // a JSON array of objects
)

// DefaultTTL is how long an answer is taken to hold where the log tells no TTL:
// longer than most names of AI services have, as flows are logged late, and short
// enough that an address seldom changed hands.
const DefaultTTL = 15 * time.Minute

// maxAnswers bounds what one lookup makes us learn.
const maxAnswers = 64

// Any reports whether there may be answers.
func (a *Answers) Any() bool { return a.list != "" }

// Each calls learn with each address and for how long it holds: the least TTL on
// the way to it, or DefaultTTL.
func (a *Answers) Each(learn func(addr netip.Addr, ttl time.Duration)) {
	list, ttls, least := a.list, a.ttls, DefaultTTL
	told := false // least is what the log says
	for range maxAnswers {
		value, ttl, rest, restTTLs, ok := a.next(list, ttls)
		if !ok {
			return
		}
		list, ttls = rest, restTTLs
		if d, ok := answerTTL(ttl); ok && (!told || d < least) {
			least, told = d, true
		}
		if addr, ok := address(value); ok {
			learn(addr, least)
		}
	}
}

// next takes the first answer off.
func (a *Answers) next(list, ttls string) (value, ttl, rest, restTTLs string, ok bool) {
	if a.shape == answerWords {
		if list == "" {
			return
		}
		value, rest, _ = cutByte(list, ',')
		ttl, restTTLs, _ = cutByte(ttls, ',')
		return value, ttl, rest, restTTLs, true
	}
	value, rest, ok = element(list)
	if a.shape == answerStrings {
		ttl, restTTLs, _ = element(ttls)
		return text(value), text(ttl), rest, restTTLs, ok
	}
	value, ttl = answerOf(value)
	return value, ttl, rest, "", ok
}

// element takes the first element off a JSON array, whose rest may lack its
// opening bracket.
func element(array string) (raw, rest string, ok bool) {
	s := space(array)
	if s == "" || s[0] == ']' {
		return "", "", false
	}
	if s[0] == '[' || s[0] == ',' {
		s = space(s[1:])
	}
	n := valueEnd(s)
	if n <= 0 {
		return "", "", false
	}
	return s[:n], s[n:], true
}

// answerOf reads one record of Suricata or of Route 53. Records that hold no
// address are passed over, but for their TTL.
func answerOf(raw string) (value, ttl string) {
	kind := "A"
	m := object(raw)
	for m.next() {
		switch m.key {
		case "rdata", "Rdata":
			value = text(m.value)
		case "rrtype", "Type":
			kind = text(m.value)
		case "ttl":
			ttl = text(m.value)
		}
	}
	if kind != "A" && kind != "AAAA" {
		value = ""
	}
	return value, ttl
}

// answerTTL reads seconds, which may have a fraction.
func answerTTL(s string) (time.Duration, bool) {
	s, _, _ = strings.Cut(s, ".")
	n, ok := number(s)
	if !ok || n > 1<<31 { // RFC 2181, section 8
		return 0, false
	}
	return time.Duration(n) * time.Second, true
}
