package logs

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
)

// word cuts the first word off s: what stands before the next run of spaces.
func word(s string) (w, rest string) {
	for s != "" && s[0] == ' ' {
		s = s[1:]
	}
	i := 0
	for ; i+8 <= len(s); i += 8 { // words are short: strings.IndexByte would cost more to call
		if hits := match(binary.LittleEndian.Uint64([]byte(s[i:i+8])), ' '); hits != 0 { // not copied
			i += bits.TrailingZeros64(hits) / 8
			return s[:i], s[i+1:]
		}
	}
	for ; i < len(s); i++ {
		if s[i] == ' ' {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// words is word for as many as w has room for; it returns how many there are.
// Spaces are looked for in eight bytes at a time, whatever words they are between.
func words(s string, w []string) (n int) {
	start, at := 0, 0
	for ; at+8 <= len(s); at += 8 {
		for hits := match(binary.LittleEndian.Uint64([]byte(s[at:at+8])), ' '); hits != 0; hits &= hits - 1 { // not copied
			end := at + bits.TrailingZeros64(hits)/8
			if end > start {
				if w[n] = s[start:end]; n == len(w)-1 {
					return len(w)
				}
				n++
			}
			start = end + 1
		}
	}
	for s = s[start:]; s != "" && n < len(w); n++ { // the last few bytes
		if w[n], s = word(s); w[n] == "" {
			break
		}
	}
	return n
}

// match returns the upper bit of each of the eight bytes of w that is c.
func match(w uint64, c byte) uint64 {
	const ones, low = 0x0101010101010101, 0x7f7f7f7f7f7f7f7f
	w ^= ones * uint64(c)
	return ^(w&low + low | w | low)
}

// number reads a decimal count without sign.
func number(s string) (n int64, ok bool) {
	if len(s) == 0 || len(s) > 18 { // 18 digits can't overflow
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	return n, true
}

// count is number where "-" and "" stand for none.
func count(s string) (n int64, ok bool) {
	if s == "" || s == "-" {
		return 0, true
	}
	return number(s)
}

// address reads an IP address, in brackets or not, and takes zone and IPv4 map off.
func address(s string) (netip.Addr, bool) {
	if len(s) < 2 || len(s) > 64 {
		return netip.Addr{}, false
	}
	if a, ok := plainIPv4(s); ok { // most are
		return a, true
	}
	if s[0] == '[' && s[len(s)-1] == ']' {
		s = s[1 : len(s)-1]
	}
	if i := strings.IndexByte(s, '%'); i > 0 {
		s = s[:i]
	}
	a, err := netip.ParseAddr(s)
	return a.Unmap(), err == nil
}

// plainIPv4 reads a dotted address without leading zeros, as netip.ParseAddr
// would.
func plainIPv4(s string) (netip.Addr, bool) {
	var v uint32
	for field := 0; s != ""; field++ {
		n := uint32(s[0] - '0')
		if n > 9 {
			return netip.Addr{}, false
		}
		s = s[1:]
		for more := 2; n > 0 && more > 0 && s != "" && s[0]-'0' <= 9; more-- {
			n = n*10 + uint32(s[0]-'0')
			s = s[1:]
		}
		if v = v<<8 | n; n > 255 {
			return netip.Addr{}, false
		}
		if field == 3 {
			return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}), s == ""
		}
		if s == "" || s[0] != '.' {
			return netip.Addr{}, false
		}
		s = s[1:]
	}
	return netip.Addr{}, false
}

// addressPort reads an address and port of two columns; a port that is no port
// counts as 0.
func addressPort(addr, port string) netip.AddrPort {
	a, ok := address(addr)
	if !ok {
		return netip.AddrPort{}
	}
	n, ok := number(port)
	if !ok || n > 65535 {
		n = 0
	}
	return netip.AddrPortFrom(a, uint16(n))
}

// dash returns s, or "" where a log writes "-" for none.
func dash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// hostOfURL returns the host, with its port, of a URL with or without scheme, or
// of the host:port of a CONNECT; it is not canonical yet.
func hostOfURL(u string) string {
	u = cutScheme(u)
	start := 0
	for i := 0; i < len(u); i++ {
		switch hostMarks[u[i]] {
		case endsHost:
			return u[start:i]
		case endsUser:
			start = i + 1
		}
	}
	return u[start:]
}

// What a byte says of where the host of a URL is.
const (
	endsHost = 1 + iota
	endsUser
)

var hostMarks = [256]uint8{'/': endsHost, '?': endsHost, '#': endsHost, '\\': endsHost /* browsers take it for / */, '@': endsUser}

// cutScheme takes "https://" off. A URL behind a path or in a query has one too.
func cutScheme(u string) string {
	i := strings.IndexByte(u, ':')
	if i < 0 || !strings.HasPrefix(u[i:], "://") {
		return u
	}
	for j := range i {
		if c := u[j]; c|0x20 < 'a' && c-'0' > 9 && c != '+' && c != '-' && c != '.' || c|0x20 > 'z' {
			return u
		}
	}
	return u[i+3:]
}

// unpercent decodes %XX; what isn't an escape stays. It allocates only when
// there is one.
func unpercent(s string) string {
	i := strings.IndexByte(s, '%')
	if i < 0 {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(n))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// share scores a head: the percentage of its lines that fits says are of the
// format. Empty lines and comments (#) don't count.
func share(head []string, fits func(line string) bool) int {
	all, good := 0, 0
	for _, s := range head {
		if s == "" || s[0] == '#' {
			continue
		}
		all++
		if fits(s) {
			good++
		}
	}
	if all == 0 {
		return 0
	}
	return good * 100 / all
}
