package main

import (
	"encoding/binary"
	"encoding/json"
	"net/netip"
	"strconv"
	"time"

	"github.com/gnomon-proxy/gnomon/sniffer"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// observationLines makes the lines of `gnomon sniff`. A capture has millions:
// encoding/json would take twice as long as all the reading of packets, and
// nearly all that a line is made of was in one of those just before.
type observationLines struct {
	stamp     []byte    // RFC 3339, of that second
	begin     linePiece // of a line in that second; empty for no time, or a year that is too long
	second    int64
	pieces    *linePieces
	octets    [256]uint64 // the text, and in the upper half its length
	thousand  [1000]uint32
	addresses [addressTexts]addressText
	servers   [serverTexts]serverText
}

// serverTexts is how many servers have their part of a line at hand: resolvers are
// few, and in nearly all lines.
const serverTexts = 1 << 6

type serverText struct {
	addr netip.Addr
	port uint16
	n    uint8
	text [maxServerText]byte
}

// maxServerText bounds the keys and values of a server.
const maxServerText = len(`,"server":"","server_port":65535,"name":`) + maxAddressText

// addressTexts is how many IPv6 addresses have their text at hand; those of
// IPv4 are as quick to write as to find.
const addressTexts = 1 << 10

type addressText struct {
	addr netip.Addr
	n    uint8
	text [maxAddressText]byte
}

// maxAddressText bounds an address without zone, the only kind that packets have.
const maxAddressText = 39

// appendJSON appends the line of `gnomon sniff --json`. Other programs rely upon
// its keys.
func (l *observationLines) appendJSON(b []byte, o *sniffer.Observation) []byte {
	if b, ok := l.appendPlain(b, o); ok {
		return b
	}
	return l.appendAny(b, o)
}

// appendAny is appendJSON for any observation.
func (l *observationLines) appendAny(b []byte, o *sniffer.Observation) []byte {
	if b = append(b, '{'); !o.Time.IsZero() { // a Simple Packet Block of pcapng has none
		b = l.appendTime(append(b, `"time":"`...), o.Time, true)
		b = append(b, `",`...)
	}
	switch {
	case o.Sensor == traffic.SensorDNS && o.Kind == sniffer.KindQuery:
		b = append(b, `"sensor":"dns","kind":"query","client":"`...)
	case o.Sensor == traffic.SensorDNS && o.Kind == sniffer.KindReply:
		b = append(b, `"sensor":"dns","kind":"reply","client":"`...)
	default:
		b = append(append(b, `"sensor":"`...), o.Sensor...)
		b = append(append(b, `","kind":"`...), o.Kind...)
		b = append(b, `","client":"`...)
	}
	b = l.appendAddress(b, o.Client)
	b = appendPort(append(b, `","client_port":`...), o.ClientPort)
	b = l.appendServer(b, o.Server, o.ServerPort)
	b = appendJSONString(b, o.Name)
	switch {
	case o.Verdict.Service != "":
		b = appendJSONString(append(b, `,"service":`...), o.Verdict.Service)
	case o.JA4 == "":
		return append(b, `,"service":""}`+"\n"...)
	default:
		b = append(b, `,"service":""`...)
	}
	if o.JA4 != "" {
		b = append(append(append(b, `,"ja4":"`...), o.JA4...), `","browser":`...)
		b = strconv.AppendBool(b, o.Browser)
	}
	return append(b, "}\n"...)
}

// appendServer appends the keys and values of a server, and the key of the name.
func (l *observationLines) appendServer(b []byte, a netip.Addr, port uint16) []byte {
	if e := l.server(a, port); e != nil {
		return append(b, e.text[:e.n]...)
	}
	b = l.appendAddress(append(b, `,"server":"`...), a)
	return append(appendPort(append(b, `","server_port":`...), port), `,"name":`...)
}

// server returns what appendServer appends; nil when it is long.
func (l *observationLines) server(a netip.Addr, port uint16) *serverText {
	whole := a.As16()
	e := &l.servers[(binary.BigEndian.Uint64(whole[8:])^uint64(port))*0x9e3779b97f4a7c15>>32%serverTexts]
	if e.n > 0 && e.addr == a && e.port == port {
		return e
	}
	var room [2 * maxServerText]byte
	b := l.appendAddress(append(room[:0], `,"server":"`...), a)
	b = append(appendPort(append(b, `","server_port":`...), port), `,"name":`...)
	if len(b) > maxServerText {
		return nil
	}
	e.addr, e.port, e.n = a, port, uint8(copy(e.text[:], b))
	return e
}

// appendText appends the line that a person reads.
func (l *observationLines) appendText(b []byte, o *sniffer.Observation) []byte {
	if o.Time.IsZero() {
		b = append(b, noTime...)
	} else {
		b = l.appendTime(b, o.Time, false)
	}
	b = padded(b, string(o.Sensor), 5)
	b = padded(b, string(o.Kind), 5)
	for _, a := range [...]netip.Addr{o.Client, o.Server} {
		b = append(b, "  "...)
		end := len(b) + maxAddressText
		for b = l.appendAddress(b, a); len(b) < end; {
			b = append(b, ' ')
		}
	}
	b = append(append(b, "  "...), o.Name...)
	if o.Verdict.AI() {
		b = append(append(append(b, "  ["...), o.Verdict.Service...), ']')
	}
	if o.JA4 != "" {
		b = append(append(b, "  "...), o.JA4...)
		if o.Browser {
			b = append(b, "  browser"...)
		}
	}
	return append(b, '\n')
}

// noTime stands in the place of a time, as wide as one.
const noTime = "-                   "

// padded appends a gap and s, at least width wide.
func padded(b []byte, s string, width int) []byte {
	b = append(append(b, "  "...), s...)
	for range width - len(s) {
		b = append(b, ' ')
	}
	return b
}

// appendTime appends t in UTC as time.RFC3339 does, or time.RFC3339Nano.
func (l *observationLines) appendTime(b []byte, t time.Time, nano bool) []byte {
	if second := t.Unix(); second != l.second || l.stamp == nil {
		l.tick(t)
	}
	b = append(b, l.stamp...)
	if n := uint32(t.Nanosecond()); nano && n > 0 {
		if l.thousand[0] == 0 {
			l.spell()
		}
		at := len(b)
		b = append(b, ".000000000."...) // three digits at a time, and a byte behind them
		binary.LittleEndian.PutUint32(b[at+1:], l.thousand[n/1e6])
		binary.LittleEndian.PutUint32(b[at+4:], l.thousand[n/1e3%1e3])
		binary.LittleEndian.PutUint32(b[at+7:], l.thousand[n%1e3])
		for b = b[:at+10]; b[len(b)-1] == '0'; {
			b = b[:len(b)-1]
		}
	}
	return append(b, 'Z')
}

// tick notes the second that t is in.
func (l *observationLines) tick(t time.Time) {
	l.second, l.stamp = t.Unix(), t.UTC().AppendFormat(l.stamp[:0], "2006-01-02T15:04:05")
	l.begin = linePiece{}
	if begin := `{"time":"` + string(l.stamp); len(begin) < maxPiece && !t.IsZero() {
		l.begin = pieceOf(begin)
	}
}

// appendAddress appends a as its String does.
func (l *observationLines) appendAddress(b []byte, a netip.Addr) []byte {
	if a.Is4() {
		if l.octets[0] == 0 {
			l.spell()
		}
		n := len(b)
		b = append(b, "000.000.000.000."...)
		return b[:l.putAddress(b, n, a)]
	}
	whole := a.As16()
	hash := (binary.BigEndian.Uint64(whole[:8])*31 ^ binary.BigEndian.Uint64(whole[8:])) * 0x9e3779b97f4a7c15
	e := &l.addresses[hash>>32%addressTexts]
	if e.addr == a && e.n > 0 {
		return append(b, e.text[:e.n]...)
	}
	before := len(b)
	b = a.AppendTo(b)
	if n := len(b) - before; n <= maxAddressText {
		e.addr, e.n = a, uint8(copy(e.text[:], b[before:]))
	}
	return b
}

// spell fills the tables of numbers, each in decimal and a dot, the first digit
// lowest: those below 256 as they are in addresses, those below 1000 with three
// digits.
func (l *observationLines) spell() {
	for v := range l.octets {
		var text [4]byte
		n := copy(text[:], strconv.Itoa(v)+".") // four bytes, of which the next number may take some back
		l.octets[v] = uint64(n)<<32 | uint64(binary.LittleEndian.Uint32(text[:]))
	}
	for v := range l.thousand {
		l.thousand[v] = uint32(v/100) | uint32(v/10%10)<<8 | uint32(v%10)<<16 | '0'*0x010101 | '.'<<24
	}
}

// appendPort appends a number of up to five digits.
func appendPort(b []byte, port uint16) []byte {
	if port < 10 {
		return append(b, '0'+byte(port))
	}
	var text [5]byte
	at, v := len(text), uint32(port)
	for v > 0 {
		at--
		text[at] = '0' + byte(v%10)
		v /= 10
	}
	return append(b, text[at:]...)
}

// appendJSONString appends s as JSON, which for nearly every name is s in quotes.
func appendJSONString(b []byte, s string) []byte {
	if plainJSON(s) {
		return append(append(append(b, '"'), s...), '"')
	}
	before := len(b)
	b = append(b, '"')
	for i := range len(s) { // a name with odd bytes, as they are shown: \DDD
		switch c := s[i]; {
		case c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c > '~' || c == '"' || c == '<' || c == '>' || c == '&':
			quoted, _ := json.Marshal(s) // a string: never fails
			return append(b[:before], quoted...)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// plainJSON reports whether s is printable ASCII that means itself in JSON. It
// looks at eight bytes at a time.
func plainJSON(s string) bool {
	for ; len(s) >= 8; s = s[8:] {
		if maybeOdd(eightOf(s)) {
			return plainBytes(s)
		}
	}
	return plainBytes(s)
}

// eightOf returns the first eight bytes of s as a number, in one go.
func eightOf(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// maybeOdd reports whether a byte of w may be one that plainBytes refuses.
func maybeOdd(w uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	quote, slash := w^ones*'"', w^ones*'\\'
	return (w|(w-ones*' ')|(quote-ones)|(slash-ones)|(w+ones))&tops != 0
}

func plainBytes(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
