package leases

import (
	"strings"
	"time"
)

// csv reads tables whose header names the columns: an address (or network),
// a user or a device or both, and optionally when they had it.
type csv struct {
	*builder
	sep     byte
	fields  []string
	at      [5]int // columns, from 1; 0: there is none
	started bool   // the header was read
}

// The columns.
const (
	colAddress = iota
	colUser
	colDevice
	colFrom
	colUntil
)

// columnNames are the names by which a header tells what a column holds.
var columnNames = [...][]string{
	colAddress: {"address", "ip", "ip address", "ip_address", "ipaddress", "client", "client_ip", "network", "prefix", "cidr", "subnet"},
	colUser:    {"user", "username", "user name", "user_name", "login", "owner"},
	colDevice:  {"device", "host", "hostname", "host name", "host_name", "name", "computer"},
	colFrom:    {"from", "start", "starts", "since", "begin", "valid_from"},
	colUntil:   {"until", "end", "ends", "to", "expires", "expiry", "valid_until"},
}

// newCSV returns a reader for what header promises, nil when it names no
// address or nobody who has it.
func newCSV(b *builder, header string) *csv {
	for _, sep := range []byte{',', ';', '\t'} {
		c := &csv{builder: b, sep: sep}
		fields, ok := cut(header, sep, nil)
		if !ok {
			continue
		}
		for i, f := range fields {
			for col, names := range columnNames {
				for _, name := range names {
					if c.at[col] == 0 && strings.EqualFold(strings.TrimSpace(f), name) {
						c.at[col] = i + 1
					}
				}
			}
		}
		if c.at[colAddress] > 0 && (c.at[colUser] > 0 || c.at[colDevice] > 0) {
			return c
		}
	}
	return nil
}

func (c *csv) line(s string) Reason {
	if s == "" || s[0] == '#' {
		return good
	}
	if !c.started {
		c.started = true
		return good
	}
	var ok bool
	if c.fields, ok = cut(s, c.sep, c.fields[:0]); !ok {
		return ReasonQuoting
	}
	if len(c.fields) < c.at[colAddress] {
		return ReasonColumns
	}
	e := entry{from: always, until: never, user: c.field(colUser), device: c.field(colDevice)}
	if e.net, ok = network(c.field(colAddress)); !ok {
		return ReasonAddress
	}
	if e.from, ok = c.time(c.field(colFrom), always); !ok {
		return ReasonTime
	}
	if e.until, ok = c.time(c.field(colUntil), never); !ok {
		return ReasonTime
	}
	if len(c.field(colUntil)) == len(time.DateOnly) && strings.IndexByte(c.field(colUntil), '-') == 4 {
		e.until += 24 * 60 * 60 // the last day
	}
	return c.add(e)
}

func (c *csv) end() Reason { return good }

func (c *csv) field(col int) string {
	if i := c.at[col]; i > 0 && i <= len(c.fields) {
		return strings.TrimSpace(c.fields[i-1])
	}
	return ""
}

// cut appends the fields of a line to dst. A field may stand in quotes, with
// quotes in it doubled (RFC 4180). ok is false when a quote has no end.
func cut(line string, sep byte, dst []string) (fields []string, ok bool) {
	for {
		if !strings.HasPrefix(line, `"`) {
			i := strings.IndexByte(line, sep)
			if i < 0 {
				return append(dst, line), true
			}
			dst, line = append(dst, line[:i]), line[i+1:]
			continue
		}
		f, rest, ok := quoted(line[1:])
		if !ok {
			return dst, false
		}
		dst = append(dst, f)
		switch {
		case rest == "":
			return dst, true
		case rest[0] != sep:
			return dst, false
		}
		line = rest[1:]
	}
}

// quoted returns what stands before the closing quote, and what after it.
func quoted(s string) (field, rest string, ok bool) {
	doubled := false
	for i := 0; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			doubled = true
			i++
			continue
		}
		field = s[:i]
		if doubled {
			field = strings.ReplaceAll(field, `""`, `"`)
		}
		return field, s[i+1:], true
	}
	return "", "", false
}
