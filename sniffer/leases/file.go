package leases

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Reason says why a line could not be read.
type Reason string

// The reasons.
const (
	ReasonAddress Reason = "address"  // no address, or an unreadable one
	ReasonTime    Reason = "time"     // an unreadable time
	ReasonColumns Reason = "columns"  // too few of them
	ReasonQuoting Reason = "quoting"  // a quote without an end
	ReasonSyntax  Reason = "syntax"   // not of the format
	ReasonTooLong Reason = "too_long" // longer than 64 KiB
	ReasonTooMany Reason = "too_many" // beyond a million leases
	good          Reason = ""
)

// Report says how the reading of one file went.
type Report struct {
	File    string
	Format  string // csv, isc-dhcpd, kea, dnsmasq, windows-dhcp, radius-detail; "" when the file is empty
	Lines   int
	Leases  int
	Skipped map[Reason]int // lines that could not be read
	First   []Bad          // the first of them
	Notes   []string       // what was assumed
}

// Bad is a line that could not be read.
type Bad struct {
	Line   int // from 1
	Reason Reason
}

const (
	maxLine  = 64 << 10
	maxName  = 256 // bytes of a user or device
	maxFirst = 5
)

// reader reads the lines of one format. A record may span lines: then the
// reason is told where it ends. end is called after the last line.
type reader interface {
	line(s string) Reason
	end() Reason
}

// builder gathers the leases of one file (or of files that belong together).
type builder struct {
	report *Report
	leases []lease
	names  []string
	number map[string]uint32
	room   int // leases that may still be added
	local  *time.Location
	reader reader // chosen by the first lines
}

func newBuilder(room int, local *time.Location) *builder {
	return &builder{names: []string{""}, number: map[string]uint32{"": 0}, room: room, local: local}
}

// read reads all of r into b.
func (b *builder) read(r io.Reader, report *Report) error {
	b.report, b.reader = report, nil
	report.Skipped = make(map[Reason]int)
	in := bufio.NewReaderSize(r, maxLine)
	head, err := in.Peek(maxLine)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(strings.TrimSpace(string(head))) == 0 && errors.Is(err, io.EOF) {
		return nil
	}
	if b.reader = b.detect(string(head)); b.reader == nil {
		return errFormat
	}
	return b.lines(in)
}

// errFormat says what was looked for.
var errFormat = errors.New("the format is not recognised: it is none of CSV with a header that names an address and a user or device, " +
	"ISC dhcpd leases, Kea leases, dnsmasq leases, a Windows DHCP server log, FreeRADIUS accounting details")

func (b *builder) lines(in *bufio.Reader) error {
	for {
		line, err := in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("line %d: %w", b.report.Lines+1, err)
		}
		if len(line) > 0 {
			b.report.Lines++
			reason := ReasonTooLong
			if !long {
				reason = b.reader.line(text(line))
			}
			b.skip(reason)
		}
		if err != nil {
			b.skip(b.reader.end())
			return nil
		}
	}
}

// text returns a line as a string of its own, without its end and a byte order
// mark.
func text(line []byte) string {
	return strings.TrimPrefix(strings.TrimRight(string(line), "\r\n"), "\ufeff")
}

func (b *builder) skip(why Reason) {
	if why == good {
		return
	}
	b.report.Skipped[why]++
	if len(b.report.First) < maxFirst {
		b.report.First = append(b.report.First, Bad{b.report.Lines, why})
	}
}

// entry is a lease as a reader tells it.
type entry struct {
	net          netip.Prefix
	from, until  int64
	user, device string
	inherit      bool
}

// add keeps e. An entry that ends before it starts says nothing.
func (b *builder) add(e entry) Reason {
	if !e.net.IsValid() {
		return ReasonAddress
	}
	if e.from >= e.until {
		return good
	}
	if b.room <= 0 {
		return ReasonTooMany
	}
	b.room--
	b.report.Leases++
	bits := e.net.Bits()
	if e.net.Addr().Is4() {
		bits += 96
	}
	b.leases = append(b.leases, lease{
		addr: addressOf(e.net.Addr()).masked(bits), bits: uint8(bits), from: e.from, until: e.until,
		user: b.name(e.user), device: b.name(e.device), inherit: e.inherit,
	})
	return good
}

// release notes that nobody is known to have net any more.
func (b *builder) release(net netip.Prefix, at int64) Reason {
	n := b.report.Leases
	why := b.add(entry{net: net, from: at, until: never})
	b.report.Leases = n
	return why
}

// name returns the number of a name, which is cleaned: others choose it.
func (b *builder) name(s string) uint32 {
	s = clean(s)
	n, ok := b.number[s]
	if !ok {
		s = strings.Clone(s)
		n = uint32(len(b.names))
		b.names, b.number[s] = append(b.names, s), n
	}
	return n
}

// clean bounds a name and leaves nothing in it that steers a terminal.
func clean(s string) string {
	s = strings.TrimSpace(s)
	if s == "-" || s == "*" { // nothing known: CSV exports, dnsmasq
		return ""
	}
	if len(s) > maxName {
		cut := maxName
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// note says once what is assumed.
func (b *builder) note(s string) {
	for _, n := range b.report.Notes {
		if n == s {
			return
		}
	}
	b.report.Notes = append(b.report.Notes, s)
}

// network parses an address or a prefix.
func network(s string) (netip.Prefix, bool) {
	s = strings.TrimSpace(s)
	if strings.IndexByte(s, '/') >= 0 {
		p, err := netip.ParsePrefix(s)
		if err != nil || p.Addr().Is4In6() {
			return netip.Prefix{}, false
		}
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	a = a.Unmap().WithZone("")
	return netip.PrefixFrom(a, a.BitLen()), true
}
